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
}

// GetRecovery returns the status of the recovery of missed deliveries.
func (d *DB) GetRecovery(ctx context.Context) (Recovery, error) {
	status, run, err := d.getSync(ctx, RecoverDeliveries{})
	return Recovery{SyncStatus: status, Found: run.Found, Fetched: run.Fetched}, err
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
	row, err := d.read.GetDeliveryCursor(ctx)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return DeliveryCursor{}, fmt.Errorf("db: read delivery cursor: %w", err)
	}
	return DeliveryCursor{Watermark: fromMillis(row.Watermark), Cursor: row.Cursor, Newest: fromMillis(row.Newest)}, nil
}

// SetDeliveryCursor records where GitHub's list continues, and when the newest
// delivery on it was sent.
func (d *DB) SetDeliveryCursor(ctx context.Context, cursor string, newest time.Time) error {
	if err := d.write.SetDeliveryCursor(ctx, sqlcgen.SetDeliveryCursorParams{Cursor: cursor, Newest: millis(newest)}); err != nil {
		return fmt.Errorf("db: set delivery cursor: %w", err)
	}
	return nil
}

// AdvanceDeliveryWatermark records that GitHub's list is read down to the watermark,
// which moves to the newest delivery on it, and counts what is missing.
func (d *DB) AdvanceDeliveryWatermark(ctx context.Context) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
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
