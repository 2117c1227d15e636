package db

import (
	"context"
	"fmt"

	"neptun/db/sqlcgen"
)

// PutSuspended stores an installation that a user just suspended through Neptun, and that
// user: only the App can unsuspend it.
func (d *DB) PutSuspended(ctx context.Context, facts Installation, by User) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		accountID, err := putAccount(ctx, q, facts.Account, newestRevision)
		if err != nil {
			return err
		}
		if err := putInstallation(ctx, q, accountID, facts, newestRevision, millis(d.now())); err != nil {
			return err
		}
		if err := q.SetSuspendedThrough(ctx, sqlcgen.SetSuspendedThroughParams{
			GitHubID: by.GitHubID, Login: by.Login, ID: facts.GitHubID,
		}); err != nil {
			return fmt.Errorf("db: record who suspended: %w", err)
		}
		if err := q.BumpAccount(ctx, accountID); err != nil {
			return fmt.Errorf("db: bump account: %w", err)
		}
		return nil
	})
}

// InstallationUsage is what all users have through an installation, and lose without it.
type InstallationUsage struct {
	Users, Repositories, Imports int64
}

// CountUsage counts the data that would be lost with an installation.
func (d *DB) CountUsage(ctx context.Context, of InstallationRecord) (InstallationUsage, error) {
	row, err := d.read.CountReach(ctx, of.accountID)
	if err != nil {
		return InstallationUsage{}, fmt.Errorf("db: count reach: %w", err)
	}
	return InstallationUsage(row), nil
}
