package db

import (
	"context"
	"fmt"

	"neptun/db/sqlcgen"
)

// Versions says what the reply of a published endpoint is a function of:
// while none of the numbers changes, neither does a byte of the reply. They
// come with the credential, so that a cached reply is as authorized as a new one.
type Versions struct {
	UserID string
	// Confirmed is as in Credential.
	Confirmed bool
	// RecordID is zero where the person has no such record.
	RecordID int64
	// Person counts the changes to which installations the person has, Records
	// those to the record or records in play and to GitHub's facts behind them.
	Person, Records int64
}

// InstallationsVersions tells the versions behind a person's list of
// installations. The error is ErrNotFound for a token of no live session.
func (d *DB) InstallationsVersions(ctx context.Context, tokenHash string) (Versions, error) {
	return installationsVersions(ctx, d.read, d, tokenHash)
}

func installationsVersions(ctx context.Context, q *sqlcgen.Queries, d *DB, tokenHash string) (Versions, error) {
	row, err := q.InstallationsVersions(ctx, sqlcgen.InstallationsVersionsParams{
		ConfirmedAfter: d.confirmedAfter(), TokenHash: tokenHash, Now: millis(d.now()),
	})
	if err != nil {
		return Versions{}, fmt.Errorf("db: read versions: %w", found(err))
	}
	return Versions{
		UserID: row.UserID, Confirmed: row.Confirmed, Person: row.UserVersion, Records: row.RecordsVersion,
	}, nil
}

// ImportsVersions tells the versions behind the imports of one record. The
// error is ErrNotFound for a token of no live session.
func (d *DB) ImportsVersions(ctx context.Context, tokenHash string, recordID int64) (Versions, error) {
	return importsVersions(ctx, d.read, d, tokenHash, recordID)
}

func importsVersions(ctx context.Context, q *sqlcgen.Queries, d *DB, tokenHash string, recordID int64) (Versions, error) {
	row, err := q.ImportsVersions(ctx, sqlcgen.ImportsVersionsParams{
		ConfirmedAfter: d.confirmedAfter(), RecordID: recordID, TokenHash: tokenHash, Now: millis(d.now()),
	})
	if err != nil {
		return Versions{}, fmt.Errorf("db: read versions: %w", found(err))
	}
	return Versions{
		UserID: row.UserID, Confirmed: row.Confirmed, RecordID: row.RecordID, Records: row.RecordsVersion,
	}, nil
}
