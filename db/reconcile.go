package db

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"neptun/db/sqlcgen"
)

// Reconcile configures how often users are synced automatically.
type Reconcile struct {
	Interval time.Duration
	// Jitter varies each interval, so that users who signed in together are spread.
	Jitter time.Duration
	// Shares is the minimum number of calls that the due users are spread over.
	Shares int64
}

// QueueReconcile queues syncs for users who are due: at most a share of all users, those who
// have waited longest first. Users who were synced in between are due later, and inactive
// ones when they return. It returns when the next user is due, zero for never.
func (d *DB) QueueReconcile(ctx context.Context, r Reconcile) (next time.Time, err error) {
	err = d.withTx(ctx, func(q *sqlcgen.Queries) error {
		next = time.Time{}
		now, confirmedAfter := d.now(), d.confirmedAfter()
		living, err := q.CountLivingTokens(ctx, sqlcgen.CountLivingTokensParams{ConfirmedAfter: confirmedAfter, Parked: parked})
		if err != nil {
			return fmt.Errorf("db: count tokens: %w", err)
		}
		share := (living + r.Shares - 1) / r.Shares
		due, err := q.ListDueTokens(ctx, sqlcgen.ListDueTokensParams{ConfirmedAfter: confirmedAfter, Parked: parked, RowLimit: share + 1})
		if err != nil {
			return fmt.Errorf("db: list due tokens: %w", err)
		}
		for i, token := range due {
			if int64(i) == share || token.ReconcileAt > millis(now) {
				next = fromMillis(max(token.ReconcileAt, millis(now)))
				return nil
			}
			if err := d.reconcileUser(ctx, q, r, token, now); err != nil {
				return err
			}
			next = now.Add(r.Interval - r.Jitter)
		}
		return nil
	})
	return next, err
}

// reconcileUser queues a sync of an active user, unless one just finished, and returns
// when they are due again.
func (d *DB) reconcileUser(ctx context.Context, q *sqlcgen.Queries, r Reconcile, token sqlcgen.ListDueTokensRow, now time.Time) error {
	switch active, err := d.isActive(ctx, q, token.UserID); {
	case err != nil:
		return err
	case !active:
		return setReconcileAt(ctx, q, token.UserID, parked)
	}
	since := fromMillis(token.ConfirmedAt)
	if now.Sub(since) >= r.Interval-r.Jitter {
		since = now
		if err := d.queueSync(ctx, q, SyncInstallations{UserID: token.UserID}, millis(now)); err != nil {
			return err
		}
	}
	return setReconcileAt(ctx, q, token.UserID, millis(since.Add(r.Interval-r.Jitter+rand.N(2*r.Jitter))))
}

func setReconcileAt(ctx context.Context, q *sqlcgen.Queries, userID string, at int64) error {
	if err := q.SetReconcileAt(ctx, sqlcgen.SetReconcileAtParams{ReconcileAt: at, UserID: userID}); err != nil {
		return fmt.Errorf("db: set next sync: %w", err)
	}
	return nil
}

// ReconcileUsers is the periodic job that queues the syncs that are due.
type ReconcileUsers struct{}

// Kind implements jobs.Args.
func (ReconcileUsers) Kind() string { return "reconcile" }

// ReconcileEverybody makes every user due for a sync now, which QueueReconcile spreads.
// GetRecovery returns the note until all of them are finished.
func (d *DB) ReconcileEverybody(ctx context.Context, note string) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		if err := q.MakeEverybodyDue(ctx, parked); err != nil {
			return fmt.Errorf("db: make everybody due: %w", err)
		}
		if err := q.SetReconcileSince(ctx, sqlcgen.SetReconcileSinceParams{Since: millis(d.now()), Note: note}); err != nil {
			return fmt.Errorf("db: record reconcile: %w", err)
		}
		return nil
	})
}
