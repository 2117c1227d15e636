package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"

	"neptun/db/sqlcgen"
)

// Revision is the number of the latest change recorded when a request was sent to
// GitHub. GitHub's response is stored together with it. If a change of the same
// repository or account has been recorded since, the response may be older than the
// change: it then doesn't overwrite the changed facts, and doesn't grant access that
// the change revoked.
//
// Each pass of a sync run has its own revision, read when the pass started.
type Revision int64

// newestRevision is for facts that are newer than every recorded change.
const newestRevision Revision = math.MaxInt64

// LatestRevision must be called before the request to GitHub is sent.
func (d *DB) LatestRevision(ctx context.Context) (Revision, error) {
	latest, err := d.read.GetLatestRevision(ctx)
	if err != nil {
		return 0, fmt.Errorf("db: read latest revision: %w", err)
	}
	return Revision(latest), nil
}

// lastPass means the current pass of a run, with any number.
const lastPass = passesPerRun

// runRevision returns the revision at which a pass of a run started. A pass that
// another worker has started over has revision 0: its pages are older than any
// change.
func runRevision(ctx context.Context, q *sqlcgen.Queries, run, pass int64) (Revision, error) {
	revision, err := q.GetRunRevision(ctx, sqlcgen.GetRunRevisionParams{ID: run, Pass: pass})
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("db: read run: %w", err)
	}
	return Revision(revision), nil
}

// RecordRepositoryChange records that a repository changed on GitHub: responses
// to earlier requests no longer overwrite what later ones return.
func (d *DB) RecordRepositoryChange(ctx context.Context, repositoryID int64) error {
	return d.insertChange(ctx, d.write, sqlcgen.InsertChangeParams{RepositoryID: repositoryID})
}

// RecordInstallationChange does the same for an installation and its account, if
// Neptun knows the installation.
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
// was recorded after a revision, so that a response from before was not stored.
func (d *DB) InstallationChangedSince(ctx context.Context, gitHubID int64, revision Revision) (bool, error) {
	changed, err := d.read.InstallationChangedSince(ctx, sqlcgen.InstallationChangedSinceParams{ID: gitHubID, Revision: int64(revision)})
	if err != nil {
		return false, fmt.Errorf("db: look for changes: %w", err)
	}
	return changed, nil
}

func (d *DB) insertChange(ctx context.Context, q *sqlcgen.Queries, change sqlcgen.InsertChangeParams) error {
	change.Now = millis(d.now())
	if err := q.InsertChange(ctx, change); err != nil {
		return fmt.Errorf("db: record change: %w", err)
	}
	return nil
}

// RefreshRepository stores GitHub's facts of a repository, requested at revision,
// without granting access to anyone. If Neptun doesn't know the owner's account,
// it stores nothing.
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
			// With its new topics or name, it may match someone's auto-import rules.
			if _, err := importAutomatically(ctx, tx, q, owner, everybody, idsJSON([]int64{facts.ID}), now); err != nil {
				return err
			}
		}
		return nil
	})
}
