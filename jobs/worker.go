package jobs

import (
	"context"
	"time"
)

// Job is one piece of work, leased by this process.
type Job[A Args] struct {
	Row
	Args A
}

// Worker runs the jobs of one kind. Its methods are called concurrently.
//
// Work returns the outcome: nil finishes the job, Snooze runs it later, Cancel
// ends it as failed, and any other error retries it with growing delays until no
// retries are left, and then ends it as failed. ctx ends when the process stops,
// and the job is released, or when the lease is lost.
type Worker[A Args] interface {
	Work(ctx context.Context, job Job[A]) error
}

// Waiter is a Worker that is notified, before the job is rescheduled, when it
// continues and why it waits.
type Waiter[A Args] interface {
	Waiting(ctx context.Context, job Job[A], until time.Time, cause error) error
}

// Failer is a Worker that is notified, before the job is removed, that it failed
// permanently and why. A periodic job isn't removed: its next run stays scheduled.
type Failer[A Args] interface {
	Failed(ctx context.Context, job Job[A], cause error) error
}

// performer is a Worker with its argument type erased.
type performer interface {
	work(ctx context.Context, row Row) error
	waiting(ctx context.Context, row Row, until time.Time, cause error) error
	failed(ctx context.Context, row Row, cause error) error
}

type typed[A Args] struct{ worker Worker[A] }

func (t typed[A]) work(ctx context.Context, row Row) error {
	args, err := parse[A](row.Subject)
	if err != nil {
		return Cancel(err)
	}
	return t.worker.Work(ctx, Job[A]{row, args})
}

func (t typed[A]) waiting(ctx context.Context, row Row, until time.Time, cause error) error {
	waiter, ok := t.worker.(Waiter[A])
	if !ok {
		return nil
	}
	args, err := parse[A](row.Subject)
	if err != nil {
		return err
	}
	return waiter.Waiting(ctx, Job[A]{row, args}, until, cause)
}

func (t typed[A]) failed(ctx context.Context, row Row, cause error) error {
	failer, ok := t.worker.(Failer[A])
	if !ok {
		return nil
	}
	args, err := parse[A](row.Subject)
	if err != nil {
		return nil //nolint:nilerr // a job with unparsable arguments is dropped
	}
	return failer.Failed(ctx, Job[A]{row, args}, cause)
}
