package db

import (
	"context"
	"errors"
	"time"

	"neptun/jobs"
)

// JobKind says what a job does with its subject.
type JobKind string

// The kinds of job.
const (
	JobSyncInstallations JobKind = "sync_installations" // subject: a person's id
	JobSyncRepositories  JobKind = "sync_repositories"  // subject: a record's id
	// JobSyncAppInstallations reads all installations of the App.
	JobSyncAppInstallations JobKind = "sync_app_installations"
	// JobWatchRequests asks what became of installation requests: there is one,
	// and it always comes back.
	JobWatchRequests JobKind = "watch_requests"
	// JobApplyDelivery applies a webhook.
	JobApplyDelivery JobKind = "apply_delivery" // subject: the delivery's GUID
	// JobCheckAccess asks GitHub about some repositories with a person's own token.
	JobCheckAccess JobKind = "check_access" // subject: a record's id
	// JobCheckInstallations has a person's installations synced, after a sync that
	// is under way.
	JobCheckInstallations JobKind = "check_installations" // subject: a person's id
	// JobCatchUp looks for deliveries that were missed, and JobReconcile queues the
	// syncs that are due: there is one of each, and it always comes back.
	JobCatchUp   JobKind = "catch_up"
	JobReconcile JobKind = "reconcile"
)

// Job is a piece of durable work, claimed by one worker.
type Job struct {
	ID       int64
	Kind     JobKind
	Subject  string
	Attempts int64 // this one included

	row jobs.Row
}

// ErrJobLost is the answer to a worker whose claim ran out: another may be at
// the job by now.
var ErrJobLost = jobs.ErrLost

var allKinds = []string{
	string(JobSyncInstallations), string(JobSyncRepositories), string(JobSyncAppInstallations), string(JobWatchRequests),
	string(JobApplyDelivery), string(JobCheckAccess), string(JobCheckInstallations), string(JobCatchUp), string(JobReconcile),
}

// ClaimJob gives the oldest job that is due to one worker, for a while. The
// error is ErrNotFound when nothing is due.
func (d *DB) ClaimJob(ctx context.Context, lease time.Duration) (Job, error) {
	row, err := d.Jobs().Claim(ctx, allKinds, lease)
	if errors.Is(err, jobs.ErrNone) {
		return Job{}, ErrNotFound
	}
	return Job{ID: row.ID, Kind: JobKind(row.Kind), Subject: row.Subject, Attempts: row.Failures + 1, row: row}, err
}

// ExtendJob keeps a job for longer. The error is ErrJobLost when it was too late.
func (d *DB) ExtendJob(ctx context.Context, job Job, lease time.Duration) (_ Job, err error) {
	job.row, err = d.Jobs().Extend(ctx, job.row, lease)
	return job, err
}

// FinishJob takes a job off the queue.
func (d *DB) FinishJob(ctx context.Context, job Job) error { return d.Jobs().Finish(ctx, job.row) }

// RescheduleJob puts a job back that was tried, to be tried again at a time.
func (d *DB) RescheduleJob(ctx context.Context, job Job, at time.Time) error {
	job.row.Failures++
	return d.Jobs().Release(ctx, job.row, at)
}

// HandBackJob puts a job back as if untried, for any worker to take up at a time.
func (d *DB) HandBackJob(ctx context.Context, job Job, at time.Time) error {
	return d.Jobs().Release(ctx, job.row, at)
}
