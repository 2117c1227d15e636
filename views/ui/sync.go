package ui

import (
	"time"

	"neptun/db"
)

// SyncView is a sync, its subject, and how to request another one.
type SyncView struct {
	db.Sync
	SyncedAt time.Time
	// Action takes the POST that starts a sync; empty if none may be started.
	Action string
	// ReturnTo is the page that shows the sync, unless Action redirects
	// there.
	ReturnTo string
	// Paused is true while no sync can start.
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

// class is the CSS class for a sync's state.
func (s SyncView) class() string {
	if s.Paused || s.State == "" || s.SyncedAt.IsZero() && s.State == db.SyncIdle {
		return "rest"
	}
	return string(s.State)
}

// PollEvery is the hx-trigger of a region that shows a sync: none while no sync is
// active, and infrequent while it waits for GitHub. If the region follows a topic,
// static/live.js only lets it poll while the page has no event stream, for example
// behind a proxy that buffers streams.
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
