package syncer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"neptun/db"
	"neptun/github"
	"neptun/syncer/webhook"
)

const (
	// catchUpEvery is how often GitHub is asked what it sent. It never sends
	// anything again by itself
	// (https://docs.github.com/webhooks/using-webhooks/handling-failed-webhook-deliveries).
	catchUpEvery = 10 * time.Minute
	// catchUpRetry is how soon it is asked again when it didn't answer.
	catchUpRetry = time.Minute
	// catchUpOverlap is how far before the newest that it listed the last time its
	// list is read again, since nothing says that a delivery is listed at once.
	catchUpOverlap = 15 * time.Minute
	// catchUpPages and catchUpFetches bound one turn. Other jobs have theirs before
	// the next.
	catchUpPages   = 20
	catchUpFetches = 200
	// catchUpMisses is how many deliveries in a row that GitHub doesn't hand out
	// mean that it is out of order.
	catchUpMisses = 3
)

// catchUp has what GitHub sent and never came stored as if it had come, and what
// failed taken up once more. It tells whether there is more than one turn can do.
func (s *Syncer) catchUp(ctx context.Context) (more bool, err error) {
	look, err := s.db.StartCatchUp(ctx)
	if err != nil {
		return false, err
	}
	if err := s.db.RetryFailedDeliveries(ctx); err != nil {
		return false, err
	}
	whole, err := s.readSent(ctx, look)
	if err != nil || !whole {
		return !whole, err
	}
	// Only now is it known what came first.
	return s.fetchMissing(ctx)
}

// readSent reads GitHub's list from its newest delivery, or from where it was
// left, down to the watermark. It tells whether it got there.
func (s *Syncer) readSent(ctx context.Context, look db.CatchUp) (whole bool, err error) {
	var since time.Time
	if !look.Watermark.IsZero() {
		since = look.Watermark.Add(-catchUpOverlap)
	}
	cursor, newest := look.Cursor, look.Newest
	for range catchUpPages {
		page, err := s.github.AsApp().DeliveriesPage(ctx, cursor, github.PerPage)
		switch {
		case errors.Is(err, github.ErrNoHook):
			return true, nil
		case errors.Is(err, github.ErrRefused) && cursor != "":
			// Nothing says for how long a cursor is good.
			cursor, newest = "", time.Time{}
			if err := s.db.ProgressCatchUp(ctx, cursor, newest); err != nil {
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
		if err := s.db.ProgressCatchUp(ctx, cursor, newest); err != nil {
			return false, err
		}
		if reached {
			return true, s.db.AdvanceCatchUp(ctx)
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
// tells whether some is left.
func (s *Syncer) fetchMissing(ctx context.Context) (more bool, err error) {
	missing, err := s.db.ListMissingDeliveries(ctx, catchUpFetches)
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
			s.Wake()
			continue
		case ctx.Err() != nil, !refusesOne(err):
			return false, err
		}
		// One that can't be had must not keep the others waiting.
		if err := s.db.RecordFetchFailure(ctx, one.GUID); err != nil {
			return false, err
		}
		failed = err
		if misses++; misses == catchUpMisses {
			return false, failed
		}
	}
	return failed == nil && len(missing) == catchUpFetches, failed
}

// refusesOne tells whether err may be about the one thing that was asked for.
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

// settleCatchUp puts the job back, which never ends while the App has a key,
// whatever became of this turn.
func (t *task) settleCatchUp(ctx context.Context, more bool, err error) error {
	d, now := t.s.db, t.s.now()
	var limit *github.RateLimitError
	switch {
	case errors.As(err, &limit):
		if err := d.WaitCatchUp(ctx, limit.Until, explain(err)+" Neptun then continues automatically."); err != nil {
			return err
		}
		return d.HandBackJob(ctx, t.job, limit.Until)
	case err != nil && !t.s.github.HasPrivateKey():
		// Nothing can be asked. The next App has another job queued.
		if err := d.FailCatchUp(ctx, ""); err != nil {
			return err
		}
		return d.FinishJob(ctx, t.job)
	case err != nil:
		t.s.log.WarnContext(ctx, "missed deliveries could not be looked for", "error", err)
		if err := d.FailCatchUp(ctx, explain(err)); err != nil {
			return err
		}
		return d.HandBackJob(ctx, t.job, now.Add(catchUpRetry))
	case more:
		return d.HandBackJob(ctx, t.job, now)
	}
	if err := d.FinishCatchUp(ctx); err != nil {
		return err
	}
	return d.HandBackJob(ctx, t.job, now.Add(catchUpEvery))
}

// CatchUp has missed deliveries looked for right away. The error is
// github.ErrAppCredentials without the App's key: there is no way to.
func (s *Syncer) CatchUp(ctx context.Context) error {
	if !s.github.HasPrivateKey() {
		return fmt.Errorf("%w: there is no private key", github.ErrAppCredentials)
	}
	if err := s.db.QueueCatchUp(ctx); err != nil {
		return err
	}
	s.Wake()
	return nil
}
