package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"

	"neptun/db/sqlcgen"
)

// Revision is the number of the latest news when GitHub was asked. An answer is
// written together with it: where there is news of the same thing since, the
// answer may be the older of the two. It changes no fact that the change is about,
// and grants nothing that the change took away.
//
// Each reading of a sync run carries its own, taken when it began.
type Revision int64

// newestRevision is for what is known to be as new as can be.
const newestRevision Revision = math.MaxInt64

// LatestRevision is to be taken before GitHub is asked.
func (d *DB) LatestRevision(ctx context.Context) (Revision, error) {
	latest, err := d.read.GetLatestRevision(ctx)
	if err != nil {
		return 0, fmt.Errorf("db: read latest news: %w", err)
	}
	return Revision(latest), nil
}

// lastPass is whichever a run has.
const lastPass = passesPerRun

// runRevision is when a reading of a run began. One that is no more was started again by
// another worker, and all that is left of it is older than any news.
func runRevision(ctx context.Context, q *sqlcgen.Queries, run, reading int64) (Revision, error) {
	revision, err := q.GetRunRevision(ctx, sqlcgen.GetRunRevisionParams{ID: run, Pass: reading})
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("db: read run: %w", err)
	}
	return Revision(revision), nil
}

// RecordRepositoryChange notes that facts of a repository changed on GitHub: answers
// that were under way meanwhile don't overwrite what is read from now on.
func (d *DB) RecordRepositoryChange(ctx context.Context, repositoryID int64) error {
	return d.insertChange(ctx, d.write, sqlcgen.InsertChangeParams{RepositoryID: repositoryID})
}

// RecordInstallationChange does the same for an installation and its account. Those
// that aren't known need no note.
func (d *DB) RecordInstallationChange(ctx context.Context, gitHubID int64) (known bool, err error) {
	accountID, err := d.read.GetAccountOfInstallation(ctx, gitHubID)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("db: find installation: %w", err)
	}
	return true, d.insertChange(ctx, d.write, sqlcgen.InsertChangeParams{AccountID: accountID})
}

// InstallationChangedSince reports whether a change of an installation or its account
// was recorded after a revision, so that an answer of before wasn't stored.
func (d *DB) InstallationChangedSince(ctx context.Context, gitHubID int64, revision Revision) (bool, error) {
	changed, err := d.read.InstallationChangedSince(ctx, sqlcgen.InstallationChangedSinceParams{ID: gitHubID, Revision: int64(revision)})
	if err != nil {
		return false, fmt.Errorf("db: look for changes: %w", err)
	}
	return changed, nil
}

func (d *DB) insertChange(ctx context.Context, q *sqlcgen.Queries, news sqlcgen.InsertChangeParams) error {
	news.Now = millis(d.now())
	if err := q.InsertChange(ctx, news); err != nil {
		return fmt.Errorf("db: record news: %w", err)
	}
	return nil
}

// RefreshRepository stores what GitHub, asked at revision, says of a repository,
// without granting it to anybody. Of accounts that Neptun doesn't know, nothing
// is stored.
func (d *DB) RefreshRepository(ctx context.Context, facts ListedRepository, revision Revision) error {
	return d.writeTx(ctx, func(tx *sql.Tx, q *sqlcgen.Queries) error {
		_, err := q.GetAccountID(ctx, sqlcgen.GetAccountIDParams{Kind: facts.OwnerAccount.Kind, GitHubID: facts.OwnerAccount.GitHubID})
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return nil
		case err != nil:
			return fmt.Errorf("db: find account: %w", err)
		}
		now := millis(d.now())
		stored, err := putFacts(ctx, q, []ListedRepository{facts}, revision, now)
		if err != nil {
			return err
		}
		if err := recountTransfers(ctx, q, stored.former, stored.owners, now); err != nil {
			return err
		}
		for _, owner := range stored.owners {
			// By its new topics or name, somebody's rules may take it now.
			if _, err := importAutomatically(ctx, tx, q, owner, everybody, idsJSON([]int64{facts.ID}), now); err != nil {
				return err
			}
		}
		return nil
	})
}
