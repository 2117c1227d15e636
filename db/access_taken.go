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

// RevokedRepositories are repositories that GitHub says are out of sight.
type RevokedRepositories struct {
	// Repositories are the ids with the names that GitHub gave, owner/name; empty
	// for those stored.
	Repositories map[int64]string
	// Account is who owns them. With From they are taken only while they are its:
	// what was transferred since is none of the news's business.
	Account Account
	From    bool
}

// RevokeRepositories believes GitHub at once: access of everybody to the
// repositories goes, imports are hidden. The news may be late, and some may see
// them still: QueueRevokedChecks or ConfirmRevoked is to follow.
func (d *DB) RevokeRepositories(ctx context.Context, taken RevokedRepositories) error {
	if len(taken.Repositories) == 0 {
		return nil
	}
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		encoded, err := namesJSON(taken.Repositories)
		if err != nil {
			return err
		}
		accounts, err := q.ListOwnersOf(ctx, encoded)
		if err != nil {
			return fmt.Errorf("db: list owners: %w", err)
		}
		owner, err := accountID(ctx, q, taken.Account)
		switch {
		case err != nil:
			return err
		case owner == 0 && taken.From:
			return nil // nobody has anything there
		case owner != 0:
			accounts = append(accounts, owner)
		}
		slices.Sort(accounts)
		accounts = slices.Compact(accounts)
		for _, account := range accounts {
			if err := q.HoldAccount(ctx, account); err != nil {
				return fmt.Errorf("db: hold account: %w", err)
			}
		}
		only := int64(0)
		if taken.From {
			only = owner
		}
		return d.takeRepositories(ctx, q, encoded, len(taken.Repositories), only, accounts)
	})
}

// takeRepositories takes them from everybody: of one account alone, or, with 0,
// whoever owns them. The accounts are held.
func (d *DB) takeRepositories(ctx context.Context, q *sqlcgen.Queries, encoded string, n int, only int64, accounts []int64) error {
	now := millis(d.now())
	var err error
	if n > maxChecks {
		// The sync that looks at them doesn't know that they were there before.
		cause := causeOf(ctx)
		if err := q.InsertHistoryOfHolders(ctx, sqlcgen.InsertHistoryOfHoldersParams{
			At: now, Cause: string(cause.Kind), Event: cause.Event, Change: string(AccessLost), Repositories: encoded, AccountID: only,
		}); err != nil {
			return fmt.Errorf("db: tell history: %w", err)
		}
		_, err = q.InsertWholeChecksOfHolders(ctx, sqlcgen.InsertWholeChecksOfHoldersParams{Repositories: encoded, AccountID: only})
	} else {
		_, err = q.InsertChecksOfHolders(ctx, sqlcgen.InsertChecksOfHoldersParams{Repositories: encoded, AccountID: only})
	}
	if err != nil {
		return fmt.Errorf("db: check holders: %w", err)
	}
	if err := q.InsertNewsOfRepositories(ctx, sqlcgen.InsertNewsOfRepositoriesParams{
		AccountID: only, Taken: true, Now: now, Repositories: encoded,
	}); err != nil {
		return fmt.Errorf("db: note news: %w", err)
	}
	removed, err := q.DeleteAccessToRepositories(ctx, sqlcgen.DeleteAccessToRepositoriesParams{Repositories: encoded, AccountID: only})
	if err != nil {
		return fmt.Errorf("db: take access: %w", err)
	}
	if removed == 0 {
		return nil
	}
	if err := q.HideImportsOfRepositories(ctx, sqlcgen.HideImportsOfRepositoriesParams{Now: now, Repositories: encoded}); err != nil {
		return fmt.Errorf("db: hide imports: %w", err)
	}
	for _, account := range accounts {
		if err := recount(ctx, q, account, everybody, now); err != nil {
			return err
		}
	}
	return nil
}

// QueueRevokedChecks has everybody asked for whose access to repositories was
// revoked, and who may have it still.
func (d *DB) QueueRevokedChecks(ctx context.Context, repositories map[int64]string) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		repositories := maps.Clone(repositories)
		if len(repositories) > maxChecks {
			repositories[0] = "" // whose checks are whole
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

// ConfirmRevoked notes that GitHub shows a repository that was revoked to nobody
// here any more: nobody need be asked for.
func (d *DB) ConfirmRevoked(ctx context.Context, repositoryID int64) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		now, cause := millis(d.now()), causeOf(ctx)
		if err := q.InsertHistoryOfRevoked(ctx, sqlcgen.InsertHistoryOfRevokedParams{
			At: now, Cause: string(cause.Kind), Event: cause.Event, Change: string(AccessLost), RepositoryID: repositoryID,
		}); err != nil {
			return fmt.Errorf("db: tell history: %w", err)
		}
		if err := q.InsertHistoryRepositoriesOfRevoked(ctx, sqlcgen.InsertHistoryRepositoriesOfRevokedParams{
			RepositoryID: repositoryID, At: now, Change: string(AccessLost), Event: cause.Event,
		}); err != nil {
			return fmt.Errorf("db: tell history: %w", err)
		}
		if err := q.DeleteChecksOfRepository(ctx, repositoryID); err != nil {
			return fmt.Errorf("db: drop checks: %w", err)
		}
		return nil
	})
}

// RevokeAccount believes GitHub at once that a person left an organization: their
// access to all that it owns goes. They may keep some of it, or be back already,
// so their record and the list of their installations are looked at anew.
func (d *DB) RevokeAccount(ctx context.Context, account Account, userID string) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		id, err := accountID(ctx, q, account)
		if err != nil || id == 0 {
			return err
		}
		if err := q.HoldAccount(ctx, id); err != nil {
			return fmt.Errorf("db: hold account: %w", err)
		}
		now := millis(d.now())
		if err := d.insertNews(ctx, q, sqlcgen.InsertNewsParams{UserID: userID, AccountID: id, Taken: true}); err != nil {
			return err
		}
		removed, err := q.DeleteAccessOfAccount(ctx, sqlcgen.DeleteAccessOfAccountParams{UserID: userID, AccountID: id})
		if err != nil {
			return fmt.Errorf("db: take access: %w", err)
		}
		if removed > 0 {
			if err := tell(ctx, q, now, note{account: id, user: userID, change: AccessLost, count: removed}); err != nil {
				return err
			}
		}
		if err := q.HideImports(ctx, sqlcgen.HideImportsParams{Now: now, UserID: userID}); err != nil {
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

// accountID is ours of an account, 0 for one that isn't known.
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
