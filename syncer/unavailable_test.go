package syncer

import (
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/sandbox"
)

// O7: after a 5xx that names a time, in seconds or as a date, nothing is requested before it.
func TestO7AnUnavailableGitHubNamesWhenToRetry(t *testing.T) {
	s := atlas(t, dbtest.SQLite(t), 250)
	seconds := func(named time.Duration) string { return strconv.Itoa(int(named.Seconds())) }
	date := func(named time.Duration) string { return s.clock.Now().Add(named).UTC().Format(http.TimeFormat) }
	for _, c := range []struct {
		status      int
		format      func(time.Duration) string
		named, want time.Duration
	}{
		{http.StatusServiceUnavailable, seconds, 10 * time.Minute, 10 * time.Minute},
		{http.StatusBadGateway, date, 20 * time.Minute, 20 * time.Minute},
		{http.StatusServiceUnavailable, seconds, 24 * time.Hour, time.Hour},
	} {
		var refused atomic.Int64
		s.onPage("2", func() *sandbox.Fault {
			refused.Add(1)
			fault := sandbox.BadGateway(c.status)
			fault.Header.Set("Retry-After", c.format(c.named))
			return fault
		})
		got := s.resync()
		s.expectSync(got, db.SyncWaiting, "retries automatically")
		if wait := got.RetryAt.Sub(s.clock.Now()); wait != c.want {
			t.Errorf("%d, Retry-After %v: the sync is retried after %v, want %v", c.status, c.named, wait, c.want)
		}
		if n := refused.Load(); n != 1 {
			t.Errorf("%d, Retry-After %v: the page was requested %d times at once", c.status, c.named, n)
		}
		s.server.Fault(nil)
		s.clock.Advance(c.want)
		s.work()
		s.expectSync(s.at("atlas").Sync, db.SyncIdle, "")
	}
}

// O7: that also holds for a sync that fails before anything was read.
func TestO7AnUnavailableGitHubDelaysARetry(t *testing.T) {
	s := atlas(t, dbtest.SQLite(t), 1)
	s.server.Fault(func(r *http.Request) *sandbox.Fault {
		if !strings.HasSuffix(r.URL.Path, "/user/installations") {
			return nil
		}
		fault := sandbox.APIError(http.StatusServiceUnavailable, "Down for maintenance")
		fault.Header.Set("Retry-After", "600")
		return fault
	})
	list := db.SyncInstallations{UserID: s.person.ID}
	if err := s.syncer.db.QueueSync(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	s.work()
	got, err := s.syncer.db.GetSync(t.Context(), list)
	if wait := got.RetryAt.Sub(s.clock.Now()); err != nil || got.State != db.SyncWaiting || wait != 10*time.Minute {
		t.Errorf("the sync is %+v, retried after %v (%v)", got, wait, err)
	}
}
