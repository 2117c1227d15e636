package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"neptun/db/sqlcgen"
)

// CatchUp tells how the looking for missed deliveries stands.
type CatchUp struct {
	State   SyncState
	Message string // one sentence for people, or empty
	// Found is how many the latest look found missing, and Fetched how many of
	// those it got.
	Found, Fetched int64
	StartedAt      time.Time
	FinishedAt     time.Time // the end of the last whole look, zero before the first
	RetryAt        time.Time // while it waits for GitHub
	// Note is what the recovery could not bring back, in words for people, as long as
	// the sync of everything that is queued instead is under way.
	Note string

	// Watermark is until when all that GitHub sent is recorded; zero before the
	// first whole reading of its list.
	Watermark time.Time
	// Cursor is where the reading of GitHub's list goes on, empty for its newest
	// part, and Newest what becomes the watermark once it is read.
	Cursor string
	Newest time.Time
}

// Active reports whether the look still has something to do.
func (c CatchUp) Active() bool { return Sync{State: c.State}.Active() }

func toCatchUp(row sqlcgen.CatchUp) CatchUp {
	return CatchUp{
		State: syncState(row.State), Message: row.Message, Found: row.Found, Fetched: row.Fetched,
		StartedAt: fromMillis(row.StartedAt), FinishedAt: fromMillis(row.FinishedAt), RetryAt: fromMillis(row.RetryAt),
		Watermark: fromMillis(row.Watermark), Cursor: row.Cursor, Newest: fromMillis(row.Newest),
	}
}

// CatchUp reads how the looking for missed deliveries stands.
func (d *DB) CatchUp(ctx context.Context) (CatchUp, error) {
	row, err := d.read.GetCatchUp(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return CatchUp{State: SyncIdle}, nil
	}
	if err != nil {
		return CatchUp{}, fmt.Errorf("db: read catch-up: %w", err)
	}
	state := toCatchUp(row)
	switch reconciling, err := d.reconciling(ctx, d.read, row); {
	case err != nil:
		return CatchUp{}, err
	case reconciling:
		state.Note = row.Note
	}
	return state, nil
}

// reconciling reports whether the sync of everything that a recovery queued is under
// way.
func (d *DB) reconciling(ctx context.Context, q *sqlcgen.Queries, row sqlcgen.CatchUp) (bool, error) {
	if row.ReconcileSince == 0 {
		return false, nil
	}
	is, err := q.IsReconciling(ctx, sqlcgen.IsReconcilingParams{ConfirmedAfter: d.confirmedAfter(), Since: row.ReconcileSince, Parked: parked})
	if err != nil {
		return false, fmt.Errorf("db: look at syncs: %w", err)
	}
	return is, nil
}

// RecoverDeliveries is the periodic job that looks for deliveries that were missed.
type RecoverDeliveries struct{}

// Kind implements jobs.Args.
func (RecoverDeliveries) Kind() string { return "catch_up" }

// QueueCatchUp has missed deliveries looked for right away. It joins a look that
// is under way, or that waits for GitHub.
func (d *DB) QueueCatchUp(ctx context.Context) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		now := millis(d.now())
		queued, err := q.QueueCatchUp(ctx, now)
		if err != nil {
			return fmt.Errorf("db: queue catch-up: %w", err)
		}
		return d.enqueueSync(ctx, q, RecoverDeliveries{}, queued > 0)
	})
}

// StartCatchUp begins a look, or goes on with one that was interrupted.
func (d *DB) StartCatchUp(ctx context.Context) (CatchUp, error) {
	row, err := d.write.StartCatchUp(ctx, millis(d.now()))
	if err != nil {
		return CatchUp{}, fmt.Errorf("db: start catch-up: %w", err)
	}
	return toCatchUp(row), nil
}

// ProgressCatchUp notes where the reading of GitHub's list goes on, and what the
// newest delivery on it is.
func (d *DB) ProgressCatchUp(ctx context.Context, cursor string, newest time.Time) error {
	if err := d.write.ProgressCatchUp(ctx, sqlcgen.ProgressCatchUpParams{Cursor: cursor, Newest: millis(newest)}); err != nil {
		return fmt.Errorf("db: note progress of catch-up: %w", err)
	}
	return nil
}

// AdvanceCatchUp notes that GitHub's list is read down to the watermark, which
// moves to the newest that was met, and counts what is missing.
func (d *DB) AdvanceCatchUp(ctx context.Context) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		missing, err := q.CountFetchableDeliveries(ctx, maxFetchTries)
		if err != nil {
			return fmt.Errorf("db: count missing deliveries: %w", err)
		}
		if err := q.AdvanceCatchUp(ctx, missing); err != nil {
			return fmt.Errorf("db: advance catch-up: %w", err)
		}
		return nil
	})
}

// WaitCatchUp notes that the look goes on at a time, and why.
func (d *DB) WaitCatchUp(ctx context.Context, until time.Time, message string) error {
	if err := d.write.WaitCatchUp(ctx, sqlcgen.WaitCatchUpParams{Message: message, RetryAt: millis(until)}); err != nil {
		return fmt.Errorf("db: wait with catch-up: %w", err)
	}
	return nil
}

// FailCatchUp notes that a look didn't finished.
func (d *DB) FailCatchUp(ctx context.Context, message string) error {
	if err := d.write.FailCatchUp(ctx, message); err != nil {
		return fmt.Errorf("db: fail catch-up: %w", err)
	}
	return nil
}

// FinishCatchUp ends a look.
func (d *DB) FinishCatchUp(ctx context.Context) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		row, err := q.GetCatchUp(ctx)
		if err != nil {
			return fmt.Errorf("db: read catch-up: %w", err)
		}
		if reconciling, err := d.reconciling(ctx, q, row); err != nil {
			return err
		} else if !reconciling && row.ReconcileSince > 0 {
			if err := q.SetReconcileSince(ctx, sqlcgen.SetReconcileSinceParams{}); err != nil {
				return fmt.Errorf("db: note reconcile: %w", err)
			}
		}
		if err := q.FinishCatchUp(ctx, millis(d.now())); err != nil {
			return fmt.Errorf("db: finish catch-up: %w", err)
		}
		return nil
	})
}
