package ui

import (
	"testing"
	"time"

	"neptun/db"
)

// The time left is estimated from the pace so far, once there is one.
func TestTimeLeft(t *testing.T) {
	now := time.Date(2026, time.March, 14, 15, 9, 26, 0, time.UTC)
	run := func(took time.Duration, done, total int64) db.Sync {
		return db.Sync{State: db.SyncRunning, StartedAt: now.Add(-took), PagesDone: done, PagesTotal: total}
	}
	waited := run(time.Minute, 50, 100)
	waited.RetryAt = now.Add(-time.Second)
	waiting := run(time.Minute, 50, 100)
	waiting.State = db.SyncWaiting
	for _, c := range []struct {
		sync db.Sync
		want string
	}{
		{run(10*time.Second, 50, 100), "about 10 seconds left"},
		{run(10*time.Second, 30, 100), "about 30 seconds left"},
		{run(10*time.Second, 90, 100), "a few seconds left"},
		{run(time.Minute, 50, 100), "about 1 minute left"},
		{run(time.Minute, 10, 100), "about 9 minutes left"},
		{run(time.Hour, 10, 100), "about 9 hours left"},
		{run(time.Second, 50, 100), ""},
		{run(time.Minute, 1, 100), ""},
		{run(time.Minute, 100, 100), ""},
		{run(time.Minute, 3, 0), ""},
		{db.Sync{State: db.SyncRunning, PagesDone: 50, PagesTotal: 100}, ""},
		{waited, ""},
		{waiting, ""},
	} {
		if got, known := timeLeft(c.sync, now); got != c.want || known != (c.want != "") {
			t.Errorf("%+v: %q %v, want %q", c.sync, got, known, c.want)
		}
	}
}
