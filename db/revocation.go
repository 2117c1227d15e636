package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"neptun/db/sqlcgen"
)

// RevokedRepositories are repositories whose access GitHub revoked.
type RevokedRepositories struct {
	// Repositories are the ids with the names that GitHub gave, owner/name; empty
	// for those stored.
	Repositories map[int64]string
	// Account is the owner. With From, repositories are only revoked while Account owns them:
	// those transferred since aren't affected.
	Account Account
	From    bool
}

// viewersAtOnce is the number of viewers whose access one transaction revokes.
const viewersAtOnce = 200

// RevokeRepositories revokes all users' access to the repositories and hides the imports,
// without confirmation by GitHub. The event may be late, and some users may still have
// access, so QueueRevokedChecks or ConfirmRevoked must follow. It can be repeated if it was
// interrupted.
func (d *DB) RevokeRepositories(ctx context.Context, revoked RevokedRepositories) error {
	if len(revoked.Repositories) == 0 {
		return nil
	}
	encoded, err := namesJSON(revoked.Repositories)
	if err != nil {
		return err
	}
	r := revocation{encoded: encoded, whole: len(revoked.Repositories) > maxChecks}
	for left, first := true, true; left; first = false {
		if err := d.withTx(ctx, func(q *sqlcgen.Queries) error {
			if err := r.hold(ctx, q, revoked); err != nil || r.nobody {
				left = false
				return err
			}
			now := millis(d.now())
			if first {
				// Before the first viewer: from here on older responses grant no access.
				if err := q.InsertRepositoryChanges(ctx, sqlcgen.InsertRepositoryChangesParams{
					AccountID: r.only, Revoked: true, Now: now, Repositories: encoded,
				}); err != nil {
					return fmt.Errorf("db: record change: %w", err)
				}
			}
			left, err = revokeBatch(ctx, q, r, now)
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// revocation are the repositories to revoke access to: of one account or, if account is 0,
// of any owner.
type revocation struct {
	encoded string // for json_each
	only    int64
	nobody  bool // has anything there
	// whole queues a check of the whole record of each viewer.
	whole bool
}

// hold keeps other transactions from granting and revoking access on these accounts.
func (r *revocation) hold(ctx context.Context, q *sqlcgen.Queries, revoked RevokedRepositories) error {
	accounts, err := q.ListOwnersOf(ctx, r.encoded)
	if err != nil {
		return fmt.Errorf("db: list owners: %w", err)
	}
	owner, err := accountID(ctx, q, revoked.Account)
	switch {
	case err != nil:
		return err
	case owner == 0 && revoked.From:
		r.nobody = true
		return nil
	case owner != 0:
		accounts = append(accounts, owner)
	}
	if revoked.From {
		r.only = owner
	}
	slices.Sort(accounts)
	for _, account := range slices.Compact(accounts) {
		if err := q.LockAccount(ctx, account); err != nil {
			return fmt.Errorf("db: hold account: %w", err)
		}
	}
	return nil
}

// revokeBatch revokes access of some viewers, and reports whether any may be left.
func revokeBatch(ctx context.Context, q *sqlcgen.Queries, r revocation, now int64) (left bool, err error) {
	viewers, err := q.ListViewers(ctx, sqlcgen.ListViewersParams{Repositories: r.encoded, AccountID: r.only, RowLimit: viewersAtOnce})
	if err != nil {
		return false, fmt.Errorf("db: list viewers: %w", err)
	}
	if len(viewers) == 0 {
		return false, nil
	}
	users, err := keysJSON(viewers)
	if err != nil {
		return false, err
	}
	for _, step := range []func() error{
		func() error {
			if !r.whole {
				return q.InsertChecksOfViewers(ctx, sqlcgen.InsertChecksOfViewersParams{Users: users, Repositories: r.encoded, AccountID: r.only})
			}
			return q.InsertWholeChecksOfViewers(ctx, sqlcgen.InsertWholeChecksOfViewersParams{Users: users, Repositories: r.encoded, AccountID: r.only})
		},
		func() error {
			if !r.whole {
				return nil // the check records the result for each
			}
			cause := causeOf(ctx)
			return q.InsertHistoryOfViewers(ctx, sqlcgen.InsertHistoryOfViewersParams{
				At: now, Cause: string(cause.Kind), Event: cause.Event, Change: string(AccessLost),
				Users: users, Repositories: r.encoded, AccountID: r.only,
			})
		},
		func() error { return deleteAccessOf(ctx, q, r, users, now) },
	} {
		if err := step(); err != nil {
			return false, fmt.Errorf("db: revoke access: %w", err)
		}
	}
	return len(viewers) == viewersAtOnce, nil
}

// revokedRows are the rows of one record that a batch revokes, encoded for SubtractRevoked.
type revokedRows struct {
	Repositories int `json:"repositories"`
	Imports      int `json:"imports"`
}

// deleteAccessOf deletes the access of viewers, hides their imports, and subtracts the rows
// from their records: those that it deleted and hid itself, since a sync may delete some of
// them at the same time.
func deleteAccessOf(ctx context.Context, q *sqlcgen.Queries, r revocation, users string, now int64) error {
	deleted, err := q.DeleteAccessOfViewers(ctx, sqlcgen.DeleteAccessOfViewersParams{Users: users, Repositories: r.encoded, AccountID: r.only})
	if err != nil {
		return err
	}
	hidden, err := q.HideImportsOfViewers(ctx, sqlcgen.HideImportsOfViewersParams{Now: now, Users: users, Repositories: r.encoded})
	if err != nil {
		return err
	}
	accounts := map[int64]map[string]revokedRows{}
	for _, row := range deleted {
		if accounts[row.AccountID] == nil {
			accounts[row.AccountID] = map[string]revokedRows{}
		}
		rows := accounts[row.AccountID][row.UserID]
		rows.Repositories++
		accounts[row.AccountID][row.UserID] = rows
	}
	for _, row := range hidden {
		if rows, ok := accounts[row.AccountID][row.UserID]; ok {
			rows.Imports++
			accounts[row.AccountID][row.UserID] = rows
		}
	}
	for _, account := range slices.Sorted(maps.Keys(accounts)) {
		encoded, err := asJSON(accounts[account])
		if err != nil {
			return err
		}
		if err := q.SubtractRevoked(ctx, sqlcgen.SubtractRevokedParams{Now: now, Users: encoded, AccountID: account}); err != nil {
			return err
		}
	}
	return nil
}

// QueueRevokedChecks queues checks of all users whose access to the repositories was revoked
// and who may still have it.
func (d *DB) QueueRevokedChecks(ctx context.Context, repositories map[int64]string) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		repositories := maps.Clone(repositories)
		if len(repositories) > maxChecks {
			repositories[0] = "" // checks the whole record
		}
		encoded, err := namesJSON(repositories)
		if err != nil {
			return err
		}
		accounts, err := q.ListAccountsWithChecks(ctx, encoded)
		if err != nil {
			return fmt.Errorf("db: list accounts: %w", err)
		}
		for _, account := range accounts {
			if err := d.queueCheckJobs(ctx, q, account); err != nil {
				return err
			}
		}
		return nil
	})
}

// ConfirmRevoked records that GitHub shows a revoked repository to none of Neptun's users, so
// nobody needs to be checked.
func (d *DB) ConfirmRevoked(ctx context.Context, repositoryID int64) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		now, cause := millis(d.now()), causeOf(ctx)
		if err := q.InsertHistoryOfRevoked(ctx, sqlcgen.InsertHistoryOfRevokedParams{
			At: now, Cause: string(cause.Kind), Event: cause.Event, Change: string(AccessLost), RepositoryID: repositoryID,
		}); err != nil {
			return fmt.Errorf("db: record history: %w", err)
		}
		if err := q.InsertHistoryRepositoriesOfRevoked(ctx, sqlcgen.InsertHistoryRepositoriesOfRevokedParams{
			RepositoryID: repositoryID, At: now, Change: string(AccessLost), Event: cause.Event,
		}); err != nil {
			return fmt.Errorf("db: record history: %w", err)
		}
		if err := q.DeleteChecksOfRepository(ctx, repositoryID); err != nil {
			return fmt.Errorf("db: drop checks: %w", err)
		}
		return nil
	})
}

// RevokeAccount revokes a user's access to everything that an organization owns, since a
// webhook says that they left it. They may keep some access, or be back already, so their
// record and the list of their installations are checked again.
func (d *DB) RevokeAccount(ctx context.Context, account Account, userID string) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		id, err := accountID(ctx, q, account)
		if err != nil || id == 0 {
			return err
		}
		if err := q.LockAccount(ctx, id); err != nil {
			return fmt.Errorf("db: hold account: %w", err)
		}
		now := millis(d.now())
		if err := d.insertChange(ctx, q, sqlcgen.InsertChangeParams{UserID: userID, AccountID: id, Revoked: true}); err != nil {
			return err
		}
		removed, err := q.DeleteAccessOfAccount(ctx, sqlcgen.DeleteAccessOfAccountParams{UserID: userID, AccountID: id})
		if err != nil {
			return fmt.Errorf("db: take access: %w", err)
		}
		if removed > 0 {
			if err := recordHistory(ctx, q, now, historyEntry{account: id, user: userID, change: AccessLost, count: removed}); err != nil {
				return err
			}
		}
		if err := q.HideImportsOfAccount(ctx, sqlcgen.HideImportsOfAccountParams{Now: now, UserID: userID, AccountID: id}); err != nil {
			return fmt.Errorf("db: hide imports: %w", err)
		}
		if err := recount(ctx, q, id, userID, now); err != nil {
			return err
		}
		if _, err := d.queueChecks(ctx, q, id, userID, nil); err != nil {
			return err
		}
		return d.queueInstallationsCheck(ctx, q, userID)
	})
}

// accountID returns an account's id in the database, 0 if it isn't stored.
func accountID(ctx context.Context, q *sqlcgen.Queries, account Account) (int64, error) {
	id, err := q.GetAccountID(ctx, sqlcgen.GetAccountIDParams{Kind: account.Kind, GitHubID: account.GitHubID})
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("db: find account: %w", err)
	}
	return id, nil
}

// namesJSON encodes named repositories for json_each.
func namesJSON(repositories map[int64]string) (string, error) {
	type named struct {
		Name string `json:"name"`
	}
	rows := make(map[int64]named, len(repositories))
	for id, name := range repositories {
		rows[id] = named{name}
	}
	return asJSON(rows)
}
