package ui

import (
	"time"

	"neptun/db"
)

// SyncView is a sync, what it reads, and where to ask for another.
type SyncView struct {
	db.Sync
	SyncedAt time.Time
	// Action takes the POST that starts a sync; empty where none may start.
	Action string
	// ReturnTo is the page that shows the sync, where it isn't the one that Action
	// leads to.
	ReturnTo string
	// Paused says that no sync can start for now.
	Paused bool
	// Page is the link to refresh without JavaScript.
	Page string
}

// soFar is the progress of a sync, with an estimate of the time left.
func (s SyncView) soFar(now time.Time) string {
	far := Count(s.PagesDone) + " of " + Counted(s.PagesTotal, "page", "pages") + ", " +
		Counted(s.RepositoriesSeen, "repository", "repositories") + " so far"
	if left, known := timeLeft(s.Sync, now); known {
		far += ", " + left
	}
	return far
}

// class is how a sync looks.
func (s SyncView) class() string {
	if s.Paused || s.State == "" || s.SyncedAt.IsZero() && s.State == db.SyncIdle {
		return "rest"
	}
	return string(s.State)
}

// PollEvery is the hx-trigger of a region that shows a sync: nothing while the
// sync is at rest, and seldom while it waits for GitHub. Where the region follows
// a topic, static/live.js lets it ask only while no stream reaches the page, as
// behind a proxy that holds streams back.
func PollEvery(s db.Sync) string {
	switch {
	case s.State == db.SyncWaiting:
		return "every 30s"
	case s.Active():
		return "every 2s"
	default:
		return ""
	}
}
