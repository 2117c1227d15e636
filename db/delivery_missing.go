package db

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"neptun/db/sqlcgen"
)

// maxFetchTries is how often a missing delivery is requested before it is abandoned.
const maxFetchTries = 5

// SentDelivery is a delivery as GitHub lists it, with all its attempts.
type SentDelivery struct {
	GUID           string
	Event          string
	Action         string // empty for events without actions
	InstallationID int64  // GitHub's, 0 if it concerns no installation
	AttemptID      int64  // GitHub's, of the latest
	SentAt         time.Time
	LastSentAt     time.Time
	// Ignored means that it would change nothing.
	Ignored bool
}

type sentDelivery struct {
	Event          string  `json:"event"`
	Action         string  `json:"action"`
	InstallationID int64   `json:"installation_id"`
	AttemptID      int64   `json:"attempt_id"`
	SentAt         int64   `json:"sent_at"`
	LastSentAt     int64   `json:"last_sent_at"`
	Outcome        Outcome `json:"outcome"`
}

// RecordSentDeliveries records the deliveries that GitHub sent. Those that never arrived
// become missing, or ignored if they would change nothing.
func (d *DB) RecordSentDeliveries(ctx context.Context, sent []SentDelivery) error {
	rows := make(map[string]sentDelivery, len(sent))
	for _, s := range sent {
		outcome := DeliveryMissing
		if s.Ignored {
			outcome = DeliveryIgnored
		}
		rows[s.GUID] = sentDelivery{
			Event: s.Event, Action: s.Action, InstallationID: s.InstallationID, AttemptID: s.AttemptID,
			SentAt: millis(s.SentAt), LastSentAt: millis(s.LastSentAt), Outcome: outcome,
		}
	}
	encoded, err := json.Marshal(rows)
	if err != nil {
		return fmt.Errorf("db: encode deliveries: %w", err)
	}
	return d.fencedStep(ctx, "record sent deliveries", func(q *sqlcgen.Queries) error {
		return q.UpsertSentDeliveries(ctx, string(encoded))
	})
}

// MissingDelivery is a delivery that never arrived, with GitHub's ids.
type MissingDelivery struct {
	GUID      string
	AttemptID int64
}

// ListMissingDeliveries lists the deliveries to fetch, in the order in which GitHub sent them.
func (d *DB) ListMissingDeliveries(ctx context.Context, limit int) ([]MissingDelivery, error) {
	rows, err := d.read.ListMissingDeliveries(ctx, sqlcgen.ListMissingDeliveriesParams{MaxTries: maxFetchTries, RowLimit: int64(limit)})
	if err != nil {
		return nil, fmt.Errorf("db: list missing deliveries: %w", err)
	}
	list := make([]MissingDelivery, 0, len(rows))
	for _, row := range rows {
		list = append(list, MissingDelivery{GUID: row.GUID, AttemptID: row.AttemptID})
	}
	return list, nil
}

// CountMissing counts the deliveries that never arrived, including those that can't be
// fetched any more.
func (d *DB) CountMissing(ctx context.Context) (int64, error) {
	n, err := d.read.CountMissingDeliveries(ctx)
	if err != nil {
		return 0, fmt.Errorf("db: count missing deliveries: %w", err)
	}
	return n, nil
}

// AddFetchedDelivery stores a missing delivery that was fetched as if it had arrived.
func (d *DB) AddFetchedDelivery(ctx context.Context, delivery Delivery) error {
	delivery.CaughtUpAt = d.now()
	if err := d.AddDelivery(ctx, delivery); err != nil {
		return err
	}
	return d.fencedStep(ctx, "count fetched delivery", func(q *sqlcgen.Queries) error { return q.CountFetchedDelivery(ctx) })
}

// RecordFetchFailure notes that a missing delivery could not be fetched.
func (d *DB) RecordFetchFailure(ctx context.Context, guid string) error {
	return d.countFetchTry(ctx, guid, 1)
}

// AbandonDelivery records that a missing delivery can't be fetched any more, since GitHub
// doesn't have it. It stays missing.
func (d *DB) AbandonDelivery(ctx context.Context, guid string) error {
	return d.countFetchTry(ctx, guid, maxFetchTries)
}

func (d *DB) countFetchTry(ctx context.Context, guid string, tries int64) error {
	return d.fencedStep(ctx, "count try", func(q *sqlcgen.Queries) error {
		return q.CountFetchTry(ctx, sqlcgen.CountFetchTryParams{Tries: tries, GUID: guid})
	})
}

// RetryFailedDeliveries queues the deliveries that failed once more, once each.
func (d *DB) RetryFailedDeliveries(ctx context.Context) error {
	failed, err := d.read.ListFailedDeliveries(ctx)
	if err != nil {
		return fmt.Errorf("db: list failed deliveries: %w", err)
	}
	for _, guid := range failed {
		err := d.withTx(ctx, func(q *sqlcgen.Queries) error {
			now := millis(d.now())
			retried, err := q.RetryDelivery(ctx, sqlcgen.RetryDeliveryParams{Now: now, GUID: guid})
			switch {
			case err != nil:
				return fmt.Errorf("db: retry delivery: %w", err)
			case retried == 0:
				return nil // it has arrived since
			}
			return d.queueDelivery(ctx, q, guid)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
