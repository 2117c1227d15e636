package db

import (
	"context"
	"fmt"
	"time"

	"neptun/db/sqlcgen"
)

// Audit is a note of who did what to what.
type Audit struct {
	ID       int64
	At       time.Time
	GitHubID int64
	Login    string
	Action   string // a verb and its object: "suspend installation"
	Subject  string // what it was done to: "acme", never a secret
}

// NoteAudit writes down what a person did.
func (d *DB) NoteAudit(ctx context.Context, person User, action, subject string) error {
	err := d.write.InsertAudit(ctx, sqlcgen.InsertAuditParams{
		At: millis(d.now()), GitHubID: person.GitHubID, Login: person.Login, Action: action, Subject: subject,
	})
	if err != nil {
		return fmt.Errorf("db: note audit: %w", err)
	}
	return nil
}

// ListAudit lists the latest notes first: those before an id, or all where it
// is zero.
func (d *DB) ListAudit(ctx context.Context, before int64, most int) ([]Audit, error) {
	rows, err := d.read.ListAudit(ctx, sqlcgen.ListAuditParams{BeforeID: before, Most: int32(most)})
	if err != nil {
		return nil, fmt.Errorf("db: list audit: %w", err)
	}
	list := make([]Audit, 0, len(rows))
	for _, row := range rows {
		list = append(list, Audit{
			ID: row.ID, At: fromMillis(row.At), GitHubID: row.GitHubID, Login: row.Login, Action: row.Action, Subject: row.Subject,
		})
	}
	return list, nil
}
