package db

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"neptun/db/sqlcgen"
)

// Versions says what the reply of a published endpoint is a function of:
// while none of the numbers changes, neither does a byte of the reply. They
// come with the credential, so that a cached reply is as authorized as a new one.
type Versions struct {
	UserID string
	// Confirmed is as in Credential.
	Confirmed bool
	// Restriction is part of what a reply is a function of.
	Restriction Restriction
	// RecordID is zero where the person has no such record.
	RecordID int64
	// Person counts the changes to which installations the person has, Records
	// those to the record or records in play and to GitHub's facts behind them.
	Person, Records int64
}

// InstallationsVersions tells the versions behind a person's list of
// installations. The error is ErrNotFound for a key of no live credential.
func (d *DB) InstallationsVersions(ctx context.Context, key string) (Versions, error) {
	return installationsVersions(ctx, d.read, d, key)
}

func installationsVersions(ctx context.Context, q *sqlcgen.Queries, d *DB, key string) (Versions, error) {
	if hash, ok := strings.CutPrefix(key, scriptKey); ok {
		row, err := q.ScriptInstallationsVersions(ctx, sqlcgen.ScriptInstallationsVersionsParams{
			ConfirmedAfter: d.confirmedAfter(), TokenHash: hash, Now: millis(d.now()),
		})
		if err != nil {
			return Versions{}, fmt.Errorf("db: read versions: %w", found(err))
		}
		return Versions{
			UserID: row.UserID, Confirmed: row.Confirmed, Restriction: Restriction(row.Restriction),
			Person: row.UserVersion, Records: row.RecordsVersion,
		}, nil
	}
	row, err := q.InstallationsVersions(ctx, sqlcgen.InstallationsVersionsParams{
		ConfirmedAfter: d.confirmedAfter(), TokenHash: key, Now: millis(d.now()),
	})
	if err != nil {
		return Versions{}, fmt.Errorf("db: read versions: %w", found(err))
	}
	return Versions{
		UserID: row.UserID, Confirmed: row.Confirmed, Person: row.UserVersion, Records: row.RecordsVersion,
	}, nil
}

// ImportsVersions tells the versions behind the imports of one record. The
// error is ErrNotFound for a key of no live credential.
func (d *DB) ImportsVersions(ctx context.Context, key string, recordID int64) (Versions, error) {
	return importsVersions(ctx, d.read, d, key, recordID)
}

func importsVersions(ctx context.Context, q *sqlcgen.Queries, d *DB, key string, recordID int64) (Versions, error) {
	if hash, ok := strings.CutPrefix(key, scriptKey); ok {
		row, err := q.ScriptImportsVersions(ctx, sqlcgen.ScriptImportsVersionsParams{
			ConfirmedAfter: d.confirmedAfter(), RecordID: recordID, TokenHash: hash, Now: millis(d.now()),
		})
		if err != nil {
			return Versions{}, fmt.Errorf("db: read versions: %w", found(err))
		}
		return Versions{
			UserID: row.UserID, Confirmed: row.Confirmed, Restriction: Restriction(row.Restriction),
			RecordID: row.RecordID, Records: row.RecordsVersion,
		}, nil
	}
	row, err := q.ImportsVersions(ctx, sqlcgen.ImportsVersionsParams{
		ConfirmedAfter: d.confirmedAfter(), RecordID: recordID, TokenHash: key, Now: millis(d.now()),
	})
	if err != nil {
		return Versions{}, fmt.Errorf("db: read versions: %w", found(err))
	}
	return Versions{
		UserID: row.UserID, Confirmed: row.Confirmed, RecordID: row.RecordID, Records: row.RecordsVersion,
	}, nil
}

// InstallationsSnapshot reads a person's installations together with the
// versions they stand under.
func (d *DB) InstallationsSnapshot(ctx context.Context, key string, window Window) (versions Versions, list []Installation, err error) {
	err = d.snapshot(ctx, func(_ *sql.Tx, q *sqlcgen.Queries) error {
		if versions, err = installationsVersions(ctx, q, d, key); err != nil {
			return err
		}
		list, err = publishedInstallations(ctx, q, versions, window)
		return err
	})
	return versions, list, err
}

// publishedInstallations lists what the published reply shows of a person's
// installations; the other fields stay empty.
func publishedInstallations(ctx context.Context, q *sqlcgen.Queries, of Versions, window Window) ([]Installation, error) {
	rows, err := q.ListPublishedInstallations(ctx, sqlcgen.ListPublishedInstallationsParams{
		UserID: of.UserID, Restriction: int64(of.Restriction), Most: window.sqlLimit(), Skipped: int64(window.Offset),
	})
	if err != nil {
		return nil, fmt.Errorf("db: list installations: %w", err)
	}
	list := make([]Installation, 0, len(rows))
	for _, row := range rows {
		list = append(list, Installation{
			ID:                  row.ID,
			UserID:              row.UserID,
			GitHubID:            row.GitHubID,
			Account:             Account{Kind: row.Kind, Login: row.Login, AvatarURL: row.AvatarURL},
			RepositorySelection: row.RepositorySelection,
			SuspendedAt:         fromMillis(row.SuspendedAt),
			RepositoryCount:     row.RepositoryCount,
			ImportCount:         row.ImportCount,
			SyncedAt:            fromMillis(row.SyncedAt),
			CreatedAt:           fromMillis(row.CreatedAt),
			UpdatedAt:           fromMillis(row.UpdatedAt),
		})
	}
	return list, nil
}

// ImportsSnapshot reads the imports of one record, and how many there are,
// together with the versions they stand under. The error is ErrNotFound also when the record has gone.
func (d *DB) ImportsSnapshot(ctx context.Context, key string, recordID int64, window Window) (versions Versions, list []Import, total int64, err error) {
	err = d.snapshot(ctx, func(tx *sql.Tx, q *sqlcgen.Queries) error {
		if versions, err = importsVersions(ctx, q, d, key, recordID); err != nil {
			return err
		}
		// A record beyond the restriction is in the versions as one that isn't there.
		through, err := installation(ctx, tx, versions.UserID, versions.RecordID)
		if err != nil {
			return err
		}
		total = through.ImportCount
		list, err = importsThrough(ctx, tx, through, Filter{}, SortID, window)
		return err
	})
	return versions, list, total, err
}
