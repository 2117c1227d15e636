package db

import (
	"context"
	"fmt"
	"time"

	"neptun/db/sqlcgen"
)

// RemovedInstallation is an installation that a user removed from Neptun while the
// App stays installed. GitHub still shows it to them.
type RemovedInstallation struct {
	GitHubID  int64
	Account   Account
	RemovedAt time.Time
}

// RemoveInstallation deletes a user's record with all of its data. Syncs and webhooks don't
// restore it until AddInstallation. The error is ErrNotFound if it doesn't exist or is
// another user's.
func (d *DB) RemoveInstallation(ctx context.Context, in InstallationRecord) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		// A sync that stores the account's page has finished, or waits for this transaction.
		if err := q.LockAccount(ctx, in.accountID); err != nil {
			return fmt.Errorf("db: hold account: %w", err)
		}
		if err := d.abandonTokens(ctx, q, in.UserID, in.ID); err != nil {
			return err
		}
		rows, err := q.RemoveRecord(ctx, sqlcgen.RemoveRecordParams{ID: in.ID, UserID: in.UserID})
		if err != nil {
			return fmt.Errorf("db: remove record: %w", err)
		}
		if len(rows) == 0 {
			return ErrNotFound
		}
		record := rows[0]
		if err := q.InsertRemovedInstallation(ctx, sqlcgen.InsertRemovedInstallationParams{
			UserID: in.UserID, AccountID: record.AccountID, InstallationID: record.InstallationID, Generation: record.Generation, Now: millis(d.now()),
		}); err != nil {
			return fmt.Errorf("db: record removal: %w", err)
		}
		if _, err := q.DeleteAccessOfAccount(ctx, sqlcgen.DeleteAccessOfAccountParams{UserID: in.UserID, AccountID: record.AccountID}); err != nil {
			return fmt.Errorf("db: remove access: %w", err)
		}
		if err := deleteChoices(ctx, q, in.UserID, record.AccountID); err != nil {
			return err
		}
		if err := q.DeleteHistoryOfUserInAccount(ctx, sqlcgen.DeleteHistoryOfUserInAccountParams{UserID: in.UserID, AccountID: record.AccountID}); err != nil {
			return fmt.Errorf("db: remove history: %w", err)
		}
		if err := q.BumpUser(ctx, in.UserID); err != nil {
			return fmt.Errorf("db: bump user: %w", err)
		}
		return nil
	})
}

// deleteChoices deletes a user's imports and exclusions in an account.
func deleteChoices(ctx context.Context, q *sqlcgen.Queries, userID string, accountID int64) error {
	if err := q.DeleteImportsOfAccount(ctx, sqlcgen.DeleteImportsOfAccountParams{UserID: userID, AccountID: accountID}); err != nil {
		return fmt.Errorf("db: delete imports: %w", err)
	}
	if err := q.DeleteRemovedImportsOfAccount(ctx, sqlcgen.DeleteRemovedImportsOfAccountParams{UserID: userID, AccountID: accountID}); err != nil {
		return fmt.Errorf("db: delete removed imports: %w", err)
	}
	if err := q.DeleteExclusionsOfAccount(ctx, sqlcgen.DeleteExclusionsOfAccountParams{UserID: userID, AccountID: accountID}); err != nil {
		return fmt.Errorf("db: delete exclusions: %w", err)
	}
	return nil
}

// ListRemovedInstallations lists the installations that a user removed and GitHub still shows them.
func (d *DB) ListRemovedInstallations(ctx context.Context, userID string) ([]RemovedInstallation, error) {
	rows, err := d.read.ListRemovedInstallations(ctx, userID)
	if err != nil {
		return nil, fmt.Errorf("db: list removed installations: %w", err)
	}
	list := make([]RemovedInstallation, 0, len(rows))
	for _, row := range rows {
		list = append(list, RemovedInstallation{
			GitHubID:  row.InstallationID,
			Account:   Account{Kind: row.Kind, GitHubID: row.GitHubID, Login: row.Login, AvatarURL: row.AvatarURL, HTMLURL: row.HTMLURL},
			RemovedAt: fromMillis(row.RemovedAt),
		})
	}
	return list, nil
}

// AddInstallation restores an installation that a user removed, as a new record without
// imports, and queues its sync. The error is ErrNotFound if they didn't remove it, or GitHub
// no longer shows it to them.
func (d *DB) AddInstallation(ctx context.Context, userID string, gitHubID int64) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		now := millis(d.now())
		accountID, err := q.GetRemovedAccount(ctx, sqlcgen.GetRemovedAccountParams{UserID: userID, InstallationID: gitHubID})
		if err != nil {
			return fmt.Errorf("db: find removed installation: %w", found(err))
		}
		if err := q.LockAccount(ctx, accountID); err != nil {
			return fmt.Errorf("db: hold account: %w", err)
		}
		runs, err := q.DeleteRemovedInstallation(ctx, sqlcgen.DeleteRemovedInstallationParams{UserID: userID, InstallationID: gitHubID})
		if err != nil {
			return fmt.Errorf("db: add installation: %w", err)
		}
		if len(runs) == 0 {
			return ErrNotFound // another request was quicker
		}
		if err := putRecord(ctx, q, userID, accountID, gitHubID, runs[0], now); err != nil {
			return err
		}
		record, err := q.GetRecordID(ctx, sqlcgen.GetRecordIDParams{UserID: userID, AccountID: accountID})
		if err != nil {
			return fmt.Errorf("db: find record: %w", err)
		}
		if err := d.queueSync(ctx, q, SyncRepositories{RecordID: record}, now); err != nil {
			return err
		}
		return d.queueSync(ctx, q, SyncInstallations{UserID: userID}, now)
	})
}
