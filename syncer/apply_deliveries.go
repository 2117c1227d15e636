package syncer

import (
	"context"

	"neptun/db"
	"neptun/jobs"
)

// deliveriesTogether limits how many deliveries about one subject are applied at once.
const deliveriesTogether = 500

type deliveriesWorker struct{ *Syncer }

// Work implements jobs.Worker: it applies the pending webhooks about one subject. It
// stores what GitHub returns now and not what the webhooks contain, so duplicates and
// late or reordered webhooks do no harm, and one request serves all of them.
func (w deliveriesWorker) Work(ctx context.Context, job jobs.Job[db.ApplyDeliveries]) error {
	deliveries, err := w.db.ListPendingDeliveries(ctx, job.Args.Subject, deliveriesTogether)
	if err != nil || len(deliveries) == 0 {
		return err
	}
	if wait := w.pace.reserve(deliveries[0].InstallationID, job.Args.Subject, w.now()); wait > 0 {
		return jobs.Snooze(w.now().Add(wait), nil)
	}
	finished := map[db.Outcome][]db.Delivery{}
	err = w.webhooks.Apply(ctx, deliveries, func(delivery db.Delivery, outcome db.Outcome) error {
		finished[outcome] = append(finished[outcome], delivery)
		return nil
	})
	for outcome, deliveries := range finished {
		if err := w.db.FinishDeliveries(ctx, guids(deliveries), outcome); err != nil {
			return err
		}
		w.observeDeliveries(outcome, deliveries...)
	}
	if err == nil && len(deliveries) == deliveriesTogether {
		return jobs.Snooze(w.now(), nil) // there may be more
	}
	return err
}

// Failed implements jobs.Failer.
func (w deliveriesWorker) Failed(ctx context.Context, job jobs.Job[db.ApplyDeliveries], _ error) error {
	return w.db.FailPendingDeliveries(ctx, job.Args.Subject)
}

func guids(deliveries []db.Delivery) []string {
	list := make([]string, 0, len(deliveries))
	for _, delivery := range deliveries {
		list = append(list, delivery.GUID)
	}
	return list
}

// observeDeliveries reports how long after GitHub sent them deliveries were applied.
func (s *Syncer) observeDeliveries(outcome db.Outcome, deliveries ...db.Delivery) {
	if s.observeDelivery == nil {
		return
	}
	now := s.now()
	for _, delivery := range deliveries {
		s.observeDelivery(string(outcome), now.Sub(delivery.SentAt))
	}
}
