package main

import (
	"database/sql"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"neptun/db/dbtest"
	"neptun/sandbox/sandboxtest"

	"github.com/pressly/goose/v3"
)

// O8: a SQLite database has one process, so the next one doesn't wait until the
// leases of one that was killed run out.
func TestO8ASingleInstanceRecoversTheJobsOfAKilledOne(t *testing.T) {
	c := openCrash(t, sandboxtest.LargeWorld(1500), dbtest.SQLite(t))
	p := spawn(t, c.environment)
	c.world.Apps.SetCallbackURLs(p.address + "/auth/github/callback")
	logIn(t, c.client, p.address, "ada")
	c.waitForPages(2)
	must(t, p.Process.Kill())
	_ = p.Wait() // it was killed
	if leased := c.numbers(`SELECT id FROM jobs WHERE locked_until > 0`); len(leased) == 0 {
		t.Fatal("no job was running")
	}
	c.pages.Store(0)
	began := time.Now()
	p = spawn(t, c.environment)
	c.waitUntil("the sync continues", func() bool { return c.pages.Load() > 0 })
	if took := time.Since(began); took > 15*time.Second { // a lease lasts 20 seconds
		t.Errorf("the sync continued after %v", took)
	}
	must(t, p.Process.Kill())
	_ = p.Wait() // it was killed
}

// migrateToLastRelease creates the schema of the previous release.
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

// O14, O15: three instances start at once on a database of the last release, which one of
// them migrates. Behind a proxy, each in turn is killed or stopped, and replaced. Users notice
// nothing, and the running sync finishes.
func TestO15AnyOfThreeInstancesCanBeKilledOrReplaced(t *testing.T) {
	databaseURL := dbtest.EmptyPostgres(t)
	migrateToLastRelease(t, databaseURL)
	c := openCluster(t, sandboxtest.LargeWorld(100*dbtest.Size(12, 100)), databaseURL)
	var starts sync.WaitGroup
	for n := range 3 {
		starts.Go(func() { c.start(n, executable(t)) })
	}
	starts.Wait()
	logIn(t, c.client, c.public, "ada")
	c.load()
	for n := range 3 {
		c.waitForPages(c.pages.Load() + 1)
		if n == 2 { // one is stopped as an upgrade does
			c.stop(n)
		} else {
			old := c.take(n)
			must(t, old.Process.Kill())
			_ = old.Wait() // it was killed
		}
		c.start(n, executable(t))
	}
	c.waitUntil("the sync ends", c.synced)
	c.expectNoFailure()
	c.expectEqual()
	for n := range 3 {
		c.stop(n)
	}
}

// O14: a database that a newer release has migrated incompatibly ends its instances, with the
// exit code that keeps them from being restarted.
func TestO14AnInstanceStopsOnAnIncompatibleSchema(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		c := openCrash(t, sandboxtest.LargeWorld(100), databaseURL)
		p := start(t, complete(t, map[string]string{"DATABASE_URL": databaseURL, "NEPTUN_SECRET": testSecret}))
		_, err := c.database.ExecContext(t.Context(), `UPDATE settings SET required_schema = 90001`)
		must(t, err)
		if answer := get(t, c.client, p.address+"/readyz"); answer.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("/readyz: %d", answer.StatusCode)
		}
		if code := <-p.exited; code != exitConfiguration {
			t.Errorf("exit code %d", code)
		}
	})
}
