package syncer

import (
	"context"
	"math/rand/v2"
	"time"

	"neptun/db"
	"neptun/jobs"
)

const (
	// reconcileEvery is how often each person's installations are synced by
	// themselves.
	reconcileEvery = 4 * time.Hour
	// reconcileJitter is by how much that is sooner or later.
	reconcileJitter = 15 * time.Minute
	// reconcileTurn is, more or less, the time between two turns while people wait
	// for theirs, and reconcileShares over how many turns all of them are spread
	// when all are due at once: an hour.
	reconcileTurn   = 30 * time.Second
	reconcileShares = int64(time.Hour / reconcileTurn)
	// reconcileIdle is the longest that nobody looks who is due.
	reconcileIdle = 10 * time.Minute
)

type reconcileWorker struct{ *Syncer }

// Work implements jobs.Worker: it queues the syncs that are due, and comes back
// when the next one is.
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
