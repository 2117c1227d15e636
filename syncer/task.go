package syncer

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"neptun/db"
	"neptun/github"
)

const (
	// jobLease is for how long a job is held without a sign of life. After a crash
	// it goes on that much later.
	jobLease = 20 * time.Second
	// settleTimeout is how long the outcome of a job may take to be written.
	settleTimeout = 10 * time.Second
)

// secondTryAfter is how long a page waits that is asked for again within its
// sync, where it may have been a single request that failed.
const secondTryAfter = 100 * time.Millisecond

// retryAfter is how long a job waits after each failure that may pass. After
// the last it is given up.
var retryAfter = []time.Duration{
	5 * time.Second, 20 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour,
}

// triesAgain is the message of a sync that waits after a failure.
const triesAgain = "Syncing from GitHub failed. Neptun retries automatically."

// errPanic: a job met a mistake of Neptun's.
var errPanic = errors.New("github: the job panicked")

// task is a job under way.
type task struct {
	s   *Syncer
	job db.Job
	run int64 // of the sync, 0 before it has begun

	progressed bool // something was read that need not be read again

	pending int       // requests, that a watch found
	more    bool      // than one turn of a catch-up could do
	next    time.Time // that somebody is due for a sync
}

// do does one job and settles its outcome.
func (s *Syncer) do(ctx context.Context, job db.Job) {
	t := &task{s: s, job: job}
	held, letGo := context.WithCancelCause(ctx)
	extended := make(chan db.Job, 1)
	go func() { extended <- s.hold(held, letGo, job) }()
	err := guarded(func() error { return t.perform(held) })
	if cause := context.Cause(held); err != nil && cause != nil {
		err = cause
	}
	letGo(nil)
	t.job = <-extended
	t.settle(ctx, err)
}

// hold keeps a job for this worker while held lasts, and ends held when another
// has got it. It gives the job as it is held in the end.
func (s *Syncer) hold(held context.Context, letGo context.CancelCauseFunc, job db.Job) db.Job {
	tick := time.NewTicker(jobLease / 4)
	defer tick.Stop()
	for {
		select {
		case <-held.Done():
			return job
		case <-tick.C:
		}
		longer, err := s.extend(held, job)
		switch {
		case err == nil:
			job = longer
		case errors.Is(err, db.ErrJobLost):
			letGo(err)
		default:
			s.log.ErrorContext(held, "extend a job", "job", job.ID, "error", err)
		}
	}
}

// extend goes on when the job ends meanwhile: an extension that was made and not
// heard of would look like another worker's, and the job be done again.
func (s *Syncer) extend(held context.Context, job db.Job) (db.Job, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(held), settleTimeout)
	defer cancel()
	return s.db.ExtendJob(ctx, job, jobLease)
}

// guarded turns a panic of work into an error.
func guarded(work func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("%w: %v\n%s", errPanic, cause, debug.Stack())
		}
	}()
	return work()
}

// cause is what the history says of whatever the job changes.
func (t *task) cause() db.Cause {
	switch t.job.Kind {
	case db.JobApplyDelivery, db.JobCheckAccess, db.JobCheckInstallations:
		return db.Cause{Kind: db.ByWebhook}
	}
	return db.Cause{Kind: db.BySync}
}

func (t *task) perform(ctx context.Context) (err error) {
	ctx = db.WithCause(ctx, t.cause())
	switch t.job.Kind {
	case db.JobSyncInstallations:
		return t.syncInstallations(ctx)
	case db.JobSyncRepositories:
		return t.syncRepositories(ctx)
	case db.JobSyncAppInstallations:
		return t.syncAppInstallations(ctx)
	case db.JobWatchRequests:
		t.pending, err = t.s.watchRequests(ctx)
		return err
	case db.JobApplyDelivery:
		return t.applyDelivery(ctx)
	case db.JobCheckAccess:
		return t.checkAccess(ctx)
	case db.JobCheckInstallations:
		return t.checkInstallations(ctx)
	case db.JobCatchUp:
		t.more, err = t.s.catchUp(ctx)
		return err
	case db.JobReconcile:
		t.next, err = t.s.reconcile(ctx)
		return err
	}
	return fmt.Errorf("github: no job is of the kind %q", t.job.Kind)
}

// settle puts the job where its outcome sends it: off the queue, back for
// another worker, or to a later time.
func (t *task) settle(ctx context.Context, err error) {
	defer t.s.Wake() // for the jobs that this one queued
	log := t.s.log.With("job", t.job.ID, "kind", t.job.Kind, "subject", t.job.Subject, "attempt", t.job.Attempts)
	write, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()

	var (
		limit *github.RateLimitError
		later *laterError
	)
	switch {
	case errors.Is(err, db.ErrJobLost):
		log.WarnContext(ctx, "a job was lost to another worker")
		return
	case err != nil && ctx.Err() != nil:
		err = t.s.db.HandBackJob(write, t.job, t.s.now())
	case t.job.Kind == db.JobWatchRequests:
		err = t.settleWatch(write, t.pending, err)
	case t.job.Kind == db.JobCatchUp:
		err = t.settleCatchUp(write, t.more, err)
	case t.job.Kind == db.JobReconcile:
		err = t.settleReconcile(write, t.next, err)
	case err == nil:
		err = t.s.db.FinishJob(write, t.job)
	case errors.As(err, &later):
		err = t.s.db.HandBackJob(write, t.job, later.until)
	case errors.As(err, &limit):
		log.InfoContext(ctx, "a job waits for GitHub's limit", "until", limit.Until)
		err = t.wait(write, limit.Until, explain(err)+" Neptun then continues automatically.", t.s.db.HandBackJob)
	case final(err):
		log.WarnContext(ctx, "a job failed", "error", err)
		err = t.fail(write, explain(err))
	case t.progressed:
		log.WarnContext(ctx, "a job goes on later", "error", err)
		err = t.wait(write, t.s.now().Add(around(retryAfter[0])), triesAgain, t.s.db.HandBackJob)
	case t.job.Attempts > int64(len(retryAfter)):
		log.ErrorContext(ctx, "a job is given up", "error", err)
		err = t.fail(write, "Syncing from GitHub failed repeatedly, so Neptun stopped retrying. Sync again later.")
	default:
		log.WarnContext(ctx, "a job is tried again later", "error", err)
		err = t.wait(write, t.s.now().Add(around(retryAfter[t.job.Attempts-1])), triesAgain, t.s.db.RescheduleJob)
	}
	if err != nil {
		// The job stays held until its lease runs out, and is then done anew.
		log.ErrorContext(ctx, "settle a job", "error", err)
	}
}

// final tells which failures no repetition mends.
func final(err error) bool {
	for _, kind := range []error{github.ErrLogInAgain, github.ErrForbidden, github.ErrSuspended, github.ErrNotFound, github.ErrWithdrawn, github.ErrInvalid, github.ErrAppCredentials, errGone, errShifted, errPanic} {
		if errors.Is(err, kind) {
			return true
		}
	}
	var sso *github.SSOError
	return errors.As(err, &sso)
}

// wait notes that the sync goes on later, and puts the job back for then: a
// limit costs no attempt, nor does a failure after which less is left to do.
func (t *task) wait(ctx context.Context, until time.Time, message string, putBack func(context.Context, db.Job, time.Time) error) error {
	note := func() error { return t.s.db.WaitSync(ctx, t.run, until, message) }
	switch t.job.Kind {
	case db.JobSyncAppInstallations:
		note = func() error { return t.s.db.WaitAppReading(ctx, until, message) }
	case db.JobApplyDelivery, db.JobCheckAccess, db.JobCheckInstallations:
		note = func() error { return nil } // it is pending anyway
	}
	if err := note(); err != nil {
		return err
	}
	return putBack(ctx, t.job, until)
}

func (t *task) fail(ctx context.Context, message string) error {
	note := func() error { return t.s.db.FailSync(ctx, t.run, message) }
	switch t.job.Kind {
	case db.JobSyncAppInstallations:
		note = func() error { return t.s.db.FailAppReading(ctx, message) }
	case db.JobApplyDelivery:
		note = func() error { return t.s.db.FailDelivery(ctx, t.job.Subject) }
	case db.JobCheckAccess:
		note = func() error { return t.dropChecks(ctx) }
	case db.JobCheckInstallations:
		note = func() error { return nil } // the next sync tells
	}
	if err := note(); err != nil {
		return err
	}
	return t.s.db.FinishJob(ctx, t.job)
}

// around is a little more or less than the time due, so that what failed
// together doesn't come back together.
func around(due time.Duration) time.Duration {
	return due - due/5 + rand.N(due*2/5)
}
