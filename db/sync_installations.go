package db

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"neptun/db/sqlcgen"
)

// Installation has GitHub's facts of an installation.
type Installation struct {
	GitHubID            int64
	Account             Account
	RepositorySelection string
	Permissions         map[string]string
	Events              []string
	HTMLURL             string
	SuspendedAt         time.Time
	SuspendedBy         string
	// InstalledAt and UpdatedAt are GitHub's, zero if it didn't send them.
	InstalledAt     time.Time
	UpdatedAt       time.Time
	AppSlug         string
	SingleFileName  string
	SingleFilePaths []string
}

// PutInstallations stores a page of the installations that GitHub listed for a user
// in this run.
func (d *DB) PutInstallations(ctx context.Context, userID string, run int64, page []Installation) error {
	return d.fencedTx(ctx, func(q *sqlcgen.Queries) error {
		now := millis(d.now())
		accounts := make([]Account, 0, len(page))
		for _, facts := range page {
			accounts = append(accounts, facts.Account)
		}
		revision, err := runRevision(ctx, q, run, lastPass)
		if err != nil {
			return err
		}
		accountIDs, err := putAccounts(ctx, q, accounts, revision)
		if err != nil {
			return err
		}
		revoked, err := q.ListRevokedAccounts(ctx, sqlcgen.ListRevokedAccountsParams{Revision: int64(revision), UserID: userID})
		if err != nil {
			return fmt.Errorf("db: list revoked accounts: %w", err)
		}
		for _, facts := range page {
			accountID := accountIDs[facts.Account.key()]
			if err := putInstallation(ctx, q, accountID, facts, revision, now); err != nil {
				return err
			}
			if !facts.SuspendedAt.IsZero() {
				if err := q.SetListedSuspended(ctx, facts.GitHubID); err != nil {
					return fmt.Errorf("db: record suspended: %w", err)
				}
			}
			if slices.Contains(revoked, accountID) {
				// The page may be older than the revocation: it restores no record, but a
				// record that is still there counts as seen.
				if err := q.MarkRecordSeen(ctx, sqlcgen.MarkRecordSeenParams{Generation: run, UserID: userID, AccountID: accountID}); err != nil {
					return fmt.Errorf("db: mark record: %w", err)
				}
				continue
			}
			removed, err := q.MarkRemovedSeen(ctx, sqlcgen.MarkRemovedSeenParams{
				Generation: run, InstallationID: facts.GitHubID, UserID: userID, AccountID: accountID,
			})
			if err != nil {
				return fmt.Errorf("db: mark removed: %w", err)
			}
			if removed > 0 {
				continue
			}
			if err := putRecord(ctx, q, userID, accountID, facts.GitHubID, run, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// putRecord links a user to an account's installation that a run saw.
func putRecord(ctx context.Context, q *sqlcgen.Queries, userID string, accountID, gitHubID, run, now int64) error {
	if err := q.DeleteAccessWithoutRecord(ctx, sqlcgen.DeleteAccessWithoutRecordParams{UserID: userID, AccountID: accountID}); err != nil {
		return fmt.Errorf("db: forget access: %w", err)
	}
	linked, err := q.UpsertRecord(ctx, sqlcgen.UpsertRecordParams{
		UserID: userID, AccountID: accountID, InstallationID: gitHubID, Now: now,
	})
	if err != nil {
		return fmt.Errorf("db: put record: %w", err)
	}
	if linked > 0 {
		if err := q.BumpUser(ctx, userID); err != nil {
			return fmt.Errorf("db: bump user: %w", err)
		}
	}
	if err := q.MarkRecordSeen(ctx, sqlcgen.MarkRecordSeenParams{Generation: run, UserID: userID, AccountID: accountID}); err != nil {
		return fmt.Errorf("db: mark record: %w", err)
	}
	return nil
}

// PutInstallation stores GitHub's facts of one installation, for all users who
// have a record of it.
func (d *DB) PutInstallation(ctx context.Context, facts Installation) error {
	return d.PutInstallationAt(ctx, facts, newestRevision)
}

// PutInstallationAt is PutInstallation for facts requested at revision: if the
// installation changed since, it stores nothing.
func (d *DB) PutInstallationAt(ctx context.Context, facts Installation, revision Revision) error {
	if facts.Account.GitHubID <= 0 {
		return nil // GitHub has deleted the account, and will delete the installation
	}
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		accountID, err := putAccount(ctx, q, facts.Account, revision)
		if err != nil {
			return err
		}
		return putInstallation(ctx, q, accountID, facts, revision, millis(d.now()))
	})
}

func putInstallation(ctx context.Context, q *sqlcgen.Queries, accountID int64, facts Installation, revision Revision, now int64) error {
	permissions, err := json.Marshal(facts.Permissions)
	if err != nil {
		return fmt.Errorf("db: encode permissions: %w", err)
	}
	events, err := json.Marshal(facts.Events)
	if err != nil {
		return fmt.Errorf("db: encode events: %w", err)
	}
	paths, err := json.Marshal(append([]string{}, facts.SingleFilePaths...))
	if err != nil {
		return fmt.Errorf("db: encode paths: %w", err)
	}
	before, err := q.GetInstallationState(ctx, facts.GitHubID)
	known := err == nil
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("db: read installation: %w", err)
	}
	changed, err := q.UpsertInstallation(ctx, sqlcgen.UpsertInstallationParams{
		ID:                  facts.GitHubID,
		AccountID:           accountID,
		RepositorySelection: facts.RepositorySelection,
		Permissions:         string(permissions),
		Events:              string(events),
		HTMLURL:             facts.HTMLURL,
		SuspendedAt:         millis(facts.SuspendedAt),
		SuspendedBy:         facts.SuspendedBy,
		InstalledAt:         millis(facts.InstalledAt),
		GitHubUpdatedAt:     millis(facts.UpdatedAt),
		AppSlug:             facts.AppSlug,
		SingleFileName:      facts.SingleFileName,
		SingleFilePaths:     string(paths),
		Revision:            int64(revision),
	})
	if err != nil {
		return fmt.Errorf("db: put installation: %w", err)
	}
	if changed > 0 {
		if err := q.BumpAccount(ctx, accountID); err != nil {
			return fmt.Errorf("db: bump account: %w", err)
		}
		return recordInstallationHistory(ctx, q, accountID, facts.GitHubID, before, known, now)
	}
	return nil
}

// SetInstalledBy records who installed the App, which only the webhook contains.
func (d *DB) SetInstalledBy(ctx context.Context, gitHubID int64, login string) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		accounts, err := q.SetInstalledBy(ctx, sqlcgen.SetInstalledByParams{InstalledBy: validText(login), ID: gitHubID})
		if err != nil {
			return fmt.Errorf("db: put who installed: %w", err)
		}
		for _, account := range accounts {
			if err := q.BumpAccount(ctx, account); err != nil {
				return fmt.Errorf("db: bump account: %w", err)
			}
		}
		return nil
	})
}

// accountKey identifies an account on GitHub.
type accountKey struct {
	kind     string
	gitHubID int64
}

func (a Account) key() accountKey { return accountKey{a.Kind, a.GitHubID} }

func compareAccounts(a, b Account) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.GitHubID, b.GitHubID))
}

// putAccounts stores each account once, always in the same order: each row stays locked until
// the transaction ends, and two users' syncs that lock the same rows in opposite orders
// would deadlock.
func putAccounts(ctx context.Context, q *sqlcgen.Queries, accounts []Account, revision Revision) (map[accountKey]int64, error) {
	accounts = slices.SortedStableFunc(slices.Values(accounts), compareAccounts)
	ids := map[accountKey]int64{}
	for _, account := range slices.CompactFunc(accounts, func(a, b Account) bool { return a.key() == b.key() }) {
		id, err := putAccount(ctx, q, account, revision)
		if err != nil {
			return nil, err
		}
		ids[account.key()] = id
	}
	return ids, nil
}

func putAccount(ctx context.Context, q *sqlcgen.Queries, account Account, revision Revision) (id int64, err error) {
	if _, err := q.UpsertAccount(ctx, sqlcgen.UpsertAccountParams{
		Kind:      account.Kind,
		GitHubID:  account.GitHubID,
		Login:     account.Login,
		AvatarURL: account.AvatarURL,
		HTMLURL:   account.HTMLURL,
		Revision:  int64(revision),
	}); err != nil {
		return 0, fmt.Errorf("db: put account: %w", err)
	}
	id, err = q.GetAccountID(ctx, sqlcgen.GetAccountIDParams{Kind: account.Kind, GitHubID: account.GitHubID})
	if err != nil {
		return 0, fmt.Errorf("db: find account: %w", err)
	}
	return id, nil
}

// UnseenInstallation is a record that a run didn't see.
type UnseenInstallation struct {
	RecordID int64
	GitHubID int64

	accountID int64
}

// ListUnseenInstallations lists the records of a user that a finished run didn't see.
func (d *DB) ListUnseenInstallations(ctx context.Context, userID string, run int64) ([]UnseenInstallation, error) {
	rows, err := d.read.ListUnseenRecords(ctx, sqlcgen.ListUnseenRecordsParams{UserID: userID, Generation: run})
	if err != nil {
		return nil, fmt.Errorf("db: list unseen records: %w", err)
	}
	list := make([]UnseenInstallation, 0, len(rows))
	for _, row := range rows {
		list = append(list, UnseenInstallation{RecordID: row.ID, GitHubID: row.InstallationID, accountID: row.AccountID})
	}
	return list, nil
}

// ListsSuspended reports whether GitHub has ever listed a suspended installation among a
// user's, which its documentation leaves open
// (https://docs.github.com/rest/apps/installations#list-app-installations-accessible-to-the-user-access-token).
// If it has, a suspended installation missing from the list is no longer accessible.
func (d *DB) ListsSuspended(ctx context.Context) (bool, error) {
	lists, err := d.read.ListsSuspended(ctx)
	if err != nil {
		return false, fmt.Errorf("db: look for suspended: %w", err)
	}
	return lists, nil
}

// HideInstallation hides a record from its user, with its repositories. Its imports are kept
// in case it returns.
func (d *DB) HideInstallation(ctx context.Context, userID string, unseen UnseenInstallation) error {
	return d.fencedTx(ctx, func(q *sqlcgen.Queries) error {
		return hideInstallation(ctx, q, userID, unseen, millis(d.now()))
	})
}

func hideInstallation(ctx context.Context, q *sqlcgen.Queries, userID string, unseen UnseenInstallation, now int64) error {
	if _, err := q.DeleteAccessOfAccount(ctx, sqlcgen.DeleteAccessOfAccountParams{UserID: userID, AccountID: unseen.accountID}); err != nil {
		return fmt.Errorf("db: hide access: %w", err)
	}
	if err := q.HideImportsOfAccount(ctx, sqlcgen.HideImportsOfAccountParams{Now: now, UserID: userID, AccountID: unseen.accountID}); err != nil {
		return fmt.Errorf("db: hide imports: %w", err)
	}
	if err := q.HideRecord(ctx, sqlcgen.HideRecordParams{Now: now, ID: unseen.RecordID}); err != nil {
		return fmt.Errorf("db: hide record: %w", err)
	}
	if err := q.BumpUser(ctx, userID); err != nil {
		return fmt.Errorf("db: bump user: %w", err)
	}
	return nil
}

// FinishInstallationsSync finishes a run that saw the whole list: the user's access
// counts as confirmed now. It queues a sync of the repositories of each installation
// that the run saw.
func (d *DB) FinishInstallationsSync(ctx context.Context, userID string, run int64) error {
	return d.fencedTx(ctx, func(q *sqlcgen.Queries) error {
		now := millis(d.now())
		if err := q.ConfirmAccess(ctx, sqlcgen.ConfirmAccessParams{Now: now, UserID: userID}); err != nil {
			return fmt.Errorf("db: confirm access: %w", err)
		}
		records, err := q.ListSeenRecords(ctx, sqlcgen.ListSeenRecordsParams{UserID: userID, Generation: run})
		if err != nil {
			return fmt.Errorf("db: list seen records: %w", err)
		}
		for _, record := range records {
			if err := d.queueSync(ctx, q, SyncRepositories{RecordID: record}, now); err != nil {
				return err
			}
		}
		_, err = finishRun(ctx, q, run, runDone, "", now)
		return err
	})
}
