package syncer

import (
	"database/sql"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

// raw opens the database without package db.
func raw(t testing.TB, databaseURL string) *sql.DB {
	t.Helper()
	driver, address := "pgx", databaseURL
	if file, ok := strings.CutPrefix(databaseURL, "sqlite:"); ok {
		driver, address = "sqlite", file+"?_pragma=busy_timeout(5000)"
	}
	pool, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	return pool
}

// checks counts the checks in the queue, and those of them that are due.
func (s *stage) checks(databaseURL string) (waiting, due int) {
	s.t.Helper()
	err := raw(s.t, databaseURL).QueryRow(`SELECT COUNT(*), COALESCE(SUM(CASE WHEN run_at <= $1 THEN 1 ELSE 0 END), 0) FROM jobs WHERE kind = 'check_access'`,
		s.clock.Now().UnixMilli()).Scan(&waiting, &due)
	if err != nil {
		s.t.Fatal(err)
	}
	return waiting, due
}

// crowd adds n users who see all that ada sees on atlas, and import one of it.
func (s *stage) crowd(databaseURL string, n int) {
	s.t.Helper()
	ctx := s.t.Context()
	ids := []string{}
	for i := range n {
		user, err := s.syncer.db.SignIn(ctx, db.Profile{GitHubID: int64(9_000_000 + i), Login: fmt.Sprint("viewer-", i)}, db.Token{Access: fmt.Sprint("token-", i)})
		if err != nil {
			s.t.Fatal(err)
		}
		ids = append(ids, user.ID)
	}
	pool := raw(s.t, databaseURL)
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	run := func(query string, args ...any) {
		s.t.Helper()
		if _, err := tx.ExecContext(ctx, query, args...); err != nil {
			s.t.Fatal(err)
		}
	}
	in := s.at("atlas")
	for _, id := range ids {
		run(`INSERT INTO installation_records (user_id, account_id, installation_id, repository_count, import_count, synced_at, created_at, updated_at)
			SELECT CAST($1 AS TEXT), account_id, installation_id, repository_count, 1, synced_at, created_at, updated_at FROM installation_records WHERE id = $2`, id, in.ID)
		run(`INSERT INTO access (user_id, repository_id, account_id, permission, generation) SELECT CAST($1 AS TEXT), repository_id, account_id, permission, 0 FROM access WHERE user_id = $2`, id, s.person.ID)
		run(`INSERT INTO imports (user_id, repository_id, account_id, created_at, updated_at) SELECT CAST($1 AS TEXT), repository_id, account_id, 1, 1 FROM access WHERE user_id = $2 AND repository_id = $3`, id, s.person.ID, s.world.Repositories.List("atlas")[0].ID)
	}
	run(`DELETE FROM jobs`)
	run(`DELETE FROM sync_runs WHERE user_id <> $1`, s.person.ID)
	if err := tx.Commit(); err != nil {
		s.t.Fatal(err)
	}
}

// viewers is how many users see the repositories of these tests.
func viewers() int {
	if os.Getenv("NEPTUN_TEST_SOAK") != "" {
		return 2000
	}
	return 300
}

// O2: applying the response to an App request costs the same for many viewers as for one.
func TestO2OneAppRequestServesAllViewers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := newStage(t, databaseURL, sandboxtest.LargeWorld(20))
		s.signIn("ada")
		s.work()
		n := viewers()
		s.crowd(databaseURL, n)
		in, all := s.at("atlas"), s.world.Repositories.List("atlas")
		for _, c := range []struct {
			action string
			change func(id int64)
		}{
			{"edited", func(id int64) {
				s.world.Repositories.Edit(id, func(r *sandbox.Repository) { r.Description = "Edited." })
			}},
			{"renamed", func(id int64) { s.world.Repositories.Rename(id, "renamed") }},
			{"archived", func(id int64) { s.world.Repositories.Archive(id, true) }},
			{"deleted", s.world.Repositories.Delete},
			{"privatized", func(id int64) { s.world.Repositories.SetPrivate(id, true) }},
			{"created", func(int64) {}},
		} {
			r := all[0]
			if c.action == "privatized" || c.action == "created" {
				r = all[1]
			}
			c.change(r.ID)
			s.server.ResetRequests()
			began := time.Now()
			s.hookOn("o2-"+c.action, c.action, r, in)
			s.clock.Advance(time.Second)
			s.work()
			took, requests := time.Since(began), len(s.server.Requests())
			waiting, _ := s.checks(databaseURL)
			t.Logf("%s, seen by %d: %d requests at once in %v, %d checks left", c.action, n+1, requests, took, waiting)
			if c.action != "created" && c.action != "privatized" {
				if requests > 5 || waiting > 0 {
					t.Errorf("%s caused %d requests and left %d checks", c.action, requests, waiting)
				}
				continue
			}
			if waiting < n+1-5 {
				t.Errorf("after %s %d users were checked at once", c.action, n+1-waiting)
			}
			s.clock.Advance(15 * time.Minute)
			if _, due := s.checks(databaseURL); due != waiting {
				t.Errorf("%s: of %d checks %d are due after 15 minutes", c.action, waiting, due)
			}
			if _, err := raw(t, databaseURL).Exec(`DELETE FROM jobs`); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func cpuTime(t testing.TB) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// O2: three instances together request the App and its deliveries as often as one.
func TestO2ThreeInstancesRequestTheAppOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := newStage(t, databaseURL, sandboxtest.EmptyWorld())
		s.server.ResetRequests()
		var instances []*stage
		for range 3 {
			one := s.instance(dbtest.Open(t, databaseURL, s.clock.Now))
			instances = append(instances, one)
			s.clock.Advance(time.Second)
			defer one.working(t.Context())()
			// Each instance checks at its start, which must not count below.
			s.eventually("its first recovery ends", func() bool { return s.recoveryState().FinishedAt.Equal(s.clock.Now().Truncate(time.Millisecond)) })
		}
		for _, one := range instances {
			s.eventually("every instance knows the App", func() bool { _, known := one.github.AppFacts(); return known })
		}
		pool := raw(t, databaseURL)
		s.eventually("no sync is due or running", func() bool {
			var n int
			err := pool.QueryRow(`SELECT COUNT(*) FROM jobs WHERE kind IN ('read_app', 'recover_deliveries') AND (locked_until > 0 OR run_at <= $1)`, s.clock.Now().UnixMilli()).Scan(&n)
			return err == nil && n == 0
		})
		before := s.server.RequestCount("/app/hook/deliveries")
		s.server.ResetRequests()
		s.clock.Advance(recoverEvery + time.Second)
		s.eventually("requests are sent to GitHub again", func() bool {
			return s.server.RequestCount("/app") > 0 && s.server.RequestCount("/app/hook/deliveries") > 0
		})
		s.eventually("the recovery ends", func() bool { return s.recoveryState().State == db.SyncIdle })
		if n, m := s.server.RequestCount("/app"), s.server.RequestCount("/app/hook/deliveries"); n != 1 || m != 1 {
			t.Errorf("the App was requested %d times and its deliveries %d times (%d at the start)", n, m, before)
		}
	})
}
