package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"neptun/db/sqlcgen"
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

	heldUntil int64
}

// ErrJobLost is the answer to a worker whose claim ran out: another may be at
// the job by now.
var ErrJobLost = errors.New("db: the job is no longer held")

// queueSyncJob queues the job of a sync run. A job that is there before its run
// is a failed one's that waits to be tried again, or belongs to a worker about
// to take it off the queue: a new run gets a new job.
func queueSyncJob(ctx context.Context, q *sqlcgen.Queries, kind JobKind, subject string, newRun bool, now int64) error {
	if newRun {
		if err := q.DropJob(ctx, sqlcgen.DropJobParams{Kind: string(kind), Subject: subject}); err != nil {
			return fmt.Errorf("db: drop job: %w", err)
		}
	}
	err := q.QueueJob(ctx, sqlcgen.QueueJobParams{Kind: string(kind), Subject: subject, RunAt: now, Now: now})
	if err != nil {
		return fmt.Errorf("db: queue job: %w", err)
	}
	return nil
}

// hastenJob has a job done at once, whether or not it was to be done later.
func hastenJob(ctx context.Context, q *sqlcgen.Queries, kind JobKind, subject string, now int64) error {
	err := q.HastenJob(ctx, sqlcgen.HastenJobParams{Kind: string(kind), Subject: subject, RunAt: now, Now: now})
	if err != nil {
		return fmt.Errorf("db: hasten job: %w", err)
	}
	return nil
}

// ClaimJob gives the oldest job that is due to one worker, for a while. The
// error is ErrNotFound when nothing is due.
func (d *DB) ClaimJob(ctx context.Context, lease time.Duration) (Job, error) {
	now := d.now()
	row, err := d.write.ClaimJob(ctx, sqlcgen.ClaimJobParams{LockedUntil: millis(now.Add(lease)), Now: millis(now)})
	if errors.Is(err, sql.ErrNoRows) {
		return Job{}, ErrNotFound
	}
	if err != nil {
		return Job{}, fmt.Errorf("db: claim job: %w", err)
	}
	return Job{ID: row.ID, Kind: JobKind(row.Kind), Subject: row.Subject, Attempts: row.Attempts, heldUntil: row.LockedUntil}, nil
}

// ExtendJob keeps a job for longer. The error is ErrJobLost when it was too late.
func (d *DB) ExtendJob(ctx context.Context, job Job, lease time.Duration) (Job, error) {
	until := millis(d.now().Add(lease))
	rows, err := d.write.ExtendJob(ctx, sqlcgen.ExtendJobParams{LockedUntil: until, ID: job.ID, HeldUntil: job.heldUntil})
	if err := held(rows, err); err != nil {
		return job, err
	}
	job.heldUntil = until
	return job, nil
}

// FinishJob takes a job off the queue. One that is there no more is finished,
// too: its sync was asked for anew once the run was over.
func (d *DB) FinishJob(ctx context.Context, job Job) error {
	err := held(d.write.DeleteJob(ctx, sqlcgen.DeleteJobParams{ID: job.ID, HeldUntil: job.heldUntil}))
	if !errors.Is(err, ErrJobLost) {
		return err
	}
	left, err := d.write.CountJob(ctx, job.ID)
	if err != nil {
		return fmt.Errorf("db: look for job: %w", err)
	}
	if left > 0 {
		return ErrJobLost
	}
	return nil
}

// RescheduleJob puts a job back that was tried, to be tried again at a time.
func (d *DB) RescheduleJob(ctx context.Context, job Job, at time.Time) error {
	return held(d.write.RescheduleJob(ctx, sqlcgen.RescheduleJobParams{RunAt: millis(at), ID: job.ID, HeldUntil: job.heldUntil}))
}

// HandBackJob puts a job back as if untried, for any worker to take up at a time.
func (d *DB) HandBackJob(ctx context.Context, job Job, at time.Time) error {
	return held(d.write.HandBackJob(ctx, sqlcgen.HandBackJobParams{RunAt: millis(at), ID: job.ID, HeldUntil: job.heldUntil}))
}

func held(rows int64, err error) error {
	if err != nil {
		return fmt.Errorf("db: update job: %w", err)
	}
	if rows == 0 {
		return ErrJobLost
	}
	return nil
}
