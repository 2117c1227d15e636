package db

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"neptun/db/sqlcgen"
)

// AuditEntry is an entry of the audit log: who did what to what, and from where.
type AuditEntry struct {
	ID int64
	At time.Time
	// LastAt and RequestID are those of the last entry of a group, and Count its size.
	LastAt   time.Time
	Count    int64
	GitHubID int64  // 0 if unknown
	Login    string // theirs at that time
	Action   string // a verb and its object: "suspend installation"
	Subject  string // the object of the action: "acme", never a secret
	IP       string
	// Via is "session" or a value of ViaToken; "" without a credential.
	Via       string
	RequestID string
	// Grouped merges equal entries of the same hour. Actions that can be repeated without
	// limit need it.
	Grouped bool
}

// ViaSession is the Via of actions with a session.
const ViaSession = "session"

// ViaWebhook is the Via of actions on GitHub.
const ViaWebhook = "webhook"

// ViaToken returns the Via of actions with an API token.
func ViaToken(id int64) string { return fmt.Sprintf("token %d", id) }

// maxAuditText is the maximum length of each text of an entry, in bytes.
const maxAuditText = 500

// AddAudit writes an entry, or counts it with equal ones if it is grouped. At is
// now, and Count at least 1.
func (d *DB) AddAudit(ctx context.Context, entry AuditEntry) error {
	return d.insertAudit(ctx, d.write, entry)
}

func (d *DB) insertAudit(ctx context.Context, q *sqlcgen.Queries, entry AuditEntry) error {
	now := d.now()
	if client, ok := ctx.Value(clientKey{}).(Client); ok && entry.IP == "" {
		entry.IP, entry.RequestID = client.IP, client.RequestID
	}
	for _, text := range []*string{&entry.Subject, &entry.Login, &entry.IP, &entry.RequestID} {
		*text = validText((*text)[:min(len(*text), maxAuditText)])
	}
	group := ""
	if entry.Grouped {
		group = hashToken(entry.group(now))
	}
	err := q.InsertAudit(ctx, sqlcgen.InsertAuditParams{
		At: millis(now), GitHubID: entry.GitHubID, Login: entry.Login, Action: entry.Action, Subject: entry.Subject,
		IP: entry.IP, Via: entry.Via, RequestID: entry.RequestID, Count: max(1, entry.Count), GroupKey: group,
	})
	if err != nil {
		return fmt.Errorf("db: add audit entry: %w", err)
	}
	return nil
}

type clientKey struct{}

// WithClient returns a context whose audit entries contain the client and the request by
// default.
func WithClient(ctx context.Context, client Client) context.Context {
	return context.WithValue(ctx, clientKey{}, client)
}

// group returns the key that equal entries of an hour share.
func (e AuditEntry) group(now time.Time) string {
	texts := []string{e.Login, e.Action, e.Subject, e.IP, e.Via}
	return fmt.Sprint(now.Unix()/3600, " ", e.GitHubID) + "\n" + strings.Join(texts, "\n")
}

// AuditFilter selects entries. Empty fields select all.
type AuditFilter struct {
	Action, Login, IP, RequestID string
	Since, Until                 time.Time
	// Before and After are ids.
	Before, After int64
}

// ListAudit lists entries, the latest first.
func (d *DB) ListAudit(ctx context.Context, filter AuditFilter, limit int) ([]AuditEntry, error) {
	filter = filter.complete()
	rows, err := d.read.ListAudit(ctx, sqlcgen.ListAuditParams{
		BeforeID: filter.Before, AfterID: filter.After, Action: filter.Action, Login: strings.ToLower(filter.Login), IP: filter.IP,
		RequestID: filter.RequestID, Since: millis(filter.Since), Until: millis(filter.Until), RowLimit: int32(limit),
	})
	return toAudit(rows, err)
}

// ExportAudit lists entries after one, the oldest first, so that a reader can continue
// where it stopped. It ignores the filter's Before.
func (d *DB) ExportAudit(ctx context.Context, filter AuditFilter, limit int) ([]AuditEntry, error) {
	filter = filter.complete()
	rows, err := d.read.ExportAudit(ctx, sqlcgen.ExportAuditParams{
		AfterID: filter.After, Action: filter.Action, Login: strings.ToLower(filter.Login), IP: filter.IP,
		RequestID: filter.RequestID, Since: millis(filter.Since), Until: millis(filter.Until), RowLimit: int32(limit),
	})
	return toAudit(rows, err)
}

// AuditVersion identifies the entries up to a time: it changes when they do.
func (d *DB) AuditVersion(ctx context.Context, until time.Time) (string, error) {
	row, err := d.read.GetAuditVersion(ctx, millis(until))
	if err != nil {
		return "", fmt.Errorf("db: read the version of the audit log: %w", err)
	}
	return fmt.Sprint(row), nil
}

func (f AuditFilter) complete() AuditFilter {
	if f.Before == 0 {
		f.Before = math.MaxInt64
	}
	if f.Until.IsZero() {
		f.Until = time.UnixMilli(math.MaxInt64)
	}
	return f
}

// ListAuditOfUser lists a user's actions, the latest first: those before an id, or all if
// it is zero.
func (d *DB) ListAuditOfUser(ctx context.Context, gitHubID, before int64, limit int) ([]AuditEntry, error) {
	if before == 0 {
		before = math.MaxInt64
	}
	rows, err := d.read.ListAuditOfUser(ctx, sqlcgen.ListAuditOfUserParams{GitHubID: gitHubID, BeforeID: before, RowLimit: int32(limit)})
	return toAudit(rows, err)
}

func toAudit(rows []sqlcgen.Audit, err error) ([]AuditEntry, error) {
	if err != nil {
		return nil, fmt.Errorf("db: list audit: %w", err)
	}
	list := make([]AuditEntry, 0, len(rows))
	for _, row := range rows {
		list = append(list, AuditEntry{
			ID: row.ID, At: fromMillis(row.At), LastAt: fromMillis(max(row.At, row.LastAt)), Count: row.Count,
			GitHubID: row.GitHubID, Login: row.Login, Action: row.Action, Subject: row.Subject,
			IP: row.IP, Via: row.Via, RequestID: row.RequestID,
		})
	}
	return list, nil
}

// CountCreatedTokens counts the tokens that a user created since.
func (d *DB) CountCreatedTokens(ctx context.Context, gitHubID int64, since time.Time) (int64, error) {
	n, err := d.read.CountCreatedTokens(ctx, sqlcgen.CountCreatedTokensParams{GitHubID: gitHubID, Since: millis(since)})
	if err != nil {
		return 0, fmt.Errorf("db: count created tokens: %w", err)
	}
	return n, nil
}
