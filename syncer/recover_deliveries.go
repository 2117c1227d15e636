package syncer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"neptun/db"
	"neptun/github"
	"neptun/jobs"
	"neptun/syncer/webhook"
)

const (
	// recoverEvery is how often GitHub is asked what it sent. It never sends
	// anything again by itself
	// (https://docs.github.com/webhooks/using-webhooks/handling-failed-webhook-deliveries).
	recoverEvery = 10 * time.Minute
	// recoverRetry is how soon it is asked again when it didn't answer.
	recoverRetry = time.Minute
	// recoverOverlap is how far before the newest that it listed the last time its
	// list is read again, since nothing says that a delivery is listed at once.
	recoverOverlap = 15 * time.Minute
	// recoverPages and recoverFetches bound one turn. Other jobs have theirs before
	// the next.
	recoverPages   = 20
	recoverFetches = 200
	// recoverMisses is how many deliveries in a row that GitHub doesn't hand out
	// mean that it is out of order.
	recoverMisses = 3
)

type recoveryWorker struct {
	tracked[db.RecoverDeliveries]
}

// Work implements jobs.Worker: it fetches and stores what GitHub sent and never
// arrived, and retries what failed.
func (w recoveryWorker) Work(ctx context.Context, job jobs.Job[db.RecoverDeliveries]) error {
	run, err := w.db.StartSync(ctx, job.Args)
	if err != nil {
		return err
	}
	now, err := w.db.GetRecovery(ctx)
	if err != nil {
		return err
	}
	more, err := w.recover(ctx, now)
	var limit *github.RateLimitError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &limit):
		return err
	case err != nil && !w.github.HasPrivateKey():
		return w.db.FailSync(ctx, run, "") // nothing can be requested
	case err != nil:
		w.log.WarnContext(ctx, "missed deliveries could not be recovered", "error", err)
		if err := w.db.FailSync(ctx, run, explain(err)); err != nil {
			return err
		}
		return jobs.Snooze(w.now().Add(recoverRetry), nil)
	case more:
		return jobs.Snooze(w.now(), nil)
	}
	return w.db.FinishRecovery(ctx, run)
}

// deliveriesKept is how long GitHub lists what it sent
// (https://docs.github.com/webhooks/testing-and-troubleshooting-webhooks/viewing-webhook-deliveries).
const deliveriesKept = 3 * 24 * time.Hour

// outOfReach reports whether something that was missed may no longer be listed.
func outOfReach(now db.Recovery) bool {
	return !now.SyncedAt.IsZero() && now.StartedAt.Sub(now.SyncedAt) > deliveriesKept
}

// recover reports whether there is more than one turn can do.
func (s *Syncer) recover(ctx context.Context, now db.Recovery) (more bool, err error) {
	if err := s.db.RetryFailedDeliveries(ctx); err != nil {
		return false, err
	}
	whole, err := s.readSent(ctx)
	if err != nil || !whole {
		return !whole, err
	}
	if outOfReach(now) {
		// The list no longer has all that was missed: every list is read instead.
		const note = "Neptun recovered no deliveries for more than three days, which is longer than GitHub keeps them, so it syncs everything."
		if err := s.db.ReconcileEverybody(ctx, note); err != nil {
			return false, err
		}
		if err := s.db.QueueSync(ctx, db.SyncAppInstallations{}); err != nil {
			return false, err
		}
	}
	// Only now is it known what came first.
	return s.fetchMissing(ctx)
}

// readSent reads GitHub's list from its newest delivery, or from where it was
// left, down to the watermark. It reports whether it got there.
func (s *Syncer) readSent(ctx context.Context) (whole bool, err error) {
	at, err := s.db.GetDeliveryCursor(ctx)
	if err != nil {
		return false, err
	}
	var since time.Time
	if !at.Watermark.IsZero() {
		since = at.Watermark.Add(-recoverOverlap)
	}
	cursor, newest := at.Cursor, at.Newest
	for range recoverPages {
		page, err := s.github.AsApp().DeliveriesPage(ctx, cursor, github.PerPage)
		switch {
		case errors.Is(err, github.ErrNoHook), errors.Is(err, github.ErrUnsupported):
			return true, nil // there is nothing to recover from
		case errors.Is(err, github.ErrRefused) && cursor != "":
			// Nothing says for how long a cursor is good.
			cursor, newest = "", time.Time{}
			if err := s.db.SetDeliveryCursor(ctx, cursor, newest); err != nil {
				return false, err
			}
			continue
		case err != nil:
			return false, err
		}
		if err := s.db.RecordSentDeliveries(ctx, sentDeliveries(page.Items)); err != nil {
			return false, err
		}
		reached := page.Next == "" || page.Next == cursor
		for _, item := range page.Items {
			if item.DeliveredAt.After(newest) {
				newest = item.DeliveredAt
			}
			reached = reached || item.DeliveredAt.Before(since)
		}
		cursor = page.Next
		if err := s.db.SetDeliveryCursor(ctx, cursor, newest); err != nil {
			return false, err
		}
		if reached {
			return true, s.db.AdvanceDeliveryWatermark(ctx)
		}
	}
	return false, nil
}

// sentDeliveries gathers the attempts that GitHub lists into deliveries.
func sentDeliveries(attempts []github.Delivery) []db.SentDelivery {
	var sent []db.SentDelivery
	at := map[string]int{}
	for _, attempt := range attempts {
		if !webhook.Valid(attempt.GUID, attempt.Event, attempt.Action) || attempt.ID <= 0 {
			continue // none of GitHub's, which would be refused here as well
		}
		i, known := at[attempt.GUID]
		if !known {
			at[attempt.GUID] = len(sent)
			sent = append(sent, db.SentDelivery{
				GUID: attempt.GUID, Event: attempt.Event, Action: attempt.Action, InstallationID: attempt.InstallationID,
				AttemptID: attempt.ID, SentAt: attempt.DeliveredAt, LastSentAt: attempt.DeliveredAt, Ignored: !webhook.Matters(attempt.Event, attempt.Action),
			})
			continue
		}
		one := &sent[i]
		one.AttemptID = max(one.AttemptID, attempt.ID)
		if attempt.DeliveredAt.Before(one.SentAt) {
			one.SentAt = attempt.DeliveredAt
		}
		if attempt.DeliveredAt.After(one.LastSentAt) {
			one.LastSentAt = attempt.DeliveredAt
		}
	}
	return sent
}

// fetchMissing stores what never came, in the order in which GitHub sent it. It
// reports whether some is left.
func (s *Syncer) fetchMissing(ctx context.Context) (more bool, err error) {
	missing, err := s.db.ListMissingDeliveries(ctx, recoverFetches)
	if err != nil {
		return false, err
	}
	var failed error
	misses := 0
	for _, one := range missing {
		err := s.fetch(ctx, one)
		switch {
		case err == nil:
			misses = 0
			continue
		case ctx.Err() != nil, !refusesOne(err):
			return false, err
		}
		// One that can't be had must not keep the others waiting.
		if err := s.db.RecordFetchFailure(ctx, one.GUID); err != nil {
			return false, err
		}
		failed = err
		if misses++; misses == recoverMisses {
			return false, failed
		}
	}
	return failed == nil && len(missing) == recoverFetches, failed
}

// refusesOne reports whether err may be about the one thing that was asked for.
func refusesOne(err error) bool {
	for _, kind := range []error{github.ErrUnavailable, github.ErrInvalid, github.ErrForbidden, github.ErrWithdrawn} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}

func (s *Syncer) fetch(ctx context.Context, missing db.MissingDelivery) error {
	payload, sent, err := s.github.AsApp().DeliveryPayload(ctx, missing.AttemptID)
	if errors.Is(err, github.ErrNotFound) {
		return s.db.AbandonDelivery(ctx, missing.GUID)
	}
	if err != nil {
		return err
	}
	delivery, err := webhook.ReadDelivery(missing.GUID, sent.Event, payload)
	if err != nil || sent.GUID != missing.GUID {
		s.log.WarnContext(ctx, "a missed delivery is not what GitHub listed", "delivery", missing.GUID, "attempt", missing.AttemptID)
		return s.db.AbandonDelivery(ctx, missing.GUID)
	}
	return s.db.AddFetchedDelivery(ctx, delivery)
}

// RecoverDeliveries requests a recovery of missed deliveries. The error is
// github.ErrAppCredentials without the App's key, which it takes.
func (s *Syncer) RecoverDeliveries(ctx context.Context) error {
	if !s.github.HasPrivateKey() {
		return fmt.Errorf("%w: there is no private key", github.ErrAppCredentials)
	}
	return s.db.QueueSync(ctx, db.RecoverDeliveries{})
}
