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
	GitHubID int64 // the installation's
	// RepositorySelection is SelectionAll or SelectionSelected.
	RepositorySelection string
	// Gone and Suspended are as in SyncTarget.
	Gone, Suspended bool

	accountID int64
	account   accountKey
}

// Owns reports whether the record's account owns a repository.
func (t CheckTarget) Owns(facts ListedRepository) bool { return facts.OwnerAccount.key() == t.account }

// CheckTarget reads what checks of a record are about. The error is ErrNotFound
// for a record that isn't there.
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

// Check is a repository to ask GitHub about with a user's own token.
type Check struct {
	RepositoryID int64
	Owner, Name  string // as GitHub last wrote them; empty where it never did
	// HadAccess tells that the user saw it when the check was asked for.
	HadAccess bool

	asked int64
}

// ListChecks lists what is to be asked for a record. With whole, all that it reaches
// is to be looked at: that was asked for, or it costs fewer requests.
func (d *DB) ListChecks(ctx context.Context, recordID int64) (list []Check, whole bool, err error) {
	rows, err := d.read.ListChecks(ctx, sqlcgen.ListChecksParams{RecordID: recordID, Most: maxChecks + 1})
	if err != nil {
		return nil, false, fmt.Errorf("db: list checks: %w", err)
	}
	for _, row := range rows {
		whole = whole || row.RepositoryID == 0
		check := Check{RepositoryID: row.RepositoryID, HadAccess: row.Held, asked: row.Requests}
		check.Owner, check.Name, _ = strings.Cut(cmp.Or(row.Name, row.Owner+"/"+row.StoredName), "/")
		list = append(list, check)
	}
	return list, whole || len(list) > maxChecks, nil
}

// FinishCheck takes a check off the list, unless it was asked for again since.
func (d *DB) FinishCheck(ctx context.Context, target CheckTarget, check Check) error {
	if err := d.write.DeleteCheck(ctx, sqlcgen.DeleteCheckParams{
		RecordID: target.RecordID, RepositoryID: check.RepositoryID, Requests: check.asked,
	}); err != nil {
		return fmt.Errorf("db: settle check: %w", err)
	}
	return nil
}

// DeleteChecks takes all of a record's checks off the list.
func (d *DB) DeleteChecks(ctx context.Context, recordID int64) error {
	if err := d.write.DeleteChecks(ctx, recordID); err != nil {
		return fmt.Errorf("db: drop checks: %w", err)
	}
	return nil
}

// GrantAccess records that GitHub, at revision and with the user's own token, showed
// a repository that the record gives access to. A running sync counts it as seen.
// held means that the user already had it.
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

// RevokeAccess stores that GitHub, asked with the user's own token, showed them
// a repository no longer, or not as something that the record reaches. It tells
// whether the record has any left. held tells that they saw it until now, even
// if it was taken from them meanwhile.
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

// errStarted rolls back what was deleted for a sync that has started already.
var errStarted = errors.New("db: the sync has started")

// SyncInstead replaces a record's checks by a sync, which it queues. A sync that has
// started and isn't finished may have read what changed before it changed: then the
// checks stay, and retryAt is when that sync continues, where it waits.
func (d *DB) SyncInstead(ctx context.Context, recordID int64) (started bool, retryAt time.Time, err error) {
	err = d.withTx(ctx, func(q *sqlcgen.Queries) error {
		// Before the look at the sync: a check that comes later stays, and one that
		// came earlier is known to the sync, unless that had started.
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
