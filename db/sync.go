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

// SyncState is the state of a sync.
type SyncState string

// The states of a sync.
const (
	SyncIdle    SyncState = "idle"    // the last one finished, or there was no sync yet
	SyncQueued  SyncState = "queued"  // waiting for a worker
	SyncRunning SyncState = "running" // requesting from GitHub
	SyncWaiting SyncState = "waiting" // for GitHub, until RetryAt
	SyncFailed  SyncState = "failed"  // gave up; Message has the reason
)

// Sync is the latest run of a sync.
type Sync struct {
	State            SyncState
	Message          string // a sentence for users, or ""
	PagesDone        int64
	PagesTotal       int64 // 0 until the first page gives it
	RepositoriesSeen int64
	StartedAt        time.Time
	FinishedAt       time.Time
	RetryAt          time.Time
	// Skipped counts the rows of GitHub's list that could not be used, and Note describes for
	// users what a finished sync couldn't prove.
	Skipped int64
	Note    string
}

// Active reports whether the sync is queued, running or waiting.
func (s Sync) Active() bool {
	return s.State == SyncQueued || s.State == SyncRunning || s.State == SyncWaiting
}

// runDone is the state of a complete run as it is stored; it shows as SyncIdle.
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

// SyncStatus is the latest run of a sync, and when one was last complete.
type SyncStatus struct {
	Sync
	// SyncedAt is when the latest complete run finished; zero before the first.
	SyncedAt time.Time
}

// GetSync returns the status of a sync.
func (d *DB) GetSync(ctx context.Context, job SyncJob) (SyncStatus, error) {
	status, _, err := d.getSync(ctx, job)
	return status, err
}

func (d *DB) getSync(ctx context.Context, job SyncJob) (status SyncStatus, run sqlcgen.SyncRun, err error) {
	run, err = d.read.GetLatestRun(ctx, sqlcgen.GetLatestRunParams{Kind: job.Kind(), Subject: jobs.Subject(job)})
	if errors.Is(err, sql.ErrNoRows) {
		return SyncStatus{Sync: Sync{State: SyncIdle}}, run, nil
	}
	if err != nil {
		return status, run, fmt.Errorf("db: read sync: %w", err)
	}
	syncedAt, err := d.read.GetSyncedAt(ctx, sqlcgen.GetSyncedAtParams{Kind: job.Kind(), Subject: jobs.Subject(job)})
	if err != nil {
		return status, run, fmt.Errorf("db: read sync: %w", err)
	}
	return SyncStatus{Sync: toSync(run), SyncedAt: fromMillis(syncedAt)}, run, nil
}
