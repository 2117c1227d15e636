package syncer

import (
	"context"
	"time"

	"neptun/db"
	"neptun/jobs"
)

// tracked records in the run of a sync why it waits or failed.
type tracked[A db.SyncJob] struct{ *Syncer }

// Waiting implements jobs.Waiter.
func (t tracked[A]) Waiting(ctx context.Context, job jobs.Job[A], until time.Time, cause error) error {
	run, err := t.db.ActiveSync(ctx, job.Args)
	if err != nil {
		return err
	}
	return t.db.WaitSync(ctx, run, until, whyWaiting(cause))
}

// Failed implements jobs.Failer.
func (t tracked[A]) Failed(ctx context.Context, job jobs.Job[A], cause error) error {
	run, err := t.db.ActiveSync(ctx, job.Args)
	if err != nil {
		return err
	}
	return t.db.FailSync(ctx, run, whyFailed(cause))
}
