package db

import (
	"context"
	"fmt"

	"neptun/db/sqlcgen"
)

// PutSuspended stores what GitHub says of an installation that somebody just
// suspended through Neptun, and who that was: GitHub lets nobody else's way lift
// the suspension.
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

// InstallationUsage is what an installation gives to all people of this Neptun together,
// and what they lose with it.
type InstallationUsage struct {
	Users, Repositories, Imports int64
}

// CountUsage counts what goes with an installation.
func (d *DB) CountUsage(ctx context.Context, of InstallationRecord) (InstallationUsage, error) {
	row, err := d.read.CountReach(ctx, of.accountID)
	if err != nil {
		return InstallationUsage{}, fmt.Errorf("db: count reach: %w", err)
	}
	return InstallationUsage(row), nil
}
