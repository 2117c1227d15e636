package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"neptun/db/sqlcgen"
	"neptun/jobs"
)

// QueueSync requests a sync. It joins one that is active.
func (d *DB) QueueSync(ctx context.Context, job SyncJob) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		return d.queueSync(ctx, q, job, millis(d.now()))
	})
}

// QueueSyncUnlessFresh is QueueSync unless the latest run finished less than maxAge ago.
func (d *DB) QueueSyncUnlessFresh(ctx context.Context, job SyncJob, maxAge time.Duration) error {
	latest, err := d.GetSync(ctx, job)
	if err != nil {
		return err
	}
	if !latest.FinishedAt.IsZero() && d.now().Sub(latest.FinishedAt) < maxAge {
		return nil
	}
	return d.QueueSync(ctx, job)
}

func (d *DB) queueSync(ctx context.Context, q *sqlcgen.Queries, job SyncJob, now int64) error {
	run, err := insertRun(ctx, q, job, sqlcgen.InsertRunParams{State: string(SyncQueued), QueuedAt: now})
	switch {
	case errors.Is(err, ErrNotFound):
		return nil // its owner was deleted
	case err != nil:
		return err
	case run != 0:
		return d.enqueueSync(ctx, q, job, true)
	}
	active, err := activeRun(ctx, q, job)
	if err != nil {
		return err
	}
	hurried, err := q.RunNow(ctx, sqlcgen.RunNowParams{ID: active.ID, Now: now})
	if err != nil {
		return fmt.Errorf("db: queue sync: %w", err)
	}
	return d.enqueueSync(ctx, q, job, hurried > 0)
}

// startTries limits how often StartSync retries when a request or another worker interferes.
const startTries = 3

// StartSync starts a run, or continues the one that an earlier worker left unfinished. It joins
// a concurrent request. The error is jobs.ErrLost if other workers keep starting it.
func (d *DB) StartSync(ctx context.Context, job SyncJob) (run int64, err error) {
	err = d.fencedTx(ctx, func(q *sqlcgen.Queries) error {
		now := millis(d.now())
		for range startTries {
			active, err := activeRun(ctx, q, job)
			if err != nil {
				return err
			}
			next := sqlcgen.InsertRunParams{State: string(SyncRunning), QueuedAt: now, StartedAt: now}
			if active.ID != 0 {
				if job.resumes() {
					run = active.ID
					return resumeRun(ctx, q, run, now)
				}
				next.QueuedAt = active.QueuedAt
				if err := q.DeleteRun(ctx, active.ID); err != nil {
					return fmt.Errorf("db: restart sync: %w", err)
				}
			}
			if run, err = insertRun(ctx, q, job, next); err != nil || run != 0 {
				return err
			}
		}
		return jobs.ErrLost
	})
	return run, err
}

// insertRun returns 0 if a run is active.
func insertRun(ctx context.Context, q *sqlcgen.Queries, job SyncJob, next sqlcgen.InsertRunParams) (run int64, err error) {
	owner, err := job.owner(ctx, q)
	if err != nil {
		return 0, err
	}
	next.Kind, next.Subject, next.UserID, next.RecordID = job.Kind(), jobs.Subject(job), owner.user, owner.record
	run, err = q.InsertRun(ctx, next)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("db: insert run: %w", err)
	}
	return run, nil
}

func resumeRun(ctx context.Context, q *sqlcgen.Queries, run, now int64) error {
	if err := q.ResumeRun(ctx, sqlcgen.ResumeRunParams{Now: now, ID: run}); err != nil {
		return fmt.Errorf("db: resume sync: %w", err)
	}
	return nil
}

// activeRun returns the unfinished run, with the id 0 if there is none.
func activeRun(ctx context.Context, q *sqlcgen.Queries, job SyncJob) (sqlcgen.SyncRun, error) {
	run, err := q.GetActiveRun(ctx, sqlcgen.GetActiveRunParams{Kind: job.Kind(), Subject: jobs.Subject(job)})
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return sqlcgen.SyncRun{}, fmt.Errorf("db: read sync: %w", err)
	}
	return run, nil
}

// ActiveSync returns the id of the unfinished run, 0 for none.
func (d *DB) ActiveSync(ctx context.Context, job SyncJob) (run int64, err error) {
	active, err := activeRun(ctx, d.read, job)
	return active.ID, err
}

// SyncStarted reports whether a run has started and isn't finished, and when it continues if
// it waits.
func (d *DB) SyncStarted(ctx context.Context, job SyncJob) (started bool, retryAt time.Time, err error) {
	return syncStarted(ctx, d.read, job)
}

func syncStarted(ctx context.Context, q *sqlcgen.Queries, job SyncJob) (started bool, retryAt time.Time, err error) {
	run, err := activeRun(ctx, q, job)
	return run.ID != 0 && run.State != string(SyncQueued), fromMillis(run.RetryAt), err
}

// ProgressSync records the progress of a run.
func (d *DB) ProgressSync(ctx context.Context, run int64, pagesDone, pagesTotal, repositoriesSeen int) error {
	return d.fencedStep(ctx, "record progress", func(q *sqlcgen.Queries) error {
		return q.ProgressRun(ctx, sqlcgen.ProgressRunParams{
			PagesDone:        int64(pagesDone),
			PagesTotal:       int64(pagesTotal),
			RepositoriesSeen: int64(repositoriesSeen),
			ID:               run,
		})
	})
}

// WaitSync records until when a run waits, and why, for users.
func (d *DB) WaitSync(ctx context.Context, run int64, until time.Time, message string) error {
	return d.fencedStep(ctx, "record wait", func(q *sqlcgen.Queries) error {
		return q.WaitRun(ctx, sqlcgen.WaitRunParams{Message: message, RetryAt: millis(until), ID: run})
	})
}

// FailSync finishes a run that failed, with a message for users. The last complete list
// stays.
func (d *DB) FailSync(ctx context.Context, run int64, message string) error {
	return d.finishSync(ctx, run, SyncFailed, message)
}

// FinishSync finishes a complete run.
func (d *DB) FinishSync(ctx context.Context, run int64) error {
	return d.finishSync(ctx, run, runDone, "")
}

func (d *DB) finishSync(ctx context.Context, run int64, state SyncState, message string) error {
	return d.fencedTx(ctx, func(q *sqlcgen.Queries) error {
		_, err := finishRun(ctx, q, run, string(state), message, millis(d.now()))
		return err
	})
}

// finishRun reports whether the run was still active.
func finishRun(ctx context.Context, q *sqlcgen.Queries, run int64, state, message string, now int64) (finished bool, err error) {
	rows, err := q.FinishRun(ctx, sqlcgen.FinishRunParams{State: state, Message: message, Now: now, ID: run})
	if err != nil {
		return false, fmt.Errorf("db: finish sync: %w", err)
	}
	return rows > 0, nil
}
