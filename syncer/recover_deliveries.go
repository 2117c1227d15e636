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
	// recoverEvery is how often GitHub's list of deliveries is read. GitHub doesn't redeliver
	// automatically
	// (https://docs.github.com/webhooks/using-webhooks/handling-failed-webhook-deliveries).
	recoverEvery = 10 * time.Minute
	// recoverRetry is the delay after a request that failed.
	recoverRetry = time.Minute
	// recoverOverlap is how much of the list before the newest known delivery is read
	// again, since a delivery may be listed late.
	recoverOverlap = 15 * time.Minute
	// recoverPages and recoverFetches bound one run, so that other jobs get their turn.
	recoverPages   = 20
	recoverFetches = 200
	// recoverMisses is how many deliveries in a row GitHub may fail to return before
	// the run stops.
	recoverMisses = 3
)

type recoveryWorker struct {
	tracked[db.RecoverDeliveries]
}

// Work implements jobs.Worker: it fetches and stores deliveries that never arrived,
// and retries those that failed.
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
		return jobs.Snooze(w.retryAt(recoverRetry, err), nil)
	case more:
		return jobs.Snooze(w.now(), nil)
	}
	return w.db.FinishRecovery(ctx, run)
}

// deliveriesKept is how long GitHub lists its deliveries
// (https://docs.github.com/webhooks/testing-and-troubleshooting-webhooks/viewing-webhook-deliveries).
const deliveriesKept = 3 * 24 * time.Hour

// beyondRetention reports whether missed deliveries may no longer be listed.
func beyondRetention(now db.Recovery) bool {
	return !now.SyncedAt.IsZero() && now.StartedAt.Sub(now.SyncedAt) > deliveriesKept
}

// recover reports whether more is left than one run can do.
func (s *Syncer) recover(ctx context.Context, now db.Recovery) (more bool, err error) {
	if err := s.db.RetryFailedDeliveries(ctx); err != nil {
		return false, err
	}
	whole, err := s.readSent(ctx)
	if err != nil || !whole {
		return !whole, err
	}
	if beyondRetention(now) {
		// The list no longer has everything that was missed, so all lists are synced.
		const note = "Neptun recovered no deliveries for more than three days, which is longer than GitHub keeps them, so it syncs everything."
		if err := s.db.ReconcileEverybody(ctx, note); err != nil {
			return false, err
		}
		if err := s.db.QueueSync(ctx, db.SyncAppInstallations{}); err != nil {
			return false, err
		}
	}
	// The list was read to the end, so the order of the deliveries is known.
	return s.fetchMissing(ctx)
}

// readSent reads GitHub's list from its newest delivery, or from where the last run
// stopped, down to the watermark. It reports whether it reached the watermark.
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
			return true, nil // this server lists no deliveries
		case errors.Is(err, github.ErrRefused) && cursor != "":
			// How long a cursor stays valid is undocumented.
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

// sentDeliveries groups the attempts that GitHub lists by delivery.
func sentDeliveries(attempts []github.Delivery) []db.SentDelivery {
	var sent []db.SentDelivery
	at := map[string]int{}
	for _, attempt := range attempts {
		if !webhook.Valid(attempt.GUID, attempt.Event, attempt.Action) || attempt.ID <= 0 {
			continue // not a valid delivery; the webhook endpoint would reject it too
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

// fetchMissing stores deliveries that never arrived, in the order GitHub sent them.
// It reports whether some are left.
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
		case ctx.Err() != nil, !concernsOneDelivery(err):
			return false, err
		}
		// A delivery that GitHub doesn't return must not hold up the others.
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

// concernsOneDelivery reports whether err may concern only the delivery that was requested.
func concernsOneDelivery(err error) bool {
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

// RecoverDeliveries queues a recovery of missed deliveries. It returns
// github.ErrAppCredentials without the App's private key, which the job needs.
func (s *Syncer) RecoverDeliveries(ctx context.Context) error {
	if !s.github.HasPrivateKey() {
		return fmt.Errorf("%w: there is no private key", github.ErrAppCredentials)
	}
	return s.db.QueueSync(ctx, db.RecoverDeliveries{})
}
