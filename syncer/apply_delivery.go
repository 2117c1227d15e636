package syncer

import (
	"context"
	"errors"

	"neptun/db"
	"neptun/jobs"
	"neptun/syncer/webhook"
)

type deliveryWorker struct{ *Syncer }

// Work implements jobs.Worker: the part of a delivery that removes access is applied
// immediately. The rest is applied together with other deliveries about the same subject.
func (w deliveryWorker) Work(ctx context.Context, job jobs.Job[db.ApplyDelivery]) error {
	delivery, err := w.db.FindDelivery(ctx, job.Args.GUID)
	switch {
	case errors.Is(err, db.ErrNotFound):
		return nil // it belonged to an App that was forgotten
	case err != nil:
		return err
	case delivery.Outcome != db.DeliveryPending:
		return nil // another worker applied it
	}
	more, outcome, err := w.webhooks.Revoke(ctx, delivery)
	if err != nil {
		return err
	}
	if !more {
		return w.finish(ctx, delivery, outcome)
	}
	read, err := webhook.ReadDelivery(delivery.GUID, delivery.Event, delivery.Body)
	if err != nil {
		return w.finish(ctx, delivery, db.DeliveryIgnored)
	}
	return w.db.JoinDelivery(ctx, delivery.GUID, read.Subject)
}

func (w deliveryWorker) finish(ctx context.Context, delivery db.Delivery, outcome db.Outcome) error {
	if err := w.db.FinishDelivery(ctx, delivery.GUID, outcome); err != nil {
		return err
	}
	w.observeDeliveries(outcome, delivery)
	return nil
}

// Failed implements jobs.Failer.
func (w deliveryWorker) Failed(ctx context.Context, job jobs.Job[db.ApplyDelivery], _ error) error {
	return w.db.FailDelivery(ctx, job.Args.GUID)
}
