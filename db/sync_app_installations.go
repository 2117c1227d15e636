package db

import (
	"context"
	"fmt"

	"neptun/db/sqlcgen"
)

// PutAppInstallations stores installations of the App that a run saw.
func (d *DB) PutAppInstallations(ctx context.Context, run int64, page []Installation) error {
	return d.fencedTx(ctx, func(q *sqlcgen.Queries) error {
		accounts := make([]Account, len(page))
		for i, facts := range page {
			accounts[i] = facts.Account
		}
		revision, err := runRevision(ctx, q, run, lastPass)
		if err != nil {
			return err
		}
		ids, err := putAccounts(ctx, q, accounts, revision)
		if err != nil {
			return err
		}
		for _, facts := range page {
			if err := putInstallation(ctx, q, ids[facts.Account.key()], facts, revision, millis(d.now())); err != nil {
				return err
			}
			if err := q.MarkInstallationSeen(ctx, sqlcgen.MarkInstallationSeenParams{Generation: run, ID: facts.GitHubID}); err != nil {
				return fmt.Errorf("db: mark installation: %w", err)
			}
		}
		return nil
	})
}

// ListUnseenAppInstallations lists the installations, by GitHub's ids, that a run
// didn't see.
func (d *DB) ListUnseenAppInstallations(ctx context.Context, run int64) ([]int64, error) {
	ids, err := d.read.ListUnseenInstallations(ctx, run)
	if err != nil {
		return nil, fmt.Errorf("db: list unseen installations: %w", err)
	}
	return ids, nil
}
