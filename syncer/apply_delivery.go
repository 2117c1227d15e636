package syncer

import (
	"context"
	"errors"

	"neptun/db"
	"neptun/jobs"
)

type deliveryWorker struct{ *Syncer }

// Work implements jobs.Worker: it does what a webhook hints at. It stores what GitHub says now, and
// not what the webhook says, so one that comes twice, late or out of order does no
// harm. What takes access away is believed at once, and looked at afterwards.
func (w deliveryWorker) Work(ctx context.Context, job jobs.Job[db.ApplyDelivery]) error {
	delivery, err := w.db.FindDelivery(ctx, job.Args.GUID)
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
	outcome, err := w.webhooks.Apply(db.WithCause(ctx, db.Cause{Kind: db.ByWebhook, Event: event}), delivery)
	if err != nil {
		return err
	}
	return w.db.FinishDelivery(ctx, delivery.GUID, outcome)
}

// Failed implements jobs.Failer.
func (w deliveryWorker) Failed(ctx context.Context, job jobs.Job[db.ApplyDelivery], _ error) error {
	return w.db.FailDelivery(ctx, job.Args.GUID)
}
