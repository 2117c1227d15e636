package live_test

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/handlers"
	"neptun/handlers/handlerstest"
	"neptun/handlers/live"
	"neptun/sandbox"
)

func TestStreamsRejectInvalidRequests(t *testing.T) {
	v := handlerstest.Open(t, sandbox.DemoWorld()).LogIn("marin")
	for _, path := range []string{"/events", "/events?topic=", "/events?topic=users", "/events?topic=installation-x", "/events?topic=installation--1", "/events?topic=imports" + strings.Repeat("&topic=imports", 20)} {
		v.Get(path).Status(http.StatusUnprocessableEntity)
	}
	head := v.Do(http.MethodHead, "/events?topic=imports", "", "", nil).Status(http.StatusOK)
	if head.Header.Get("Content-Type") != "text/event-stream; charset=utf-8" {
		t.Errorf("HEAD gets %v", head.Header)
	}
	v.Stage.Visit().Get("/events?topic=imports").Status(http.StatusUnauthorized)
	if bearer := v.Stage.Visit().Do(http.MethodGet, "/events?topic=imports", "", "", http.Header{"Authorization": {"Bearer " + v.Session()}}); bearer.StatusCode != http.StatusUnauthorized {
		t.Errorf("a stream accepts a bearer token: %d", bearer.StatusCode)
	}
}

// A stream ends with its session. Other streams continue.
func TestStreamsEndWithTheirSession(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, url string) {
		s := handlerstest.OpenOn(t, sandbox.DemoWorld(), url)
		desk, phone := s.LogIn("marin"), s.LogIn("marin")
		ending, staying := desk.Listen("imports"), phone.Listen("imports")
		ending.Next()
		staying.Next()
		desk.Post("/logout", nil).Status(http.StatusSeeOther)
		if !ending.UntilOver() {
			t.Error("the page isn't notified that its session ended")
		}
		in := phone.InstalledOn("marin")
		_, _, err := s.DB.ImportRepositories(t.Context(), in, []int64{s.World.Repositories.List("marin")[0].ID})
		handlerstest.Must(t, err)
		staying.UntilPublished("imports")
	})
}

// If a credential expires, its streams end at the next check.
func TestStreamsCheckTheirCredential(t *testing.T) {
	s := handlerstest.OpenAs(t, sandbox.DemoWorld(), dbtest.SQLite(t), "", func(c *handlers.Config) {
		c.Live = live.Options{KeepAlive: 20 * time.Millisecond, CheckInterval: 100 * time.Millisecond}
	})
	v := s.LogIn("marin")
	page := v.Listen("imports")
	page.Next()
	for range 3 {
		select {
		case <-page.Beats:
		case <-time.After(dbtest.Timeout):
			t.Fatal("a stream without changes sends no keep-alive")
		}
	}
	s.Clock.Advance(200 * time.Hour) // past NEPTUN_ACCESS_MAX_AGE
	if !page.UntilOver() {
		t.Error("the page isn't notified that its session ended")
	}
}

func TestTheNumberOfStreamsIsLimited(t *testing.T) {
	t.Parallel()
	s := handlerstest.Open(t, sandbox.DemoWorld())
	v := s.LogIn("marin")
	for range live.MaxPerSession {
		v.Listen("imports").Next()
	}
	refused := v.Get("/events?topic=imports").Status(http.StatusTooManyRequests)
	if refused.Header.Get("Retry-After") == "" || !strings.Contains(refused.Body, "Close some") {
		t.Errorf("a stream over the limit gets %v %.300s", refused.Header, refused.Text("main"))
	}
	s.LogIn("marin").Listen("imports").Next()
}

// Many changes are combined into few events, and the last event has the last version.
func TestStreamsCombineFastChanges(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, url string) {
		s := handlerstest.OpenOn(t, sandbox.DemoWorld(), url)
		v := s.LogIn("marin")
		in := v.InstalledOn("tidewater-labs")
		topic := db.SyncTopic(in.ID)
		page := v.Listen(topic)
		page.Next()
		target, err := s.DB.SyncTarget(t.Context(), in.ID)
		handlerstest.Must(t, err)
		run, err := s.DB.StartSync(t.Context(), db.SyncRepositories{RecordID: target.RecordID})
		handlerstest.Must(t, err)
		began := time.Now()
		const changes = 300
		for n := range changes {
			handlerstest.Must(t, s.DB.ProgressSync(t.Context(), run, n, changes, n*100))
		}
		handlerstest.Must(t, s.DB.FailSync(t.Context(), run, "enough"))
		events, last := 0, v.InstalledOn("tidewater-labs").Sync.Version()
		for got := ""; got != last; events++ {
			got = page.UntilPublished(topic)[topic]
		}
		if took, most := time.Since(began), 3+int(time.Since(began)/(500*time.Millisecond)); events > most {
			t.Errorf("%d changes in %v are %d events, want at most %d", changes, took, events, most)
		}
	})
}

// A page with a stream to one instance is notified of changes through another instance, even
// after the database connection for notifications was lost.
func TestStreamsSeeChangesOfOtherInstances(t *testing.T) {
	t.Parallel()
	url := dbtest.Postgres(t)
	s := handlerstest.OpenOn(t, sandbox.DemoWorld(), url)
	v := s.LogIn("marin")
	in := v.InstalledOn("tidewater-labs")
	page := v.Listen(db.InstallationTopic(in.ID), db.TopicImports)
	page.Next()
	repositories := s.World.Repositories.List("tidewater-labs")
	s.Instance(url) // serves requests from now on; the stream stays with the first
	imported := func(n int) {
		t.Helper()
		v.Post(fmt.Sprintf("/installations/%d/imports", in.ID), map[string][]string{"repository_ids": {fmt.Sprint(repositories[n].ID)}}).Status(http.StatusSeeOther)
		page.UntilPublished(db.TopicImports)
	}
	imported(0)

	database, err := sql.Open("pgx", url)
	handlerstest.Must(t, err)
	defer database.Close()
	var ended int
	handlerstest.Must(t, database.QueryRowContext(t.Context(), `SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
		WHERE datname = current_database() AND query = 'LISTEN neptun'`).Scan(&ended))
	if ended == 0 {
		t.Fatal("no connection listens")
	}
	imported(1) // immediately, maybe before the new connection listens
	imported(2)

	ending := v.Listen(db.TopicImports) // to the second instance
	ending.Next()
	v.Post("/logout", nil).Status(http.StatusSeeOther)
	if !page.UntilOver() || !ending.UntilOver() {
		t.Error("the page isn't notified that its session ended")
	}
}

// Two processes with the same SQLite file see each other's changes.
func TestStreamsSeeChangesOfOtherProcessesOnSQLite(t *testing.T) {
	url := dbtest.SQLite(t)
	s := handlerstest.OpenOn(t, sandbox.DemoWorld(), url)
	v := s.LogIn("marin")
	in := v.InstalledOn("tidewater-labs")
	page := v.Listen(db.SyncTopic(in.ID))
	page.Next()
	handlerstest.Must(t, dbtest.Open(t, url, nil).QueueSync(t.Context(), db.SyncRepositories{RecordID: in.ID}))
	page.UntilPublished(db.SyncTopic(in.ID))
}

// With the timeouts of the program, streams last longer than those timeouts, and don't delay
// the shutdown.
func TestStreamsOutlastTimeoutsAndDontDelayTheShutdown(t *testing.T) {
	t.Parallel()
	s := handlerstest.Open(t, sandbox.DemoWorld())
	v := s.LogIn("marin")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	handlerstest.Must(t, err)
	server := &http.Server{Handler: s.Server(), ReadTimeout: 300 * time.Millisecond, WriteTimeout: 300 * time.Millisecond}
	server.RegisterOnShutdown(s.Server().EndStreams)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })

	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+listener.Addr().String()+"/events?topic=imports", nil)
	request.RequestURI, request.Host = "", strings.TrimPrefix(s.URL, "http://") // otherwise it is sent to Neptun's URL
	request.AddCookie(&http.Cookie{Name: "neptun-session", Value: v.Session()})
	page := v.ListenWith(request)
	page.Next()
	time.Sleep(time.Second) // longer than the timeouts
	own := v.InstalledOn("tidewater-labs")
	_, _, err = s.DB.ImportRepositories(t.Context(), own, []int64{s.World.Repositories.List("tidewater-labs")[0].ID})
	handlerstest.Must(t, err)
	page.UntilPublished("imports")

	ctx, cancel := context.WithTimeout(t.Context(), dbtest.Timeout)
	defer cancel()
	handlerstest.Must(t, server.Shutdown(ctx))
	if page.UntilOver() {
		t.Error("the page is notified that its session ended although only Neptun stopped")
	}
	v.Get("/events?topic=imports").Status(http.StatusServiceUnavailable)
}
