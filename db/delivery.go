package db

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"neptun/db/sqlcgen"
)

// Outcome is the result of a delivery.
type Outcome string

// The outcomes of a delivery.
const (
	DeliveryPending Outcome = "pending"
	DeliveryApplied Outcome = "applied"
	DeliveryIgnored Outcome = "ignored" // there was nothing to do, or no way to
	DeliveryFailed  Outcome = "failed"
	DeliveryMissing Outcome = "missing" // GitHub sent it, but it never arrived
)

// Delivery is a webhook that GitHub delivered.
type Delivery struct {
	// GUID is GitHub's X-GitHub-Delivery, the same for every attempt.
	GUID   string
	Event  string
	Action string // empty for events without actions
	// InstallationID is GitHub's, 0 if it concerns no installation.
	InstallationID int64
	// Subject identifies its subject, without spaces: deliveries with the same subject
	// are applied together.
	Subject string
	// Revokes means that it revokes access. That part is applied first, on its own.
	Revokes bool
	// SentAt is when GitHub first sent it or, until that is known, when it arrived.
	SentAt     time.Time
	ReceivedAt time.Time // zero if it never arrived
	Outcome    Outcome
	AppliedAt  time.Time // zero until it is applied
	// AttemptID is GitHub's id of the latest attempt to deliver it, 0 if unknown.
	AttemptID int64
	// CaughtUpAt is when a recovery fetched it, or retried it after it had failed; zero
	// for neither.
	CaughtUpAt time.Time
	// Body is GitHub's JSON. It is stored sealed, and is empty once the delivery is applied or
	// ignored.
	Body []byte
}

// Fetched reports whether a recovery fetched it from GitHub, as opposed to GitHub sending it.
func (d Delivery) Fetched() bool {
	return !d.CaughtUpAt.IsZero() && !d.CaughtUpAt.After(d.ReceivedAt)
}

func deliveryPlace(guid string) string { return "deliveries.body/" + guid }

// AddDelivery stores a delivery that arrived or was fetched, and queues its job. A duplicate
// is stored once; if it wasn't applied, it is retried.
func (d *DB) AddDelivery(ctx context.Context, delivery Delivery) error {
	sealed := d.keyring.Seal(delivery.Body, deliveryPlace(delivery.GUID))
	subject := delivery.Subject
	if delivery.Revokes {
		subject = "" // until that part is applied
	}
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		added, err := q.InsertDelivery(ctx, sqlcgen.InsertDeliveryParams{
			GUID: delivery.GUID, Event: delivery.Event, Action: delivery.Action, Subject: subject,
			InstallationID: delivery.InstallationID, Now: millis(d.now()), Body: sealed, CaughtUpAt: millis(delivery.CaughtUpAt),
		})
		switch {
		case err != nil:
			return fmt.Errorf("db: add delivery: %w", err)
		case added == 0:
			return nil
		case subject == "":
			return d.queueDelivery(ctx, q, delivery.GUID)
		}
		return d.queueDeliveries(ctx, q, subject)
	})
}

// ApplyDelivery are the arguments of the job that applies the part of a delivery that
// revokes access, and queues the rest to be applied with others about the same subject.
type ApplyDelivery struct{ GUID string }

// Kind implements jobs.Args.
func (ApplyDelivery) Kind() string { return "apply_delivery" }

func (d *DB) queueDelivery(ctx context.Context, q *sqlcgen.Queries, guid string) error {
	return d.runNow(ctx, q, ApplyDelivery{GUID: guid}, priorityRemoval)
}

// ApplyDeliveries are the arguments of the job that applies all pending deliveries
// with one subject.
type ApplyDeliveries struct{ Subject string }

// Kind implements jobs.Args.
func (ApplyDeliveries) Kind() string { return "apply_deliveries" }

func (d *DB) queueDeliveries(ctx context.Context, q *sqlcgen.Queries, subject string) error {
	return d.enqueue(ctx, q, ApplyDeliveries{Subject: subject}, priorityWebhook, d.now())
}

// JoinDelivery queues a delivery to be applied together with others of the same subject.
func (d *DB) JoinDelivery(ctx context.Context, guid, subject string) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		n, err := q.SetDeliverySubject(ctx, sqlcgen.SetDeliverySubjectParams{Subject: subject, GUID: guid})
		if err != nil {
			return fmt.Errorf("db: join delivery: %w", err)
		}
		if n == 0 {
			return nil
		}
		return d.queueDeliveries(ctx, q, subject)
	})
}

// ListPendingDeliveries lists the deliveries about one subject that are to be applied, in
// the order of their arrival.
func (d *DB) ListPendingDeliveries(ctx context.Context, subject string, limit int) ([]Delivery, error) {
	rows, err := d.read.ListPendingDeliveries(ctx, sqlcgen.ListPendingDeliveriesParams{Subject: subject, RowLimit: int64(limit)})
	if err != nil {
		return nil, fmt.Errorf("db: list pending deliveries: %w", err)
	}
	list := make([]Delivery, 0, len(rows))
	for _, row := range rows {
		body, err := d.keyring.Open(row.Body, deliveryPlace(row.GUID))
		if err != nil {
			return nil, fmt.Errorf("db: open delivery: %w", err)
		}
		list = append(list, Delivery{
			GUID: row.GUID, Event: row.Event, Action: row.Action, InstallationID: row.InstallationID, Subject: subject,
			SentAt: fromMillis(row.SentAt), ReceivedAt: fromMillis(row.ReceivedAt), Outcome: DeliveryPending, Body: body,
		})
	}
	return list, nil
}

// FinishDeliveries is FinishDelivery for several.
func (d *DB) FinishDeliveries(ctx context.Context, guids []string, outcome Outcome) error {
	if len(guids) == 0 {
		return nil
	}
	set := make(map[string]int, len(guids))
	for _, guid := range guids {
		set[guid] = 1
	}
	encoded, err := json.Marshal(set)
	if err != nil {
		return fmt.Errorf("db: finish deliveries: %w", err)
	}
	var appliedAt time.Time
	if outcome == DeliveryApplied {
		appliedAt = d.now()
	}
	if err := d.write.FinishDeliveries(ctx, sqlcgen.FinishDeliveriesParams{
		Outcome: string(outcome), AppliedAt: millis(appliedAt), Body: []byte{}, Guids: string(encoded),
	}); err != nil {
		return fmt.Errorf("db: finish deliveries: %w", err)
	}
	return nil
}

// FailPendingDeliveries records that the pending deliveries with one subject could not be applied.
func (d *DB) FailPendingDeliveries(ctx context.Context, subject string) error {
	if err := d.write.FailPendingDeliveries(ctx, subject); err != nil {
		return fmt.Errorf("db: fail deliveries: %w", err)
	}
	return nil
}

// FindDelivery returns a delivery. The error is ErrNotFound if it isn't recorded.
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

// FinishDelivery records that a delivery was applied or ignored, and erases its
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

// FailDelivery records that a delivery could not be applied. Its body stays, so that it
// can be retried.
func (d *DB) FailDelivery(ctx context.Context, guid string) error {
	if err := d.write.FailDelivery(ctx, guid); err != nil {
		return fmt.Errorf("db: fail delivery: %w", err)
	}
	return nil
}
