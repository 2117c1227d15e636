package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/jobs"
)

// errand is a job of these tests.
type errand struct{ ID int64 }

func (errand) Kind() string { return "errand" }

// chore is one of another kind.
type chore struct{ ID int64 }

func (chore) Kind() string { return "chore" }

var errands = []string{"errand"}

// everyKind of job that Neptun has.
var everyKind = []string{
	db.SyncInstallations{}.Kind(), db.SyncRepositories{}.Kind(), db.SyncAppInstallations{}.Kind(), db.WatchRequests{}.Kind(),
	db.ApplyDelivery{}.Kind(), db.CheckAccess{}.Kind(), db.CheckInstallations{}.Kind(), db.RecoverDeliveries{}.Kind(), db.ReconcileUsers{}.Kind(),
}

// noJob checks that none of Neptun's jobs is due.
func noJob(t *testing.T, w *world) {
	t.Helper()
	idle(t, w.DB, everyKind...)
}

// failedOnce is a job that has just failed.
func failedOnce(row jobs.Row) jobs.Row {
	row.Failures++
	return row
}

// enqueue commits jobs in one transaction.
func enqueue(t testing.TB, d *db.DB, at time.Time, list ...jobs.Args) {
	t.Helper()
	ok(t, d.EnqueueAll(t.Context(), at, list...))
}

// claim leases a job that must be due.
func claim(t testing.TB, d *db.DB, kinds ...string) jobs.Row {
	t.Helper()
	return got(d.Jobs().Claim(t.Context(), kinds, time.Minute))(t)
}

// idle checks that nothing is due.
func idle(t testing.TB, d *db.DB, kinds ...string) {
	t.Helper()
	if row, err := d.Jobs().Claim(t.Context(), kinds, time.Minute); !errors.Is(err, jobs.ErrNone) {
		t.Errorf("claimed %+v, %v, want none", row, err)
	}
}

func TestTheQueueKeepsOneJobPerSubjectAndRemembersRequestsDuringItsRun(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, now := t.Context(), w.clock.Now()
		enqueue(t, w.DB, now.Add(time.Minute), errand{1}, errand{1}, chore{1})
		enqueue(t, w.DB, now, errand{1})
		idle(t, w.DB, "errand", "chore")
		w.clock.Advance(time.Minute)
		row := claim(t, w.DB, errands...)
		idle(t, w.DB, errands...)
		enqueue(t, w.DB, w.clock.Now().Add(time.Second), errand{1})
		enqueue(t, w.DB, w.clock.Now().Add(time.Hour), errand{1})
		ok(t, w.Jobs().Finish(ctx, row))
		idle(t, w.DB, errands...)
		w.clock.Advance(time.Second)
		row = claim(t, w.DB, errands...)
		ok(t, w.Jobs().Finish(ctx, row))
		w.clock.Advance(day)
		idle(t, w.DB, errands...)
		ok(t, w.Jobs().Finish(ctx, claim(t, w.DB, "chore")))
	})
}

func TestAReleasedJobIsDelayedAndKeepsItsFailures(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		enqueue(t, w.DB, w.clock.Now(), errand{1})
		row := claim(t, w.DB, errands...)
		row.Failures++
		ok(t, w.Jobs().Release(ctx, row, w.clock.Now().Add(time.Hour)))
		w.clock.Advance(time.Hour - time.Millisecond)
		idle(t, w.DB, errands...)
		w.clock.Advance(time.Millisecond)
		if row = claim(t, w.DB, errands...); row.Failures != 1 || row.Subject != "1" {
			t.Errorf("claimed %+v", row)
		}
		// If it was requested meanwhile, it runs as early as that.
		enqueue(t, w.DB, w.clock.Now(), errand{1})
		ok(t, w.Jobs().Release(ctx, row, w.clock.Now().Add(time.Hour)))
		ok(t, w.Jobs().Finish(ctx, claim(t, w.DB, errands...)))
		idle(t, w.DB, errands...)
	})
}

func TestALostJobIsSettledOnlyByItsHolder(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		enqueue(t, w.DB, w.clock.Now(), errand{1})
		lost := claim(t, w.DB, errands...)
		w.clock.Advance(time.Minute)
		ok(t, w.Jobs().Extend(ctx, lost, time.Minute)) // just in time
		w.clock.Advance(time.Minute)
		idle(t, w.DB, errands...)
		w.clock.Advance(time.Millisecond)
		row := claim(t, w.DB, errands...)
		if row.ID != lost.ID || row.Failures != 0 {
			t.Errorf("after its lease expired the job is %+v", row)
		}
		enqueue(t, w.DB, w.clock.Now(), errand{1}) // even if it is to run again
		for name, err := range map[string]error{
			"Extend": w.Jobs().Extend(ctx, lost, time.Minute), "Finish": w.Jobs().Finish(ctx, lost), "Release": w.Jobs().Release(ctx, lost, w.clock.Now()),
		} {
			if !errors.Is(err, jobs.ErrLost) {
				t.Errorf("%s of a lost job = %v", name, err)
			}
		}
		ok(t, w.Jobs().Finish(ctx, row))
	})
}

func TestEnsureAddsAJobOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		for range 2 {
			ok(t, w.Jobs().Ensure(ctx, "errand", ""))
		}
		row := claim(t, w.DB, errands...)
		ok(t, w.Jobs().Ensure(ctx, "errand", ""))
		ok(t, w.Jobs().Finish(ctx, row))
		idle(t, w.DB, errands...)
	})
}

func TestNoJobRunsTwice(t *testing.T) {
	const n = 400
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		var list []jobs.Args
		for i := range int64(n) {
			list = append(list, errand{i})
		}
		enqueue(t, w.DB, w.clock.Now(), list...)
		other := newWorld(t, w.url) // another instance
		var mu sync.Mutex
		runs := map[string]int{}
		var wait sync.WaitGroup
		for i := range 8 {
			queue := []*world{w, other}[i%2].Jobs()
			wait.Go(func() {
				for {
					row, err := queue.Claim(ctx, errands, time.Minute)
					if errors.Is(err, jobs.ErrNone) {
						return
					}
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					runs[row.Subject]++
					mu.Unlock()
					if err := queue.Finish(ctx, row); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		wait.Wait()
		for subject, times := range runs {
			if times != 1 {
				t.Errorf("job %s was done %d times", subject, times)
			}
		}
		// A worker may find nothing due while others hold the rest, but none may be left.
		if len(runs) != n {
			t.Errorf("%d of %d jobs were done", len(runs), n)
		}
	})
}

// doer notes when a job began.
type doer struct {
	began chan time.Time
	hold  chan struct{} // until which it works; nil for no time
}

func (d doer) Work(ctx context.Context, _ jobs.Job[errand]) error {
	d.began <- time.Now()
	if d.hold != nil {
		select {
		case <-d.hold:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// start has a runner do errands, until the returned function is called.
func start(t testing.TB, d *db.DB, options jobs.Options, worker doer) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r := jobs.NewRunner(d.Jobs(), options)
	jobs.Register(r, r.NewPool("errands", 4), worker)
	ended := make(chan struct{})
	go func() { defer close(ended); r.Run(ctx) }()
	return sync.OnceFunc(func() { cancel(); <-ended })
}

// With a poll of an hour, nothing but the announcement starts the job.
func TestAJobStartsSoonAfterItsCommitOnAnyInstance(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, url string) {
		here := dbtest.Open(t, url, time.Now)
		instances := map[string]*db.DB{"here": here}
		if url[0] == 'p' {
			instances["elsewhere"] = dbtest.Open(t, url, time.Now)
		}
		worker := doer{began: make(chan time.Time, 1)}
		stop := start(t, here, jobs.Options{Poll: time.Hour}, worker)
		defer stop()
		for name, from := range instances {
			var slowest time.Duration
			for i := range int64(20) {
				if i == 0 {
					// PostgreSQL's connection may not listen yet: the first job waits for it.
					waitForListener(t, url)
				}
				enqueue(t, from, time.Now(), errand{i})
				committed := time.Now()
				select {
				case began := <-worker.began:
					slowest = max(slowest, began.Sub(committed))
				case <-time.After(dbtest.Timeout):
					t.Fatalf("from %s: the job never starts", name)
				}
			}
			t.Logf("from %s: at most %v from commit to start", name, slowest)
			if slowest > 100*time.Millisecond {
				t.Errorf("from %s: %v from commit to start", name, slowest)
			}
		}
	})
}

// waitForListener waits until a connection to PostgreSQL listens for jobs.
func waitForListener(t testing.TB, url string) {
	t.Helper()
	if url[0] != 'p' {
		return
	}
	pool, err := sql.Open("pgx", url)
	ok(t, err)
	defer pool.Close()
	for end := time.Now().Add(dbtest.Timeout); ; time.Sleep(time.Millisecond) {
		var n int
		ok(t, pool.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND query = 'LISTEN neptun_jobs'`).Scan(&n))
		if n > 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatal("nothing listens for jobs")
		}
	}
}

func TestAStoppedRunnerReleasesItsJobsForTheNext(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, url string) {
		d := dbtest.Open(t, url, time.Now)
		enqueue(t, d, time.Now(), errand{1})
		first := doer{began: make(chan time.Time, 1), hold: make(chan struct{})}
		stop := start(t, d, jobs.Options{}, first)
		<-first.began
		stop()
		second := doer{began: make(chan time.Time, 1)}
		defer start(t, d, jobs.Options{}, second)()
		select {
		case <-second.began:
		case <-time.After(dbtest.Timeout):
			t.Fatal("the job doesn't run")
		}
	})
}

// A dead process leaves its leases. On SQLite the next one knows that they are stale; a
// process that is alive keeps its own.
func TestOnSQLiteJobsOfADeadProcessResumeAtOnce(t *testing.T) {
	url := dbtest.SQLite(t)
	dead := dbtest.Open(t, url, time.Now)
	enqueue(t, dead, time.Now(), errand{1})
	claim(t, dead, errands...) // and never settled
	d := dbtest.Open(t, url, time.Now)
	if n := got(d.Jobs().Recover(t.Context()))(t); n != 1 {
		t.Errorf("%d jobs were recovered, want 1", n)
	}
	if n := got(dead.Jobs().Recover(t.Context()))(t); n != 0 {
		t.Errorf("%d jobs were recovered beside a process that does jobs", n)
	}
	row := claim(t, d, errands...)
	if n := got(dead.Jobs().Recover(t.Context()))(t); n != 0 {
		t.Errorf("%d jobs were taken from a process that is alive", n)
	}
	ok(t, d.Jobs().Finish(t.Context(), row))
}

func BenchmarkClaim(b *testing.B) {
	for engine, address := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		for _, waiting := range []int64{0, 10_000} {
			b.Run(fmt.Sprintf("%s/%d", engine, waiting), func(b *testing.B) {
				d := dbtest.Open(b, address(b), time.Now)
				var list []jobs.Args
				for i := range waiting {
					list = append(list, chore{i})
				}
				ok(b, d.EnqueueAll(b.Context(), time.Now(), list...))
				var n atomic.Int64
				for b.Loop() {
					b.StopTimer()
					ok(b, d.EnqueueAll(b.Context(), time.Now(), errand{n.Add(1)}))
					b.StartTimer()
					row := claim(b, d, errands...)
					ok(b, d.Jobs().Finish(b.Context(), row))
				}
			})
		}
	}
}
