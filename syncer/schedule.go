package syncer

import (
	"context"
	"math/rand/v2"
	"time"

	"neptun/db"
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
	// scheduleLook is how often an instance looks whether another App has come.
	scheduleLook = 5 * time.Second
)

// keepSchedule sees to it, while ctx lasts, that the jobs of the schedule are
// there: missed deliveries are looked for at the start, and when another App has
// come. Whichever instance is free does them, one at a time.
func (s *Syncer) keepSchedule(ctx context.Context) {
	var (
		started string
		watched time.Time
	)
	for {
		if now := s.github.ClientID(); now != started && s.github.HasPrivateKey() {
			if err := s.CatchUp(ctx); err == nil {
				started = now
			} else if ctx.Err() == nil {
				s.log.ErrorContext(ctx, "queue a catch-up", "error", err)
			}
		}
		if now := s.now(); now.Sub(watched) >= reconcileIdle {
			if err := s.db.WatchReconcile(ctx); err == nil {
				watched = now
			} else if ctx.Err() == nil {
				s.log.ErrorContext(ctx, "queue the scheduled syncs", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(scheduleLook):
		}
	}
}

// reconcile queues the syncs that are due, and tells when the next one is.
func (s *Syncer) reconcile(ctx context.Context) (next time.Time, err error) {
	return s.db.QueueReconcile(ctx, db.Reconcile{Interval: reconcileEvery, Jitter: reconcileJitter, Shares: reconcileShares})
}

// settleReconcile puts the job back for when somebody is due.
func (t *task) settleReconcile(ctx context.Context, next time.Time, err error) error {
	now := t.s.now()
	if err != nil {
		t.s.log.ErrorContext(ctx, "the scheduled syncs could not be queued", "error", err)
	}
	soonest, latest := now.Add(reconcileTurn/2+rand.N(reconcileTurn)), now.Add(reconcileIdle)
	switch {
	case err == nil && next.IsZero(), next.After(latest):
		next = latest
	case next.Before(soonest):
		next = soonest
	}
	return t.s.db.HandBackJob(ctx, t.job, next)
}
