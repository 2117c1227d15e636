// Package jobs does durable work. A job is stored in a queue until it is done,
// so that it outlives the process that works on it: a worker leases it, keeps the
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

// Row is a job as the queue holds it.
type Row struct {
	ID int64
	// Claim is the fence: every claim of a job has another one.
	Claim int64
	Kind  string
	// Subject is what the arguments are stored as.
	Subject string
	// Failures counts the attempts that ended with an error. Those that were
	// snoozed, or cut short by a crash or a shutdown, don't count.
	Failures int64
}

// What a Queue answers.
var (
	// ErrNone: no job is due.
	ErrNone = errors.New("jobs: no job is due")
	// ErrLost: the lease ran out, and another worker may hold the job by now.
	ErrLost = errors.New("jobs: the job is no longer held")
)

// Queue is where jobs are stored. There is at most one for each kind and
// subject; a request for one that is leased is remembered, and the job is done
// once more after it is finished.
type Queue interface {
	// Claim leases the due job of these kinds that goes first: by priority, then by
	// the time it is due. The error is ErrNone where there is none.
	Claim(ctx context.Context, kinds []string, lease time.Duration) (Row, error)
	// Extend makes a lease longer. Its error, like that of the following, is ErrLost
	// where the row's claim is no longer the job's.
	Extend(ctx context.Context, row Row, lease time.Duration) error
	// Finish removes a job, or has it done once more where that was asked for
	// meanwhile.
	Finish(ctx context.Context, row Row) error
	// Release ends the lease, and has the job done at a time. The row's Failures are
	// stored with it.
	Release(ctx context.Context, row Row, at time.Time) error
	// Ensure adds a job that is due now, unless it is there.
	Ensure(ctx context.Context, kind, subject string) error
	// Recover ends the leases of workers that are known to be dead, and tells how
	// many there were.
	Recover(ctx context.Context) (int64, error)
	// Listen calls wake soon after a job was committed that may be due, until ctx
	// ends. It may call without a reason, and need not notice every job.
	Listen(ctx context.Context, wake func())
}
