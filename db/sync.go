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

// SyncState tells how far a sync has come.
type SyncState string

// The states of a sync.
const (
	SyncIdle    SyncState = "idle"    // the last one came to its end, or there was none
	SyncQueued  SyncState = "queued"  // waiting for a worker
	SyncRunning SyncState = "running" // asking GitHub
	SyncWaiting SyncState = "waiting" // for GitHub, until RetryAt
	SyncFailed  SyncState = "failed"  // gave up; Message says why
)

// Sync is the latest pass over what GitHub lists.
type Sync struct {
	State            SyncState
	Message          string // one sentence for people, or empty
	PagesDone        int64
	PagesTotal       int64 // 0 until the first page told
	RepositoriesSeen int64
	StartedAt        time.Time
	FinishedAt       time.Time
	RetryAt          time.Time
	// Skipped counts the rows of GitHub's list that could not be used, and Note says
	// what a finished sync could not tell for sure, in words for people.
	Skipped int64
	Note    string
}

// Active reports whether the sync still has something to do.
func (s Sync) Active() bool {
	return s.State == SyncQueued || s.State == SyncRunning || s.State == SyncWaiting
}

// The states of a sync run as they are stored; done shows as SyncIdle.
const runDone = "done"

func syncState(stored string) SyncState {
	switch stored {
	case "", runDone:
		return SyncIdle
	}
	return SyncState(stored)
}

func toSync(run sqlcgen.SyncRun) Sync {
	return Sync{
		State:            syncState(run.State),
		Message:          run.Message,
		PagesDone:        run.PagesDone,
		PagesTotal:       run.PagesTotal,
		RepositoriesSeen: run.RepositoriesSeen,
		StartedAt:        fromMillis(run.StartedAt),
		FinishedAt:       fromMillis(run.FinishedAt),
		RetryAt:          fromMillis(run.RetryAt),
		Skipped:          run.Skipped,
		Note:             run.Note,
	}
}

// ListSync is the latest pass over the list of a user's installations.
type ListSync struct {
	Sync
	// SyncedAt is when GitHub last told the whole list; zero before the first time.
	SyncedAt time.Time
}

// InstallationsSync tells how the reading of a user's installations stands.
func (d *DB) InstallationsSync(ctx context.Context, userID string) (ListSync, error) {
	run, err := d.read.GetUserRun(ctx, userID)
	if errors.Is(err, sql.ErrNoRows) {
		return ListSync{Sync: Sync{State: SyncIdle}}, nil
	}
	if err != nil {
		return ListSync{}, fmt.Errorf("db: read sync: %w", err)
	}
	syncedAt, err := d.read.GetUserSyncedAt(ctx, userID)
	if err != nil {
		return ListSync{}, fmt.Errorf("db: read sync: %w", err)
	}
	return ListSync{Sync: toSync(run), SyncedAt: fromMillis(syncedAt)}, nil
}

// QueueInstallationsSync asks for a sync of a user's installations and of
// the repositories of each. It joins one that is under way.
func (d *DB) QueueInstallationsSync(ctx context.Context, userID string) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		return d.queueUserSync(ctx, q, userID, millis(d.now()))
	})
}

// SyncInstallations are the arguments of the job that syncs a user's installations.
type SyncInstallations struct{ UserID string }

// Kind implements jobs.Args.
func (SyncInstallations) Kind() string { return "sync_installations" }

func (d *DB) queueUserSync(ctx context.Context, q *sqlcgen.Queries, userID string, now int64) error {
	queued, err := q.QueueUserRun(ctx, sqlcgen.QueueUserRunParams{UserID: userID, Now: now})
	if err != nil {
		return fmt.Errorf("db: queue sync: %w", err)
	}
	hastened := false
	if queued == 0 {
		run, err := liveRun(q.GetLiveUserRun(ctx, userID))
		if err != nil {
			return err
		}
		if hastened, err = hastenRun(ctx, q, run, now); err != nil {
			return err
		}
	}
	return d.enqueueSync(ctx, q, SyncInstallations{UserID: userID}, queued > 0 || hastened)
}

// hastenRun has a run done now that waits after a failure. It reports whether it did.
func hastenRun(ctx context.Context, q *sqlcgen.Queries, run, now int64) (bool, error) {
	n, err := q.HastenRun(ctx, sqlcgen.HastenRunParams{ID: run, Now: now})
	if err != nil {
		return false, fmt.Errorf("db: hasten sync: %w", err)
	}
	return n > 0, nil
}

// QueueSync asks for a sync of the repositories of one record. It joins one
// that is under way.
func (d *DB) QueueSync(ctx context.Context, recordID int64) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		return d.queueRecordSync(ctx, q, recordID, millis(d.now()))
	})
}

// SyncRepositories are the arguments of the job that syncs the repositories of an
// installation record.
type SyncRepositories struct{ RecordID int64 }

// Kind implements jobs.Args.
func (SyncRepositories) Kind() string { return "sync_repositories" }

func (d *DB) queueRecordSync(ctx context.Context, q *sqlcgen.Queries, recordID, now int64) error {
	queued, err := q.QueueRecordRun(ctx, sqlcgen.QueueRecordRunParams{RecordID: recordID, Now: now})
	if err != nil {
		return fmt.Errorf("db: queue sync: %w", err)
	}
	hastened := false
	if queued == 0 {
		run, err := liveRun(q.GetLiveRecordRun(ctx, nullable(recordID)))
		if err != nil {
			return err
		}
		if hastened, err = hastenRun(ctx, q, run, now); err != nil {
			return err
		}
	}
	return d.enqueueSync(ctx, q, SyncRepositories{RecordID: recordID}, queued > 0 || hastened)
}

// StartInstallationsSync begins a pass over a user's installations and
// answers with its run. A run that an earlier worker left half done is begun
// anew under a higher number: what only it met counts as not met. The error is
// jobs.ErrLost where another worker begins at the same moment.
func (d *DB) StartInstallationsSync(ctx context.Context, userID string) (run int64, err error) {
	err = d.withTx(ctx, func(q *sqlcgen.Queries) error {
		now := millis(d.now())
		next := sqlcgen.InsertRunParams{UserID: userID, QueuedAt: now, Now: now}
		live, err := q.GetLiveUserRun(ctx, userID)
		switch {
		case err == nil:
			next.QueuedAt = live.QueuedAt
			if err := q.DeleteRun(ctx, live.ID); err != nil {
				return fmt.Errorf("db: restart sync: %w", err)
			}
		case !errors.Is(err, sql.ErrNoRows):
			return fmt.Errorf("db: read sync: %w", err)
		}
		run, err = insertRun(ctx, q, next)
		return err
	})
	return run, err
}

// StartSync begins a pass over the repositories of a record, or goes on with
// the run that an earlier worker left half done.
func (d *DB) StartSync(ctx context.Context, target SyncTarget) (run int64, err error) {
	err = d.withTx(ctx, func(q *sqlcgen.Queries) error {
		now := millis(d.now())
		live, err := q.GetLiveRecordRun(ctx, nullable(target.RecordID))
		switch {
		case err == nil:
			run = live.ID
			if err := q.ResumeRun(ctx, sqlcgen.ResumeRunParams{Now: now, ID: run}); err != nil {
				return fmt.Errorf("db: resume sync: %w", err)
			}
			return nil
		case !errors.Is(err, sql.ErrNoRows):
			return fmt.Errorf("db: read sync: %w", err)
		}
		run, err = insertRun(ctx, q, sqlcgen.InsertRunParams{
			UserID: target.UserID, RecordID: nullable(target.RecordID), QueuedAt: now, Now: now,
		})
		if !errors.Is(err, jobs.ErrLost) {
			return err
		}
		// Another began at the same moment: theirs is the run.
		if live, err = q.GetLiveRecordRun(ctx, nullable(target.RecordID)); err != nil {
			return fmt.Errorf("db: read sync: %w", err)
		}
		run = live.ID
		return nil
	})
	return run, err
}

func insertRun(ctx context.Context, q *sqlcgen.Queries, next sqlcgen.InsertRunParams) (int64, error) {
	run, err := q.InsertRun(ctx, next)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, jobs.ErrLost
	}
	if err != nil {
		return 0, fmt.Errorf("db: start sync: %w", err)
	}
	return run.ID, nil
}

func nullable(id int64) sql.NullInt64 { return sql.NullInt64{Int64: id, Valid: true} }

// ProgressSync notes how far a run has come.
func (d *DB) ProgressSync(ctx context.Context, run int64, pagesDone, pagesTotal, repositoriesSeen int) error {
	err := d.write.ProgressRun(ctx, sqlcgen.ProgressRunParams{
		PagesDone:        int64(pagesDone),
		PagesTotal:       int64(pagesTotal),
		RepositoriesSeen: int64(repositoriesSeen),
		ID:               run,
	})
	if err != nil {
		return fmt.Errorf("db: note progress: %w", err)
	}
	return nil
}

// LiveSync is the run of the sync of a record that is under way, 0 for none.
func (d *DB) LiveSync(ctx context.Context, recordID int64) (run int64, err error) {
	return liveRun(d.read.GetLiveRecordRun(ctx, nullable(recordID)))
}

// LiveInstallationsSync is the run of the sync of a user's installations that is
// under way, 0 for none.
func (d *DB) LiveInstallationsSync(ctx context.Context, userID string) (run int64, err error) {
	return liveRun(d.read.GetLiveUserRun(ctx, userID))
}

func liveRun(run sqlcgen.SyncRun, err error) (int64, error) {
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("db: read sync: %w", err)
	}
	return run.ID, nil
}

// WaitSync notes that a run goes on at the time given, and why, for people.
func (d *DB) WaitSync(ctx context.Context, run int64, until time.Time, message string) error {
	err := d.write.WaitRun(ctx, sqlcgen.WaitRunParams{Message: message, RetryAt: millis(until), ID: run})
	if err != nil {
		return fmt.Errorf("db: note wait: %w", err)
	}
	return nil
}

// FailSync ends a run that could not be finished, with a sentence for people.
// The last good list stays.
func (d *DB) FailSync(ctx context.Context, run int64, message string) error {
	_, err := finishRun(ctx, d.write, run, string(SyncFailed), message, millis(d.now()))
	return err
}

// finishRun ends a run, and reports whether it was still live.
func finishRun(ctx context.Context, q *sqlcgen.Queries, run int64, state, message string, now int64) (finished bool, err error) {
	rows, err := q.FinishRun(ctx, sqlcgen.FinishRunParams{State: state, Message: message, Now: now, ID: run})
	if err != nil {
		return false, fmt.Errorf("db: finish sync: %w", err)
	}
	return rows > 0, nil
}
