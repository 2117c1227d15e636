// Package jobs runs durable work. A job is stored in a queue until it is done,
// so it survives the process that works on it: a worker leases it, extends the
// lease by a heartbeat, and settles it only while it still holds the lease.
//
// The shape is River's (https://riverqueue.com/docs): the arguments of a job are
// a struct that names its kind, and a Worker of that struct does the work. The
// package knows neither what the jobs are about nor where they are stored.
package jobs

import (
	"context"
	"errors"
	"time"
)

// Args are the arguments of one kind of job: a struct whose fields, if any, are
// integers and strings without spaces. Two requests with equal arguments are one
// job.
type Args interface {
	// Kind is the same for every value of the type.
	Kind() string
}

// Row is a job as stored in the queue.
type Row struct {
	ID int64
	// Claim is the fencing token: each claim of a job gets a new one.
	Claim int64
	Kind  string
	// Subject is the encoded arguments.
	Subject string
	// Failures counts the attempts that ended with an error. Attempts that were
	// snoozed, or cut short by a crash or a shutdown, don't count.
	Failures int64
}

// Errors returned by a Queue.
var (
	// ErrNone means that no job is due.
	ErrNone = errors.New("jobs: no job is due")
	// ErrLost means that the lease expired and another worker may hold the job.
	ErrLost = errors.New("jobs: the job is no longer held")
)

// Queue is where jobs are stored. It holds at most one job for each kind and
// subject. A request for a job that is leased is remembered, and the job runs
// again after it is finished.
type Queue interface {
	// Claim leases the first due job of these kinds, ordered by priority, then by
	// due time. It returns ErrNone if there is none.
	Claim(ctx context.Context, kinds []string, lease time.Duration) (Row, error)
	// Extend extends a lease. Like the methods below, it returns ErrLost if the
	// job has been claimed again since.
	Extend(ctx context.Context, row Row, lease time.Duration) error
	// Finish removes a job, or makes it due again if it was requested meanwhile.
	Finish(ctx context.Context, row Row) error
	// Release ends the lease and schedules the job for a time. It stores the row's
	// Failures.
	Release(ctx context.Context, row Row, at time.Time) error
	// Ensure adds a job that is due now, unless it exists.
	Ensure(ctx context.Context, kind, subject string) error
	// Recover ends the leases of workers that are known to be dead, and returns
	// how many there were.
	Recover(ctx context.Context) (int64, error)
	// Listen calls wake soon after a job that may be due was committed, until ctx
	// ends. Spurious calls are allowed, and jobs may be missed.
	Listen(ctx context.Context, wake func())
}
