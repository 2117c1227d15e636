package ui

import (
	"time"

	"github.com/a-h/templ"

	"neptun/db"
)

// Live marks a region that follows a topic: static/live.js requests it again when
// the topic's version differs from the rendered one.
func Live(topic, version string) templ.Attributes {
	return templ.Attributes{"data-live": topic, "data-version": version}
}

// An estimate needs a minimum of elapsed time and of pages read.
const (
	paceAfter = 3 * time.Second
	paceOf    = 2 // pages
)

// timeLeft estimates how long a sync will take from its pace so far. It is false
// before there is a pace, and once the sync had to wait.
func timeLeft(s db.Sync, now time.Time) (string, bool) {
	took := now.Sub(s.StartedAt)
	if s.State != db.SyncRunning || s.StartedAt.IsZero() || !s.RetryAt.IsZero() ||
		took < paceAfter || s.PagesDone < paceOf || s.PagesDone >= s.PagesTotal {
		return "", false
	}
	left := time.Duration(float64(took) / float64(s.PagesDone) * float64(s.PagesTotal-s.PagesDone))
	switch {
	case left < 10*time.Second:
		return "a few seconds left", true
	case left < 55*time.Second:
		// To the next ten seconds, so that the words don't change with each page.
		return "about " + Counted(int64((left+9*time.Second)/(10*time.Second))*10, "second", "seconds") + " left", true
	case left < 90*time.Minute:
		return "about " + Counted(int64((left+30*time.Second)/time.Minute), "minute", "minutes") + " left", true
	default:
		return "about " + Counted(int64((left+30*time.Minute)/time.Hour), "hour", "hours") + " left", true
	}
}
