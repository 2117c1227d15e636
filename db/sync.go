package db

import "time"

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
}

// Live tells whether the sync still has something to do.
func (s Sync) Live() bool {
	return s.State == SyncQueued || s.State == SyncRunning || s.State == SyncWaiting
}
