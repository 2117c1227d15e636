package syncer

import (
	"context"
	"math/rand/v2"
	"time"

	"neptun/db"
	"neptun/jobs"
)

const (
	// reconcileEvery is how often each user's installations are synced automatically.
	reconcileEvery = 4 * time.Hour
	// reconcileJitter is how much sooner or later that may be.
	reconcileJitter = 15 * time.Minute
	// reconcileTurn is the approximate time between two runs while users are due, and
	// reconcileShares the number of runs that users are spread over when all of them
	// are due at once: an hour in total.
	reconcileTurn   = 30 * time.Second
	reconcileShares = int64(time.Hour / reconcileTurn)
	// reconcileIdle is the longest pause between two runs.
	reconcileIdle = 10 * time.Minute
)

type reconcileWorker struct{ *Syncer }

// Work implements jobs.Worker: it queues the syncs that are due, and snoozes until
// the next one is.
func (w reconcileWorker) Work(ctx context.Context, _ jobs.Job[db.ReconcileUsers]) error {
	next, err := w.db.QueueReconcile(ctx, db.Reconcile{Interval: reconcileEvery, Jitter: reconcileJitter, Shares: reconcileShares})
	if err != nil {
		return err
	}
	now := w.now()
	soonest, latest := now.Add(reconcileTurn/2+rand.N(reconcileTurn)), now.Add(reconcileIdle)
	switch {
	case next.IsZero(), next.After(latest):
		next = latest
	case next.Before(soonest):
		next = soonest
	}
	return jobs.Snooze(next, nil)
}
