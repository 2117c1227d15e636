package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"neptun/db/sqlcgen"
)

// Uninstalled is a user's record of an installation that GitHub no longer has. It isn't in the
// lists of installations that GitHub shows (rule 1). It informs a user who had access until the
// installation was deleted about it, until they remove it or the App is installed again.
//
// A hidden record is different: GitHub still has the installation, or had it when it stopped
// showing it to this user. It isn't shown, even if it is uninstalled later.
type Uninstalled struct {
	ID      int64 // the record's own
	Account Account
	// GoneAt is when GitHub was found to no longer have it.
	GoneAt time.Time
	// ImportCount counts the imports that a reinstallation would restore. Their names aren't
	// shown.
	ImportCount int64
}

// ListUninstalled lists a user's records of uninstalled installations.
func (d *DB) ListUninstalled(ctx context.Context, userID string) ([]Uninstalled, error) {
	return d.listUninstalled(ctx, sqlcgen.ListUninstalledParams{UserID: userID})
}

// FindUninstalled returns one of them. The error is ErrNotFound if there is none.
func (d *DB) FindUninstalled(ctx context.Context, userID string, id int64) (Uninstalled, error) {
	if id <= 0 {
		return Uninstalled{}, ErrNotFound
	}
	list, err := d.listUninstalled(ctx, sqlcgen.ListUninstalledParams{UserID: userID, ID: id})
	if err != nil {
		return Uninstalled{}, err
	}
	if len(list) == 0 {
		return Uninstalled{}, ErrNotFound
	}
	return list[0], nil
}

func (d *DB) listUninstalled(ctx context.Context, params sqlcgen.ListUninstalledParams) ([]Uninstalled, error) {
	rows, err := d.read.ListUninstalled(ctx, params)
	if err != nil {
		return nil, fmt.Errorf("db: list uninstalled: %w", err)
	}
	list := make([]Uninstalled, 0, len(rows))
	for _, row := range rows {
		list = append(list, Uninstalled{
			ID:          row.ID,
			Account:     Account{Kind: row.Kind, GitHubID: row.GitHubID, Login: row.Login, AvatarURL: row.AvatarURL, HTMLURL: row.HTMLURL},
			GoneAt:      fromMillis(row.DeletedAt),
			ImportCount: row.Imports,
		})
	}
	return list, nil
}

// DeleteUninstalled deletes a user's record of an uninstalled installation, and its imports.
// The error is ErrNotFound if it doesn't exist, is another user's, or is installed again.
func (d *DB) DeleteUninstalled(ctx context.Context, userID string, id int64) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		accounts, err := q.DeleteUninstalledRecord(ctx, sqlcgen.DeleteUninstalledRecordParams{ID: id, UserID: userID})
		if err != nil {
			return fmt.Errorf("db: forget record: %w", err)
		}
		if len(accounts) == 0 {
			return ErrNotFound
		}
		return deleteChoices(ctx, q, userID, accounts[0])
	})
}

// MarkInstallationDeleted records that GitHub no longer has an installation, and
// hides it from everybody. Imports are kept for a reinstallation.
func (d *DB) MarkInstallationDeleted(ctx context.Context, gitHubID int64) error {
	return d.fencedTx(ctx, func(q *sqlcgen.Queries) error {
		now := millis(d.now())
		account, err := q.GetAccountOfInstallation(ctx, gitHubID)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return nil // it was never stored
		case err != nil:
			return fmt.Errorf("db: find installation: %w", err)
		}
		if err := q.LockAccount(ctx, account); err != nil {
			return fmt.Errorf("db: hold account: %w", err)
		}
		marked, err := q.MarkInstallationDeleted(ctx, sqlcgen.MarkInstallationDeletedParams{Now: now, ID: gitHubID})
		if err != nil {
			return fmt.Errorf("db: mark installation deleted: %w", err)
		}
		if marked > 0 {
			if err := d.insertChange(ctx, q, sqlcgen.InsertChangeParams{AccountID: account, Revoked: true}); err != nil {
				return err
			}
		}
		records, err := q.ListRecordsOfInstallation(ctx, gitHubID)
		if err != nil {
			return fmt.Errorf("db: list records: %w", err)
		}
		for _, record := range records {
			unseen := UnseenInstallation{RecordID: record.ID, GitHubID: gitHubID, accountID: record.AccountID}
			if err := hideInstallation(ctx, q, record.UserID, unseen, now); err != nil {
				return err
			}
		}
		return nil
	})
}
