package db

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"neptun/db/sqlcgen"
)

// CheckTarget is the record that checks are about.
type CheckTarget struct {
	RecordID int64
	UserID   string
	GitHubID int64 // of the installation
	// RepositorySelection is SelectionAll or SelectionSelected.
	RepositorySelection string
	// Gone and Suspended are as in SyncTarget.
	Gone, Suspended bool

	accountID int64
	account   accountKey
}

// Owns reports whether the record's account owns a repository.
func (t CheckTarget) Owns(facts ListedRepository) bool { return facts.OwnerAccount.key() == t.account }

// CheckTarget reads the record that checks are about. The error is ErrNotFound if it
// doesn't exist.
func (d *DB) CheckTarget(ctx context.Context, recordID int64) (CheckTarget, error) {
	row, err := d.read.GetCheckTarget(ctx, recordID)
	if err != nil {
		return CheckTarget{}, fmt.Errorf("db: read check target: %w", found(err))
	}
	return CheckTarget{
		RecordID: row.ID, UserID: row.UserID, GitHubID: row.InstallationID, RepositorySelection: row.RepositorySelection,
		Gone: row.Gone, Suspended: row.Suspended, accountID: row.AccountID, account: accountKey{row.Kind, row.GitHubID},
	}, nil
}

// Check is a repository to check on GitHub with a user's own token.
type Check struct {
	RepositoryID int64
	Owner, Name  string // as GitHub last sent them; "" if unknown
	// HadAccess reports whether the user had access when the check was requested.
	HadAccess bool

	requests int64
}

// ListChecks lists the checks of a record. whole means that all of its repositories are to
// be checked: that was requested, or it takes fewer requests.
func (d *DB) ListChecks(ctx context.Context, recordID int64) (list []Check, whole bool, err error) {
	rows, err := d.read.ListChecks(ctx, sqlcgen.ListChecksParams{RecordID: recordID, RowLimit: maxChecks + 1})
	if err != nil {
		return nil, false, fmt.Errorf("db: list checks: %w", err)
	}
	for _, row := range rows {
		whole = whole || row.RepositoryID == 0
		check := Check{RepositoryID: row.RepositoryID, HadAccess: row.Held, requests: row.Requests}
		check.Owner, check.Name, _ = strings.Cut(cmp.Or(row.Name, row.Owner+"/"+row.StoredName), "/")
		list = append(list, check)
	}
	return list, whole || len(list) > maxChecks, nil
}

// FinishCheck deletes a check, unless it was requested again since.
func (d *DB) FinishCheck(ctx context.Context, target CheckTarget, check Check) error {
	if err := d.write.DeleteCheck(ctx, sqlcgen.DeleteCheckParams{
		RecordID: target.RecordID, RepositoryID: check.RepositoryID, Requests: check.requests,
	}); err != nil {
		return fmt.Errorf("db: settle check: %w", err)
	}
	return nil
}

// DeleteChecks deletes all checks of a record.
func (d *DB) DeleteChecks(ctx context.Context, recordID int64) error {
	if err := d.write.DeleteChecks(ctx, recordID); err != nil {
		return fmt.Errorf("db: drop checks: %w", err)
	}
	return nil
}

// GrantAccess records that GitHub, at revision and with the user's own token, showed
// a repository that belongs to the record. A running sync counts it as seen. held
// means that the user already had access.
func (d *DB) GrantAccess(ctx context.Context, target CheckTarget, facts ListedRepository, held bool, revision Revision) error {
	return d.writeTx(ctx, func(tx *sql.Tx, q *sqlcgen.Queries) error {
		active, err := activeRun(ctx, q, SyncRepositories{RecordID: target.RecordID})
		if err != nil {
			return err
		}
		now := millis(d.now())
		_, err = q.GetAccess(ctx, sqlcgen.GetAccessParams{UserID: target.UserID, RepositoryID: facts.ID})
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("db: read access: %w", err)
		}
		held = held || err == nil
		granted, err := putRepositories(ctx, q, target.UserID, seenBy{generation: generation(active.ID, 0)}, []ListedRepository{facts}, revision, now)
		if err != nil || granted == 0 {
			return err
		}
		if !held {
			if err := recordHistory(ctx, q, now, historyEntry{
				account: target.accountID, user: target.UserID, change: Added, count: 1, formerly: map[int64]string{facts.ID: ""},
			}); err != nil {
				return err
			}
		}
		_, err = importAutomatically(ctx, tx, q, target.accountID, target.UserID, idsJSON([]int64{facts.ID}), now)
		return err
	})
}

// RevokeAccess records that GitHub no longer shows the user a repository, or not through the
// record. It reports whether the record has any repositories left. held means that the
// user had access until now, even if it was revoked meanwhile.
func (d *DB) RevokeAccess(ctx context.Context, target CheckTarget, repositoryID int64, held bool) (left bool, err error) {
	err = d.withTx(ctx, func(q *sqlcgen.Queries) error {
		if err := q.LockAccount(ctx, target.accountID); err != nil {
			return fmt.Errorf("db: hold account: %w", err)
		}
		now := millis(d.now())
		if err := d.insertChange(ctx, q, sqlcgen.InsertChangeParams{
			UserID: target.UserID, AccountID: target.accountID, RepositoryID: repositoryID, Revoked: true,
		}); err != nil {
			return err
		}
		ids := idsJSON([]int64{repositoryID})
		removed, err := q.DeleteAccessToRepositories(ctx, sqlcgen.DeleteAccessToRepositoriesParams{
			UserID: target.UserID, AccountID: target.accountID, Repositories: ids,
		})
		if err != nil {
			return fmt.Errorf("db: take access: %w", err)
		}
		if removed > 0 {
			if err := q.HideImportsOfRepositories(ctx, sqlcgen.HideImportsOfRepositoriesParams{Now: now, UserID: target.UserID, Repositories: ids}); err != nil {
				return fmt.Errorf("db: hide imports: %w", err)
			}
			if err := recount(ctx, q, target.accountID, target.UserID, now); err != nil {
				return err
			}
		}
		if held || removed > 0 {
			if err := recordHistory(ctx, q, now, historyEntry{
				account: target.accountID, user: target.UserID, change: AccessLost, count: 1, formerly: map[int64]string{repositoryID: ""},
			}); err != nil {
				return err
			}
		}
		n, err := q.GetRecordRepositoryCount(ctx, target.RecordID)
		if err != nil {
			return fmt.Errorf("db: count repositories: %w", err)
		}
		left = n > 0
		return nil
	})
	return left, err
}

// errStarted rolls back the deletions if the sync has already started.
var errStarted = errors.New("db: the sync has started")

// SyncInstead replaces a record's checks by a sync, which it queues. A sync that is
// running may have read the list before it changed: then the checks stay, and retryAt is
// when that sync continues, if it waits.
func (d *DB) SyncInstead(ctx context.Context, recordID int64) (started bool, retryAt time.Time, err error) {
	err = d.withTx(ctx, func(q *sqlcgen.Queries) error {
		// Before the sync is read: later checks stay, and earlier ones are included in the
		// sync, unless it had started.
		if err := q.DeleteChecks(ctx, recordID); err != nil {
			return fmt.Errorf("db: drop checks: %w", err)
		}
		sync := SyncRepositories{RecordID: recordID}
		if started, retryAt, err = syncStarted(ctx, q, sync); err != nil {
			return err
		}
		if started {
			return errStarted
		}
		return d.queueSync(ctx, q, sync, millis(d.now()))
	})
	if errors.Is(err, errStarted) {
		err = nil
	}
	return started, retryAt, err
}
