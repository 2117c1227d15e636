package db_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"neptun/db"
)

// jobsOf queues a job for each of n people, all due.
func jobsOf(w *world, n int) {
	w.t.Helper()
	for i := range n {
		w.login(int64(i+1), fmt.Sprintf("p%d", i))
	}
}

func TestNoJobRunsTwice(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		pool := w.raw()
		// Straight into the table: 400 logins would take the time of the whole test.
		for i := range 400 {
			_, err := pool.ExecContext(ctx, `INSERT INTO jobs (kind, subject, run_at, created_at) VALUES ('sync_repositories', $1, 1, 1)`, fmt.Sprint(i))
			ok(t, err)
		}
		other := newWorld(t, w.url) // another instance
		var mu sync.Mutex
		runs := map[string]int{}
		var wait sync.WaitGroup
		for i := range 8 {
			d := []*world{w, other}[i%2]
			wait.Go(func() {
				for {
					job, err := d.ClaimJob(ctx, time.Minute)
					if errors.Is(err, db.ErrNotFound) {
						return
					}
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					runs[job.Subject]++
					mu.Unlock()
					if err := d.FinishJob(ctx, job); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		wait.Wait()
		for subject, n := range runs {
			if n != 1 {
				t.Errorf("job %s ran %d times", subject, n)
			}
		}
		// A worker may see nothing due while others hold the rest; none may be left.
		if len(runs) != 400 {
			t.Errorf("%d of 400 jobs ran", len(runs))
		}
	})
}

func TestJobsAreClaimedInTheirOrder(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		first := w.login(1, "ada")
		w.clock.pass(time.Second)
		second := w.login(2, "bob")
		for _, want := range []db.User{first, second} {
			if job := got(w.ClaimJob(t.Context(), time.Minute))(t); job.Subject != want.ID || job.Attempts != 1 {
				t.Errorf("claimed %+v, want %s's", job, want.Login)
			}
		}
	})
}

func TestJobOutlivesItsWorker(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		jobsOf(w, 1)
		lost := got(w.ClaimJob(ctx, time.Minute))(t)
		noJob(t, w)
		w.clock.pass(time.Minute)
		lost = got(w.ExtendJob(ctx, lost, time.Minute))(t) // just in time
		w.clock.pass(time.Minute)
		noJob(t, w)
		w.clock.pass(time.Millisecond)
		job := got(w.ClaimJob(ctx, time.Minute))(t)
		if job.ID != lost.ID || job.Attempts != 2 {
			t.Errorf("after its lock ran out the job is %+v", job)
		}
		_, extend := w.ExtendJob(ctx, lost, time.Minute)
		for name, err := range map[string]error{
			"ExtendJob": extend, "FinishJob": w.FinishJob(ctx, lost),
			"RescheduleJob": w.RescheduleJob(ctx, lost, w.clock.Now()), "HandBackJob": w.HandBackJob(ctx, lost, w.clock.Now()),
		} {
			if !errors.Is(err, db.ErrJobLost) {
				t.Errorf("%s of a lost job = %v", name, err)
			}
		}
		ok(t, w.FinishJob(ctx, job))
		for _, gone := range []db.Job{job, lost} {
			ok(t, w.FinishJob(ctx, gone)) // there is nothing left to finish
		}
		w.clock.pass(day)
		noJob(t, w)
	})
}

func TestJobHandedBackIsUntried(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		jobsOf(w, 1)
		ok(t, w.HandBackJob(ctx, got(w.ClaimJob(ctx, time.Minute))(t), w.clock.Now()))
		if job := got(w.ClaimJob(ctx, time.Minute))(t); job.Attempts != 1 {
			t.Errorf("a job handed back has %d attempts", job.Attempts)
		}
	})
}

func TestJobWaitsForItsTime(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		jobsOf(w, 1)
		ok(t, w.RescheduleJob(ctx, got(w.ClaimJob(ctx, time.Minute))(t), w.clock.Now().Add(time.Hour)))
		w.clock.pass(time.Hour - time.Millisecond)
		noJob(t, w)
		w.clock.pass(time.Millisecond)
		if job := got(w.ClaimJob(ctx, time.Minute))(t); job.Attempts != 2 {
			t.Errorf("a job rescheduled has %d attempts", job.Attempts)
		}
	})
}

// noJob checks that nothing is due.
func noJob(t *testing.T, w *world) {
	t.Helper()
	if job, err := w.ClaimJob(t.Context(), time.Minute); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("ClaimJob = %+v, %v, want none", job, err)
	}
}
