package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"neptun/db/sqlcgen"
)

// Recovery is the status of the recovery of missed deliveries.
type Recovery struct {
	SyncStatus
	// Found is how many deliveries the latest run found missing, and Fetched how many
	// of those it fetched.
	Found, Fetched int64
	// Note is what the recovery could not restore, for users, while the sync of everything
	// that was queued instead is running.
	Note string
}

// GetRecovery returns the status of the recovery of missed deliveries.
func (d *DB) GetRecovery(ctx context.Context) (Recovery, error) {
	status, run, err := d.getSync(ctx, RecoverDeliveries{})
	if err != nil {
		return Recovery{}, err
	}
	recovery := Recovery{SyncStatus: status, Found: run.Found, Fetched: run.Fetched}
	row, err := getDeliveryRecovery(ctx, d.read)
	if err != nil {
		return Recovery{}, err
	}
	reconciling, err := d.reconciling(ctx, d.read, row)
	if reconciling {
		recovery.Note = row.Note
	}
	return recovery, err
}

func getDeliveryRecovery(ctx context.Context, q *sqlcgen.Queries) (sqlcgen.DeliveryRecovery, error) {
	row, err := q.GetDeliveryRecovery(ctx)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return row, fmt.Errorf("db: read recovery: %w", err)
	}
	return row, nil
}

// reconciling reports whether the sync of everything that a recovery queued is still
// running.
func (d *DB) reconciling(ctx context.Context, q *sqlcgen.Queries, row sqlcgen.DeliveryRecovery) (bool, error) {
	if row.ReconcileSince == 0 {
		return false, nil
	}
	is, err := q.IsReconciling(ctx, sqlcgen.IsReconcilingParams{ConfirmedAfter: d.confirmedAfter(), Since: row.ReconcileSince, Parked: parked})
	if err != nil {
		return false, fmt.Errorf("db: look at syncs: %w", err)
	}
	return is, nil
}

// FinishRecovery finishes a complete run of the recovery.
func (d *DB) FinishRecovery(ctx context.Context, run int64) error {
	return d.fencedTx(ctx, func(q *sqlcgen.Queries) error {
		row, err := getDeliveryRecovery(ctx, q)
		if err != nil {
			return err
		}
		if reconciling, err := d.reconciling(ctx, q, row); err != nil {
			return err
		} else if !reconciling && row.ReconcileSince > 0 {
			if err := q.SetReconcileSince(ctx, sqlcgen.SetReconcileSinceParams{}); err != nil {
				return fmt.Errorf("db: record reconcile: %w", err)
			}
		}
		_, err = finishRun(ctx, q, run, runDone, "", millis(d.now()))
		return err
	})
}

// DeliveryCursor is how far GitHub's list of deliveries was read.
type DeliveryCursor struct {
	// Watermark is until when everything that GitHub sent is recorded; zero before the
	// list was first read to its end.
	Watermark time.Time
	// Cursor is where the list continues, empty for its newest part, and Newest what
	// becomes the watermark once the list is read.
	Cursor string
	Newest time.Time
}

// GetDeliveryCursor returns how far GitHub's list of deliveries was read.
func (d *DB) GetDeliveryCursor(ctx context.Context) (DeliveryCursor, error) {
	row, err := getDeliveryRecovery(ctx, d.read)
	return DeliveryCursor{Watermark: fromMillis(row.Watermark), Cursor: row.Cursor, Newest: fromMillis(row.Newest)}, err
}

// SetDeliveryCursor records where GitHub's list continues, and when the newest
// delivery on it was sent.
func (d *DB) SetDeliveryCursor(ctx context.Context, cursor string, newest time.Time) error {
	return d.fencedStep(ctx, "set delivery cursor", func(q *sqlcgen.Queries) error {
		return q.SetDeliveryCursor(ctx, sqlcgen.SetDeliveryCursorParams{Cursor: cursor, Newest: millis(newest)})
	})
}

// AdvanceDeliveryWatermark records that GitHub's list is read down to the watermark,
// moves the watermark to the newest delivery on the list, and counts the missing ones.
func (d *DB) AdvanceDeliveryWatermark(ctx context.Context) error {
	return d.fencedTx(ctx, func(q *sqlcgen.Queries) error {
		missing, err := q.CountFetchableDeliveries(ctx, maxFetchTries)
		if err != nil {
			return fmt.Errorf("db: count missing deliveries: %w", err)
		}
		if err := q.SetFoundDeliveries(ctx, missing); err != nil {
			return fmt.Errorf("db: count missing deliveries: %w", err)
		}
		if err := q.AdvanceDeliveryWatermark(ctx); err != nil {
			return fmt.Errorf("db: advance watermark: %w", err)
		}
		return nil
	})
}
