package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"neptun/db/sqlcgen"
	"neptun/jobs"
)

// The priorities of jobs that are due.
const (
	priorityRemoval = 1 // revoking access
	priorityWebhook = 2
	prioritySync    = 3
	priorityCheck   = 4 // can be numerous
)

// enqueue adds a job, within the caller's transaction. If an equal job is waiting, that one
// is kept unchanged; if one is running, it runs again afterwards.
func (d *DB) enqueue(ctx context.Context, q *sqlcgen.Queries, args jobs.Args, priority int64, at time.Time) error {
	defer d.jobQueued()
	err := q.EnqueueJob(ctx, sqlcgen.EnqueueJobParams{
		Kind: args.Kind(), Subject: jobs.Subject(args), Priority: priority, RunAt: millis(at), Now: millis(d.now()),
	})
	if err != nil {
		return fmt.Errorf("db: enqueue job: %w", err)
	}
	return nil
}

// runNow is enqueue, but makes an equal job that is waiting due now.
func (d *DB) runNow(ctx context.Context, q *sqlcgen.Queries, args jobs.Args, priority int64) error {
	defer d.jobQueued()
	err := q.RunJobNow(ctx, sqlcgen.RunJobNowParams{
		Kind: args.Kind(), Subject: jobs.Subject(args), Priority: priority, Now: millis(d.now()),
	})
	if err != nil {
		return fmt.Errorf("db: run job now: %w", err)
	}
	return nil
}

// enqueueSync is enqueue for the job of a sync run. An active run already has its job, which
// the request joins.
func (d *DB) enqueueSync(ctx context.Context, q *sqlcgen.Queries, args jobs.Args, newRun bool) error {
	if newRun {
		return d.runNow(ctx, q, args, prioritySync)
	}
	if err := q.EnsureJob(ctx, sqlcgen.EnsureJobParams{Kind: args.Kind(), Subject: jobs.Subject(args), Now: millis(d.now())}); err != nil {
		return fmt.Errorf("db: ensure job: %w", err)
	}
	return nil
}

// jobQueued wakes the runner of this process. On SQLite this may happen before the job's
// transaction commits, but the runner then waits for the only connection that writes.
// PostgreSQL notifies at the commit.
func (d *DB) jobQueued() {
	if d.dialect == postgres {
		return
	}
	select {
	case d.queued <- struct{}{}:
	default:
	}
}

// JobQueue is the database as package jobs needs it.
type JobQueue struct{ d *DB }

var _ jobs.Queue = JobQueue{}

// Jobs is the queue of durable work.
func (d *DB) Jobs() JobQueue { return JobQueue{d} }

// Claim implements jobs.Queue.
func (j JobQueue) Claim(ctx context.Context, kinds []string, lease time.Duration) (jobs.Row, error) {
	set := make(map[string]int, len(kinds))
	for _, kind := range kinds {
		set[kind] = 1
	}
	encoded, err := json.Marshal(set)
	if err != nil {
		return jobs.Row{}, fmt.Errorf("db: claim job: %w", err)
	}
	now, claim := j.d.now(), rand.Int64N(math.MaxInt64)+1
	row, err := j.d.write.LeaseJob(ctx, sqlcgen.LeaseJobParams{
		LockedUntil: millis(now.Add(lease)), Claim: claim, Now: millis(now), Kinds: string(encoded),
	})
	if errors.Is(err, sql.ErrNoRows) {
		return jobs.Row{}, jobs.ErrNone
	}
	if err != nil {
		return jobs.Row{}, fmt.Errorf("db: claim job: %w", err)
	}
	return jobs.Row{ID: row.ID, Claim: claim, Kind: row.Kind, Subject: row.Subject, Failures: row.Attempts}, nil
}

// Extend implements jobs.Queue.
func (j JobQueue) Extend(ctx context.Context, row jobs.Row, lease time.Duration) error {
	return leased(j.d.write.ExtendJob(ctx, sqlcgen.ExtendJobParams{LockedUntil: millis(j.d.now().Add(lease)), ID: row.ID, Claim: row.Claim}))
}

// Finish implements jobs.Queue.
func (j JobQueue) Finish(ctx context.Context, row jobs.Row) error {
	err := leased(j.d.write.FinishJob(ctx, sqlcgen.FinishJobParams{ID: row.ID, Claim: row.Claim}))
	if !errors.Is(err, jobs.ErrLost) {
		return err
	}
	return leased(j.d.write.RepeatJob(ctx, sqlcgen.RepeatJobParams{ID: row.ID, Claim: row.Claim}))
}

// Release implements jobs.Queue.
func (j JobQueue) Release(ctx context.Context, row jobs.Row, at time.Time) error {
	return leased(j.d.write.ReleaseJob(ctx, sqlcgen.ReleaseJobParams{
		RunAt: millis(at), Attempts: row.Failures, ID: row.ID, Claim: row.Claim,
	}))
}

func leased(rows int64, err error) error {
	if err != nil {
		return fmt.Errorf("db: update job: %w", err)
	}
	if rows == 0 {
		return jobs.ErrLost
	}
	return nil
}

// Ensure implements jobs.Queue.
func (j JobQueue) Ensure(ctx context.Context, kind, subject string) error {
	defer j.d.jobQueued()
	if err := j.d.write.EnsureJob(ctx, sqlcgen.EnsureJobParams{Kind: kind, Subject: subject, Now: millis(j.d.now())}); err != nil {
		return fmt.Errorf("db: ensure job: %w", err)
	}
	return nil
}

// Recover implements jobs.Queue. On SQLite this is the only process that runs jobs, so all
// leases belong to a process that died. On PostgreSQL that is unknown, and leases expire.
func (j JobQueue) Recover(ctx context.Context) (int64, error) {
	if j.d.dialect == postgres {
		return 0, nil
	}
	if alone, err := j.d.lockJobs(ctx); err != nil || !alone {
		return 0, err
	}
	n, err := j.d.write.ReleaseAllJobs(ctx)
	if err != nil {
		return 0, fmt.Errorf("db: recover jobs: %w", err)
	}
	return n, nil
}

// Listen implements jobs.Queue.
func (j JobQueue) Listen(ctx context.Context, wake func()) {
	if j.d.dialect == postgres {
		j.d.keepWatching(ctx, func(ctx context.Context) error { return j.d.listen(ctx, "neptun_jobs", wake) })
		return
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-j.d.queued:
			wake()
		}
	}
}
