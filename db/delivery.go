package db

import (
	"context"
	"fmt"
	"time"

	"neptun/db/sqlcgen"
)

// Outcome is what became of a delivery.
type Outcome string

// The outcomes of a delivery.
const (
	DeliveryPending Outcome = "pending"
	DeliveryApplied Outcome = "applied"
	DeliveryIgnored Outcome = "ignored" // there was nothing to do, or no way to
	DeliveryFailed  Outcome = "failed"
	DeliveryMissing Outcome = "missing" // GitHub sent it, and it never came
)

// Delivery is a webhook that GitHub delivered.
type Delivery struct {
	// GUID is GitHub's X-GitHub-Delivery, the same for every attempt.
	GUID   string
	Event  string
	Action string // empty where the event has none
	// InstallationID is GitHub's, 0 for none.
	InstallationID int64
	// SentAt is when GitHub first sent it, or, until GitHub told, when it came.
	SentAt     time.Time
	ReceivedAt time.Time // zero for one that never came
	Outcome    Outcome
	AppliedAt  time.Time // zero until it is
	// AttemptID is GitHub's id of its latest attempt to deliver it, 0 until it told.
	AttemptID int64
	// CaughtUpAt is when a catch-up fetched it, or took it up once more after it
	// failed; zero for one that came and needed neither.
	CaughtUpAt time.Time
	// Body is GitHub's JSON. It rests sealed, and is empty once the delivery is
	// applied or ignored.
	Body []byte
}

// Fetched tells whether it was fetched from GitHub, and didn't come by itself.
func (d Delivery) Fetched() bool {
	return !d.CaughtUpAt.IsZero() && !d.CaughtUpAt.After(d.ReceivedAt)
}

func deliveryPlace(guid string) string { return "deliveries.body/" + guid }

// AddDelivery stores a delivery that came, or was fetched, and queues its job.
// One that is there already is stored once: what was not applied is taken up
// again.
func (d *DB) AddDelivery(ctx context.Context, delivery Delivery) error {
	sealed := d.keyring.Seal(delivery.Body, deliveryPlace(delivery.GUID))
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		now := millis(d.now())
		added, err := q.InsertDelivery(ctx, sqlcgen.InsertDeliveryParams{
			GUID: delivery.GUID, Event: delivery.Event, Action: delivery.Action,
			InstallationID: delivery.InstallationID, Now: now, Body: sealed, CaughtUpAt: millis(delivery.CaughtUpAt),
		})
		switch {
		case err != nil:
			return fmt.Errorf("db: add delivery: %w", err)
		case added == 0:
			return nil
		}
		return d.queueDelivery(ctx, q, delivery.GUID)
	})
}

// ApplyDelivery are the arguments of the job that applies a webhook.
type ApplyDelivery struct{ GUID string }

// Kind implements jobs.Args.
func (ApplyDelivery) Kind() string { return "apply_delivery" }

func (d *DB) queueDelivery(ctx context.Context, q *sqlcgen.Queries, guid string) error {
	return d.runNow(ctx, q, ApplyDelivery{GUID: guid}, priorityWebhook)
}

// FindDelivery reads one. The error is ErrNotFound.
func (d *DB) FindDelivery(ctx context.Context, guid string) (Delivery, error) {
	row, err := d.read.GetDelivery(ctx, guid)
	if err != nil {
		return Delivery{}, fmt.Errorf("db: read delivery: %w", found(err))
	}
	delivery := Delivery{
		GUID: row.GUID, Event: row.Event, Action: row.Action, InstallationID: row.InstallationID,
		SentAt: fromMillis(row.SentAt), ReceivedAt: fromMillis(row.ReceivedAt), Outcome: Outcome(row.Outcome),
		AppliedAt: fromMillis(row.AppliedAt), AttemptID: row.AttemptID, CaughtUpAt: fromMillis(row.CaughtUpAt),
	}
	if len(row.Body) > 0 {
		if delivery.Body, err = d.keyring.Open(row.Body, deliveryPlace(guid)); err != nil {
			return Delivery{}, fmt.Errorf("db: open delivery: %w", err)
		}
	}
	return delivery, nil
}

// FinishDelivery notes that a delivery was applied or ignored, and erases its
// body.
func (d *DB) FinishDelivery(ctx context.Context, guid string, outcome Outcome) error {
	var appliedAt time.Time
	if outcome == DeliveryApplied {
		appliedAt = d.now()
	}
	if err := d.write.SettleDelivery(ctx, sqlcgen.SettleDeliveryParams{
		Outcome: string(outcome), AppliedAt: millis(appliedAt), Body: []byte{}, GUID: guid,
	}); err != nil {
		return fmt.Errorf("db: settle delivery: %w", err)
	}
	return nil
}

// FailDelivery notes that a delivery could not be applied. Its body stays, for
// it to be tried again.
func (d *DB) FailDelivery(ctx context.Context, guid string) error {
	if err := d.write.FailDelivery(ctx, guid); err != nil {
		return fmt.Errorf("db: fail delivery: %w", err)
	}
	return nil
}
