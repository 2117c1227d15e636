package handlers_test

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
	"neptun/handlers/live"
	"neptun/sandbox"
)

func TestStreamsRefuseWhatTheyDontKnow(t *testing.T) {
	v := open(t, sandbox.DemoWorld()).logIn("marin")
	for _, path := range []string{"/events", "/events?topic=", "/events?topic=users", "/events?topic=installation-x", "/events?topic=installation--1", "/events?topic=imports" + strings.Repeat("&topic=imports", 20)} {
		v.get(path).status(http.StatusUnprocessableEntity)
	}
	head := v.do(http.MethodHead, "/events?topic=imports", "", "", nil).status(http.StatusOK)
	if head.header("Content-Type") != "text/event-stream; charset=utf-8" {
		t.Errorf("HEAD is answered with %v", head.Header)
	}
	v.s.visit().get("/events?topic=imports").status(http.StatusUnauthorized)
	if bearer := v.s.visit().do(http.MethodGet, "/events?topic=imports", "", "", http.Header{"Authorization": {"Bearer " + v.session()}}); bearer.StatusCode != http.StatusUnauthorized {
		t.Errorf("a stream takes a header for a session: %d", bearer.StatusCode)
	}
}

// A stream ends with its session, and no other stream with it.
func TestStreamsEndWithTheirSession(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, url string) {
		s := openOn(t, sandbox.DemoWorld(), url)
		desk, phone := s.logIn("marin"), s.logIn("marin")
		ending, staying := desk.listen("imports"), phone.listen("imports")
		ending.next()
		staying.next()
		desk.post("/logout", nil).status(http.StatusSeeOther)
		if !ending.untilOver() {
			t.Error("the page isn't told why its stream ends")
		}
		in := phone.installedOn("marin")
		_, _, err := s.db.ImportRepositories(t.Context(), in, []int64{s.world.Repositories("marin")[0].ID})
		must(t, err)
		staying.untilTold("imports")
	})
}

// What ends a credential without a word, such as its age, ends its streams at
// the next check.
func TestStreamsCheckTheirCredential(t *testing.T) {
	s := openAs(t, sandbox.DemoWorld(), dbtest.SQLite(t), "", func(c *handlers.Config) {
		c.Live = live.Options{KeepAlive: 20 * time.Millisecond, CheckInterval: 100 * time.Millisecond}
	})
	v := s.logIn("marin")
	page := v.listen("imports")
	page.next()
	for range 3 {
		select {
		case <-page.beats:
		case <-time.After(dbtest.Timeout):
			t.Fatal("a stream with nothing to say is silent")
		}
	}
	s.clock.advance(200 * time.Hour) // past the time that GitHub's word counts
	if !page.untilOver() {
		t.Error("the page isn't told why its stream ends")
	}
}

func TestStreamsAreBounded(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.DemoWorld())
	v := s.logIn("marin")
	for range live.MaxPerSession {
		v.listen("imports").next()
	}
	refused := v.get("/events?topic=imports").status(http.StatusTooManyRequests)
	if refused.header("Retry-After") == "" || !strings.Contains(refused.body, "Close some") {
		t.Errorf("one stream too many is answered with %v %.300s", refused.Header, refused.text("main"))
	}
	s.logIn("marin").listen("imports").next()
}

// A storm of changes is a few events, of which the last has the last version.
func TestStreamsGatherWhatComesFast(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, url string) {
		s := openOn(t, sandbox.DemoWorld(), url)
		v := s.logIn("marin")
		in := v.installedOn("tidewater-labs")
		topic := db.SyncTopic(in.ID)
		page := v.listen(topic)
		page.next()
		target, err := s.db.SyncTarget(t.Context(), in.ID)
		must(t, err)
		run, err := s.db.StartSync(t.Context(), db.SyncRepositories{RecordID: target.RecordID})
		must(t, err)
		began := time.Now()
		const changes = 300
		for n := range changes {
			must(t, s.db.ProgressSync(t.Context(), run, n, changes, n*100))
		}
		must(t, s.db.FailSync(t.Context(), run, "enough"))
		events, last := 0, v.installedOn("tidewater-labs").Sync.Version()
		for told := ""; told != last; events++ {
			told = page.untilTold(topic)[topic]
		}
		if took, most := time.Since(began), 3+int(time.Since(began)/(500*time.Millisecond)); events > most {
			t.Errorf("%d changes in %v are %d events, want at most %d", changes, took, events, most)
		}
	})
}

// A page held open by one instance hears of what is done at another, also after
// the connection that tells it was lost.
func TestStreamsHearOfOtherInstances(t *testing.T) {
	t.Parallel()
	url := dbtest.Postgres(t)
	s := openOn(t, sandbox.DemoWorld(), url)
	v := s.logIn("marin")
	in := v.installedOn("tidewater-labs")
	page := v.listen(db.InstallationTopic(in.ID), db.TopicImports)
	page.next()
	repositories := s.world.Repositories("tidewater-labs")
	s.instance(url) // answers from now on; the stream stays with the first
	imported := func(n int) {
		t.Helper()
		v.post(fmt.Sprintf("/installations/%d/imports", in.ID), map[string][]string{"repository_ids": {fmt.Sprint(repositories[n].ID)}}).status(http.StatusSeeOther)
		page.untilTold(db.TopicImports)
	}
	imported(0)

	database, err := sql.Open("pgx", url)
	must(t, err)
	defer database.Close()
	var ended int
	must(t, database.QueryRowContext(t.Context(), `SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
		WHERE datname = current_database() AND query = 'LISTEN neptun'`).Scan(&ended))
	if ended == 0 {
		t.Fatal("nobody listens")
	}
	imported(1) // at once, while nobody listens perhaps
	imported(2)

	ending := v.listen(db.TopicImports) // at the second instance
	ending.next()
	v.post("/logout", nil).status(http.StatusSeeOther)
	if !page.untilOver() || !ending.untilOver() {
		t.Error("the page isn't told why its stream ends")
	}
}

// Two processes on one SQLite file hear of each other too.
func TestStreamsHearOfOtherProcessesOnSQLite(t *testing.T) {
	url := dbtest.SQLite(t)
	s := openOn(t, sandbox.DemoWorld(), url)
	v := s.logIn("marin")
	in := v.installedOn("tidewater-labs")
	page := v.listen(db.SyncTopic(in.ID))
	page.next()
	must(t, dbtest.Open(t, url, nil).QueueSync(t.Context(), db.SyncRepositories{RecordID: in.ID}))
	page.untilTold(db.SyncTopic(in.ID))
}

// A server with the limits that the program has lets streams go on past them,
// and one that stops isn't held up by them.
func TestStreamsOutliveTheLimitsOfRequestsAndDontHoldUpTheEnd(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.DemoWorld())
	v := s.logIn("marin")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	server := &http.Server{Handler: s.server(), ReadTimeout: 300 * time.Millisecond, WriteTimeout: 300 * time.Millisecond}
	server.RegisterOnShutdown(s.server().EndStreams)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })

	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+listener.Addr().String()+"/events?topic=imports", nil)
	request.RequestURI, request.Host = "", strings.TrimPrefix(s.url, "http://") // else it is sent to the address of Neptun
	request.AddCookie(&http.Cookie{Name: "neptun-session", Value: v.session()})
	page := v.hear(request)
	page.next()
	time.Sleep(time.Second) // longer than the limits: nothing tells that a stream went on but that it goes on afterwards
	own := v.installedOn("tidewater-labs")
	_, _, err = s.db.ImportRepositories(t.Context(), own, []int64{s.world.Repositories("tidewater-labs")[0].ID})
	must(t, err)
	page.untilTold("imports")

	ctx, cancel := context.WithTimeout(t.Context(), dbtest.Timeout)
	defer cancel()
	must(t, server.Shutdown(ctx))
	if page.untilOver() {
		t.Error("the page is told that its session has ended, and only Neptun stops")
	}
	v.get("/events?topic=imports").status(http.StatusServiceUnavailable)
}
