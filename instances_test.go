package main

import (
	"database/sql"
	"fmt"
	"maps"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"neptun/db/dbtest"
	"neptun/sandbox/sandboxtest"

	"github.com/pressly/goose/v3"
)

// O8: a SQLite database has one process, so the next one doesn't wait until the
// leases of one that was killed run out.
func TestO8ALoneInstanceDoesntWaitForTheLeasesOfOneThatWasKilled(t *testing.T) {
	c := openCrash(t, sandboxtest.LargeWorld(1500), dbtest.SQLite(t))
	p := spawn(t, c.environment)
	c.world.SetCallbackURLs(p.address + "/auth/github/callback")
	logIn(t, c.client, p.address, "ada")
	c.waitForPages(2)
	must(t, p.Process.Kill())
	_ = p.Wait() // it was killed
	if leased := c.numbers(`SELECT id FROM jobs WHERE locked_until > 0`); len(leased) == 0 {
		t.Fatal("no job was under way")
	}
	c.pages.Store(0)
	began := time.Now()
	p = spawn(t, c.environment)
	c.waitUntil("the sync goes on", func() bool { return c.pages.Load() > 0 })
	if took := time.Since(began); took > 15*time.Second { // a lease lasts 20 seconds
		t.Errorf("the sync went on after %v", took)
	}
	must(t, p.Process.Kill())
	_ = p.Wait() // it was killed
}

// migrateToLastRelease makes the schema of the release before this one.
func migrateToLastRelease(t *testing.T, databaseURL string) {
	t.Helper()
	pool, err := sql.Open("pgx", databaseURL)
	must(t, err)
	defer pool.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, pool, os.DirFS("db/migrations"))
	must(t, err)
	_, err = provider.UpTo(t.Context(), 16)
	must(t, err)
}

// balancer is a proxy before several instances: it goes on to the next one where
// one doesn't answer, as proxies do for requests that change nothing.
type balancer struct {
	mu        sync.RWMutex
	instances map[int]*process
	turn      atomic.Int64
}

func (b *balancer) set(n int, p *process) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p == nil {
		delete(b.instances, n)
		return
	}
	b.instances[n] = p
}

// ServeHTTP implements http.Handler.
func (b *balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	first := b.turn.Add(1)
	for i := range int64(3) {
		b.mu.RLock()
		p := b.instances[int((first+i)%3)]
		b.mu.RUnlock()
		if p == nil {
			continue
		}
		target, err := url.Parse(p.address)
		if err != nil {
			continue
		}
		failed := false
		proxy := &httputil.ReverseProxy{
			Rewrite:      func(request *httputil.ProxyRequest) { request.SetURL(target); request.Out.Host = request.In.Host },
			ErrorHandler: func(http.ResponseWriter, *http.Request, error) { failed = true },
		}
		if proxy.ServeHTTP(w, r); !failed {
			return
		}
	}
	w.WriteHeader(http.StatusBadGateway)
}

// O14, O15: three instances start at once on a database of the last release, which one
// of them migrates. Behind a proxy, each in turn is killed, or stopped, and replaced.
// Users notice nothing, and the sync under way is done.
func TestO15AnyOfThreeInstancesMayBeKilledOrReplaced(t *testing.T) {
	databaseURL := dbtest.EmptyPostgres(t)
	migrateToLastRelease(t, databaseURL)
	pages := dbtest.Size(12, 100)
	c := openCrash(t, sandboxtest.LargeWorld(100*pages), databaseURL)
	front := dbtest.FreePort(t)
	b := &balancer{instances: map[int]*process{}}
	server := &http.Server{Addr: fmt.Sprint("127.0.0.1:", front), Handler: b, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.ListenAndServe() }()
	t.Cleanup(func() { _ = server.Close() })
	dbtest.WaitForPort(t, front)
	public := fmt.Sprint("http://localhost:", front)
	c.environment["NEPTUN_URL"] = public
	c.environment["NEPTUN_DATABASE_CONNECTIONS"] = "6"
	c.world.SetCallbackURLs(public + "/auth/github/callback")
	c.world.SetHookURL(public + "/webhooks/github")
	instance := func() *process {
		environment := maps.Clone(c.environment)
		environment["NEPTUN_ADDR"] = fmt.Sprint("127.0.0.1:", dbtest.FreePort(t))
		p := spawn(t, environment)
		p.address = "http://" + environment["NEPTUN_ADDR"]
		return p
	}
	var starts sync.WaitGroup
	for n := range 3 {
		starts.Go(func() { b.set(n, instance()) })
	}
	starts.Wait()
	logIn(t, c.client, public, "ada")

	var asked, failed atomic.Int64
	stop := make(chan struct{})
	var users sync.WaitGroup
	users.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(10 * time.Millisecond):
			}
			asked.Add(1)
			answer, err := c.client.Get(public + "/api/users/me/installations")
			if err != nil {
				failed.Add(1)
				continue
			}
			answer.Body.Close()
			if answer.StatusCode != http.StatusOK {
				failed.Add(1)
				t.Logf("answered %d", answer.StatusCode)
			}
		}
	})
	for n := range 3 {
		c.waitForPages(c.pages.Load() + 1)
		old := b.instances[n]
		if n == 2 { // one is stopped as an upgrade does
			must(t, old.Process.Signal(os.Interrupt))
			if err := old.Wait(); err != nil {
				t.Errorf("after Ctrl-C: %v", err)
			}
		} else {
			must(t, old.Process.Kill())
			_ = old.Wait() // it was killed
		}
		b.set(n, nil)
		b.set(n, instance())
	}
	c.waitUntil("the sync ends", c.synced)
	close(stop)
	users.Wait()
	if failed.Load() > 0 || asked.Load() == 0 {
		t.Errorf("%d of %d requests failed", failed.Load(), asked.Load())
	}
	c.expectEqual()
	for n := range 3 {
		must(t, b.instances[n].Process.Signal(os.Interrupt))
		_ = b.instances[n].Wait()
	}
}
