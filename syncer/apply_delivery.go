package syncer

import (
	"context"
	"errors"

	"neptun/db"
)

// applyDelivery does what a webhook hints at. It stores what GitHub says now, and
// not what the webhook says, so one that comes twice, late or out of order does no
// harm. What takes access away is believed at once, and looked at afterwards.
func (t *task) applyDelivery(ctx context.Context) error {
	delivery, err := t.s.db.FindDelivery(ctx, t.job.Subject)
	switch {
	case errors.Is(err, db.ErrNotFound):
		return nil // it belonged to an App that was forgotten
	case err != nil:
		return err
	case delivery.Outcome != db.DeliveryPending:
		return nil // a worker that went away had it done
	}
	event := delivery.Event
	if delivery.Action != "" {
		event += "." + delivery.Action
	}
	outcome, err := t.s.webhooks.Apply(db.WithCause(ctx, db.Cause{Kind: db.ByWebhook, Event: event}), delivery)
	if err != nil {
		return err
	}
	return t.s.db.FinishDelivery(ctx, delivery.GUID, outcome)
}
