package db

import (
	"context"
	"fmt"
	"time"

	"neptun/db/sqlcgen"
)

const (
	// maxChecks is the number of repositories of a record up to which they are checked
	// individually. A sync reads a hundred with each request.
	maxChecks = 20
	// checkDelay is how long a check waits for others to join it, so that a burst of
	// webhooks takes one request.
	checkDelay = time.Second
	// checksAtOnce is how many users of an account are checked at once. The others follow at
	// intervals of checksApart, all of them within checksWithin.
	checksAtOnce = 5
	checksApart  = 300 * time.Millisecond
	checksWithin = 10 * time.Minute
)

// QueueChecks queues checks of whether users with a record on the account see the
// repositories, given by id with GitHub's owner/name. Each check uses the user's own token.
// With a userID, only that user is checked; without repositories, the whole record is. It
// reports whether there was a user to check.
func (d *DB) QueueChecks(ctx context.Context, account Account, userID string, repositories map[int64]string) (queued bool, err error) {
	err = d.withTx(ctx, func(q *sqlcgen.Queries) error {
		id, err := accountID(ctx, q, account)
		if err != nil || id == 0 {
			return err
		}
		queued, err = d.queueChecks(ctx, q, id, userID, repositories)
		return err
	})
	return queued, err
}

// QueueChecksForViewers queues checks of all users who see one of the repositories now,
// given by id with GitHub's owner/name, in any account.
func (d *DB) QueueChecksForViewers(ctx context.Context, repositories map[int64]string) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		encoded, err := namesJSON(repositories)
		if err != nil {
			return err
		}
		if _, err := q.InsertChecksOfHolders(ctx, sqlcgen.InsertChecksOfHoldersParams{Repositories: encoded}); err != nil {
			return fmt.Errorf("db: check holders: %w", err)
		}
		accounts, err := q.ListOwnersOf(ctx, encoded)
		if err != nil {
			return fmt.Errorf("db: list owners: %w", err)
		}
		for _, account := range accounts {
			if err := d.queueCheckJobs(ctx, q, account); err != nil {
				return err
			}
		}
		return nil
	})
}

func (d *DB) queueChecks(ctx context.Context, q *sqlcgen.Queries, account int64, userID string, repositories map[int64]string) (queued bool, err error) {
	if len(repositories) == 0 || len(repositories) > maxChecks {
		repositories = map[int64]string{0: ""}
	}
	encoded, err := namesJSON(repositories)
	if err != nil {
		return false, err
	}
	n, err := q.InsertChecks(ctx, sqlcgen.InsertChecksParams{Repositories: encoded, AccountID: account, UserID: userID})
	switch {
	case err != nil:
		return false, fmt.Errorf("db: queue checks: %w", err)
	case n == 0:
		return false, nil
	}
	return true, d.queueCheckJobs(ctx, q, account)
}

// CheckAccess are the arguments of the job that checks repositories of an installation
// record, with its user's own token.
type CheckAccess struct{ RecordID int64 }

// Kind implements jobs.Args.
func (CheckAccess) Kind() string { return "check_access" }

// queueCheckJobs queues the jobs for the checks on an account.
func (d *DB) queueCheckJobs(ctx context.Context, q *sqlcgen.Queries, account int64) error {
	defer d.jobQueued()
	n, err := q.CountChecksOfAccount(ctx, account)
	if err != nil {
		return fmt.Errorf("db: count checks: %w", err)
	}
	now := d.now()
	if err := q.EnqueueCheckJobs(ctx, sqlcgen.EnqueueCheckJobsParams{
		Priority: priorityCheck, RunAt: millis(now.Add(checkDelay)), Now: millis(now), AccountID: account,
		AtOnce: checksAtOnce, Apart: min(checksApart, checksWithin/time.Duration(max(n, 1))).Milliseconds(),
	}); err != nil {
		return fmt.Errorf("db: queue jobs: %w", err)
	}
	return nil
}

// CheckInstallations are the arguments of the job that syncs a user's installations again
// after a running sync.
type CheckInstallations struct{ UserID string }

// Kind implements jobs.Args.
func (CheckInstallations) Kind() string { return "check_installations" }

// QueueInstallationsCheck queues a sync of a user's installations, to run after one that
// is running.
func (d *DB) QueueInstallationsCheck(ctx context.Context, userID string) error {
	return d.queueInstallationsCheck(ctx, d.write, userID)
}

func (d *DB) queueInstallationsCheck(ctx context.Context, q *sqlcgen.Queries, userID string) error {
	return d.enqueue(ctx, q, CheckInstallations{UserID: userID}, priorityCheck, d.now().Add(checkDelay))
}
