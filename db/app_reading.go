package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"neptun/db/sqlcgen"
)

// SyncAppInstallations is the job that reads all installations of the App.
type SyncAppInstallations struct{}

// Kind implements jobs.Args.
func (SyncAppInstallations) Kind() string { return "sync_app_installations" }

// AppReading tells how the reading of all installations of the App stands.
func (d *DB) AppReading(ctx context.Context) (ListSync, error) {
	row, err := d.read.GetAppReading(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return ListSync{Sync: Sync{State: SyncIdle}}, nil
	}
	if err != nil {
		return ListSync{}, fmt.Errorf("db: read app reading: %w", err)
	}
	skipped, err := parseSkipped(row.SkippedReasons, 0)
	if err != nil {
		return ListSync{}, err
	}
	return ListSync{
		Sync: Sync{
			Skipped:    skipped.Total(),
			State:      syncState(row.State),
			Message:    row.Message,
			StartedAt:  fromMillis(row.StartedAt),
			FinishedAt: fromMillis(row.FinishedAt),
			RetryAt:    fromMillis(row.RetryAt),
		},
		SyncedAt: fromMillis(row.SyncedAt),
	}, nil
}

// QueueAppReading asks for a reading of all installations of the App, unless
// the last one ended less than maxAge ago: zero for a new one in any case. It
// joins one that is under way.
func (d *DB) QueueAppReading(ctx context.Context, maxAge time.Duration) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		now := d.now()
		queued, err := q.QueueAppReading(ctx, millis(now.Add(-maxAge)))
		if err != nil {
			return fmt.Errorf("db: queue app reading: %w", err)
		}
		if queued == 0 {
			return nil
		}
		return d.enqueueSync(ctx, q, SyncAppInstallations{}, true)
	})
}

// StartAppReading begins a reading and gives its number.
func (d *DB) StartAppReading(ctx context.Context) (run int64, err error) {
	if run, err = d.write.StartAppReading(ctx, millis(d.now())); err != nil {
		return 0, fmt.Errorf("db: start app reading: %w", err)
	}
	return run, nil
}

// WaitAppReading notes that the reading goes on at a time, and why.
func (d *DB) WaitAppReading(ctx context.Context, until time.Time, message string) error {
	if err := d.write.WaitAppReading(ctx, sqlcgen.WaitAppReadingParams{Message: message, RetryAt: millis(until)}); err != nil {
		return fmt.Errorf("db: wait with app reading: %w", err)
	}
	return nil
}

// FailAppReading ends a reading that didn't finished.
func (d *DB) FailAppReading(ctx context.Context, message string) error {
	if err := d.write.FailAppReading(ctx, sqlcgen.FailAppReadingParams{Message: message, Now: millis(d.now())}); err != nil {
		return fmt.Errorf("db: fail app reading: %w", err)
	}
	return nil
}

// FinishAppReading ends a reading that met every installation there is, but for the
// rows that it skipped.
func (d *DB) FinishAppReading(ctx context.Context, skipped Skipped) error {
	if err := d.write.FinishAppReading(ctx, sqlcgen.FinishAppReadingParams{Now: millis(d.now()), SkippedReasons: skipped.String()}); err != nil {
		return fmt.Errorf("db: finish app reading: %w", err)
	}
	return nil
}

// PutAppInstallations stores installations of the App that a reading met.
func (d *DB) PutAppInstallations(ctx context.Context, run int64, page []Installation) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		accounts := make([]Account, len(page))
		for i, facts := range page {
			accounts[i] = facts.Account
		}
		asOf, err := q.GetReadingAsOf(ctx)
		if err != nil {
			return fmt.Errorf("db: read app reading: %w", err)
		}
		ids, err := putAccounts(ctx, q, accounts, Revision(asOf))
		if err != nil {
			return err
		}
		for _, facts := range page {
			if err := putInstallation(ctx, q, ids[facts.Account.key()], facts, Revision(asOf), millis(d.now())); err != nil {
				return err
			}
			if err := q.MarkInstallationSeen(ctx, sqlcgen.MarkInstallationSeenParams{Run: run, ID: facts.GitHubID}); err != nil {
				return fmt.Errorf("db: mark installation: %w", err)
			}
		}
		return nil
	})
}

// ListUnseenAppInstallations lists the installations, by GitHub's ids, that a
// reading did not meet.
func (d *DB) ListUnseenAppInstallations(ctx context.Context, run int64) ([]int64, error) {
	ids, err := d.read.ListUnseenInstallations(ctx, run)
	if err != nil {
		return nil, fmt.Errorf("db: list unseen installations: %w", err)
	}
	return ids, nil
}
