package jobs_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"neptun/jobs"
)

type greet struct {
	ID   int64
	Name string
}

func (greet) Kind() string { return "greet" }

type slow struct{ ID int64 }

func (slow) Kind() string { return "slow" }

type sweep struct{}

func (sweep) Kind() string { return "sweep" }

// worker runs the test's function, and records the calls of Waiting and Failed.
type worker[A jobs.Args] struct {
	do     func(ctx context.Context, job jobs.Job[A]) error
	waits  []error
	fails  []error
	untils []time.Time
}

func (w *worker[A]) Work(ctx context.Context, job jobs.Job[A]) error { return w.do(ctx, job) }

func (w *worker[A]) Waiting(_ context.Context, _ jobs.Job[A], until time.Time, cause error) error {
	w.waits, w.untils = append(w.waits, cause), append(w.untils, until)
	return nil
}

func (w *worker[A]) Failed(_ context.Context, _ jobs.Job[A], cause error) error {
	w.fails = append(w.fails, cause)
	return nil
}

// startGreetings starts a runner with one pool and a worker for greet jobs.
func startGreetings(t *testing.T, options jobs.Options, do func(context.Context, jobs.Job[greet]) error) (*memory, *worker[greet], func()) {
	t.Helper()
	queue, w := &memory{}, &worker[greet]{do: do}
	r := jobs.NewRunner(queue, options)
	jobs.Register(r, r.NewPool("greetings", 2), w)
	return queue, w, run(t, r)
}

func TestAJobRunsWithItsArgumentsAndIsRemoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var done []greet
		queue, _, stop := startGreetings(t, jobs.Options{}, func(_ context.Context, job jobs.Job[greet]) error {
			done = append(done, job.Args)
			return nil
		})
		defer stop()
		synctest.Wait()
		began := time.Now()
		queue.enqueue(greet{7, "ada"})
		synctest.Wait()
		if len(done) != 1 || done[0] != (greet{7, "ada"}) || time.Since(began) > 0 {
			t.Errorf("done: %v, after %v", done, time.Since(began))
		}
		if _, _, found := queue.due(greet{7, "ada"}); found {
			t.Error("the job is still there")
		}
	})
}

func TestEqualRequestsJoinAndOneMadeDuringTheRunIsNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var times atomic.Int64
		release := make(chan struct{})
		queue, _, stop := startGreetings(t, jobs.Options{}, func(context.Context, jobs.Job[greet]) error {
			times.Add(1)
			<-release
			return nil
		})
		defer stop()
		queue.enqueueAt(greet{ID: 1, Name: "a"}, 0, time.Now().Add(time.Second))
		queue.enqueue(greet{ID: 1, Name: "a"})
		time.Sleep(2 * time.Second)
		synctest.Wait()
		for range 3 {
			queue.enqueue(greet{ID: 1, Name: "a"})
		}
		close(release)
		synctest.Wait()
		if n := times.Load(); n != 2 {
			t.Errorf("the job ran %d times, want once, and again for the request made during the run", n)
		}
	})
}

func TestOutcomes(t *testing.T) {
	cause := errors.New("no answer")
	retries := []time.Duration{time.Minute, time.Hour}
	for name, test := range map[string]struct {
		outcome  error
		failures int64 // counted afterwards
		after    time.Duration
		waited   bool
		failed   bool
	}{
		"snoozed":               {outcome: jobs.Snooze(time.Time{}.Add(time.Hour), nil)},
		"snoozed with a cause":  {outcome: jobs.Snooze(time.Time{}.Add(time.Hour), cause), waited: true},
		"an error":              {outcome: cause, failures: 1, after: time.Minute, waited: true},
		"delayed":               {outcome: jobs.Delay(time.Date(2000, 1, 1, 3, 0, 0, 0, time.UTC), cause), failures: 1, after: 3 * time.Hour, waited: true}, // synctest's clock starts on that day
		"delayed by less":       {outcome: jobs.Delay(time.Time{}, cause), failures: 1, after: time.Minute, waited: true},
		"canceled":              {outcome: jobs.Cancel(cause), failed: true},
		"panicked":              {outcome: nil, failed: true},
		"turned by the options": {outcome: errFinal, failed: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				outcome := test.outcome
				options := jobs.Options{Retries: retries, Outcome: func(err error) error {
					if errors.Is(err, errFinal) {
						return jobs.Cancel(err)
					}
					return err
				}}
				queue, w, stop := startGreetings(t, options, func(context.Context, jobs.Job[greet]) error {
					if outcome == nil {
						panic("a mistake")
					}
					return outcome
				})
				defer stop()
				if test.outcome != nil && !test.failed && test.after == 0 {
					test.after = time.Hour
					outcome = jobs.Snooze(time.Now().Add(time.Hour), errors.Unwrap(outcome))
				}
				began := time.Now()
				queue.enqueue(greet{1, "a"})
				synctest.Wait()
				at, failures, found := queue.due(greet{1, "a"})
				if found == test.failed || failures != test.failures {
					t.Errorf("in the queue: %v, with %d failures", found, failures)
				}
				if wait := at.Sub(began); found && (wait < test.after*4/5 || wait > test.after*6/5) {
					t.Errorf("due in %v, want about %v", wait, test.after)
				}
				if (len(w.waits) == 1) != test.waited || (len(w.fails) == 1) != test.failed {
					t.Errorf("Waiting was called with %v, Failed with %v", w.waits, w.fails)
				}
			})
		})
	}
}

var errFinal = errors.New("final")

func TestRetriesEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var times int
		options := jobs.Options{Retries: []time.Duration{time.Second, time.Minute}}
		queue, w, stop := startGreetings(t, options, func(context.Context, jobs.Job[greet]) error {
			times++
			return errors.New("no answer")
		})
		defer stop()
		queue.enqueue(greet{1, "a"})
		time.Sleep(time.Hour)
		if times != 3 || len(w.waits) != 2 || len(w.fails) != 1 || !errors.Is(w.fails[0], jobs.ErrExhausted) {
			t.Errorf("ran %d times, waits %v, failures %v", times, w.waits, w.fails)
		}
	})
}

func TestASlowPoolDoesNotHoldUpOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		queue := &memory{}
		var greeted atomic.Int64
		r := jobs.NewRunner(queue, jobs.Options{})
		jobs.Register(r, r.NewPool("slow", 2), &worker[slow]{do: func(ctx context.Context, _ jobs.Job[slow]) error {
			<-ctx.Done()
			return ctx.Err()
		}})
		jobs.Register(r, r.NewPool("quick", 1), &worker[greet]{do: func(context.Context, jobs.Job[greet]) error {
			greeted.Add(1)
			return nil
		}})
		stop := run(t, r)
		defer stop()
		for id := range int64(10) {
			queue.enqueue(slow{id})
		}
		synctest.Wait()
		queue.enqueue(greet{1, "a"})
		synctest.Wait()
		if greeted.Load() != 1 {
			t.Error("the other pool's job waits")
		}
	})
}

func TestHigherPriorityRunsFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var order []int64
		queue := &memory{}
		r := jobs.NewRunner(queue, jobs.Options{})
		jobs.Register(r, r.NewPool("one", 1), &worker[slow]{do: func(_ context.Context, job jobs.Job[slow]) error {
			order = append(order, job.Args.ID)
			return nil
		}})
		queue.enqueueAt(slow{1}, 2, time.Now().Add(-time.Hour))
		queue.enqueueAt(slow{2}, 1, time.Now())
		queue.enqueueAt(slow{3}, 1, time.Now().Add(-time.Second))
		stop := run(t, r)
		synctest.Wait()
		stop()
		if len(order) != 3 || order[0] != 3 || order[1] != 2 || order[2] != 1 {
			t.Errorf("ran in the order %v", order)
		}
	})
}

func TestAPeriodicJobRunsOnScheduleWhateverItsOutcome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		began := time.Now()
		queue := &memory{}
		r := jobs.NewRunner(queue, jobs.Options{})
		jobs.RegisterPeriodic(r, r.NewPool("periodic", 1), &worker[sweep]{do: func(context.Context, jobs.Job[sweep]) error {
			at = append(at, time.Since(began))
			if len(at) == 2 {
				return errors.New("no answer")
			}
			return nil
		}}, time.Hour)
		stop := run(t, r)
		time.Sleep(150 * time.Minute)
		stop()
		if len(at) != 3 || at[0] > time.Second || at[1] < time.Hour || at[1] > time.Hour+2*time.Second || at[2] < 2*time.Hour {
			t.Errorf("ran after %v", at)
		}
	})
}

func TestALongJobKeepsItsLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var times atomic.Int64
		queue, _, stop := startGreetings(t, jobs.Options{Lease: 20 * time.Second}, func(context.Context, jobs.Job[greet]) error {
			times.Add(1)
			time.Sleep(time.Hour)
			return nil
		})
		defer stop()
		queue.enqueue(greet{1, "a"})
		time.Sleep(time.Hour + time.Minute)
		if _, _, found := queue.due(greet{1, "a"}); found || times.Load() != 1 {
			t.Errorf("ran %d times, still in the queue: %v", times.Load(), found)
		}
	})
}

// A process that was paused in the middle of a job finds out that it lost the
// job, and doesn't touch it again.
func TestALostJobEndsAndSettlesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan error, 1)
		queue, w, stop := startGreetings(t, jobs.Options{Lease: 20 * time.Second}, func(ctx context.Context, _ jobs.Job[greet]) error {
			<-ctx.Done()
			ended <- context.Cause(ctx)
			return ctx.Err()
		})
		defer stop()
		queue.enqueue(greet{1, "a"})
		synctest.Wait()
		queue.mu.Lock()
		queue.rows[0].Claim++ // by another worker
		leased := queue.rows[0].leased
		queue.mu.Unlock()
		if cause := <-ended; !errors.Is(cause, jobs.ErrLost) {
			t.Errorf("the job ended with %v", cause)
		}
		synctest.Wait()
		queue.mu.Lock()
		defer queue.mu.Unlock()
		if !queue.rows[0].leased.Equal(leased) || len(w.waits)+len(w.fails) > 0 {
			t.Error("the late worker settled another's job")
		}
	})
}

func TestStoppingReleasesJobsInProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		queue, w, stop := startGreetings(t, jobs.Options{}, func(ctx context.Context, _ jobs.Job[greet]) error {
			<-ctx.Done()
			return ctx.Err()
		})
		queue.enqueue(greet{1, "a"})
		synctest.Wait()
		stop()
		at, failures, found := queue.due(greet{1, "a"})
		if !found || failures != 0 || at.After(time.Now()) || !queue.rows[0].leased.IsZero() || len(w.waits) > 0 {
			t.Errorf("in the queue: %v, due %v, with %d failures", found, at, failures)
		}
	})
}

// mortal is a process's view of a queue; the process may die.
type mortal struct {
	*memory
	dead atomic.Bool
}

func (m *mortal) Claim(ctx context.Context, kinds []string, lease time.Duration) (jobs.Row, error) {
	if m.dead.Load() {
		return jobs.Row{}, jobs.ErrNone
	}
	return m.memory.Claim(ctx, kinds, lease)
}

func (m *mortal) Extend(ctx context.Context, row jobs.Row, lease time.Duration) error {
	if m.dead.Load() {
		return jobs.ErrLost
	}
	return m.memory.Extend(ctx, row, lease)
}

// Where nobody notices that a process died, as on PostgreSQL, its jobs run again once
// the lease expires, which may have been extended just before.
func TestJobsOfADeadProcessResumeWithin25Seconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		queue := &memory{}
		process := &mortal{memory: queue}
		var done atomic.Int64
		start := func(queue jobs.Queue, do func(context.Context) error) (stop func()) {
			r := jobs.NewRunner(queue, jobs.Options{})
			jobs.Register(r, r.NewPool("one", 1), &worker[slow]{do: func(ctx context.Context, _ jobs.Job[slow]) error { return do(ctx) }})
			return run(t, r)
		}
		defer start(process, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })()
		queue.enqueue(slow{1})
		time.Sleep(time.Minute + time.Millisecond)
		process.dead.Store(true)
		defer start(queue, func(context.Context) error { done.Add(1); return nil })()
		time.Sleep(15 * time.Second)
		if done.Load() != 0 {
			t.Error("the job was taken from a process whose lease hasn't expired")
		}
		time.Sleep(10 * time.Second)
		if _, _, found := queue.due(slow{1}); found || done.Load() != 1 {
			t.Errorf("after 25 seconds it has run %d times, queued: %t", done.Load(), found)
		}
	})
}

func TestRecoverResumesJobsOfADeadProcessAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		queue := &memory{dead: true}
		queue.enqueue(slow{1})
		if _, err := queue.Claim(t.Context(), []string{"slow"}, time.Hour); err != nil {
			t.Fatal(err)
		}
		var done atomic.Int64
		r := jobs.NewRunner(queue, jobs.Options{})
		jobs.Register(r, r.NewPool("one", 1), &worker[slow]{do: func(context.Context, jobs.Job[slow]) error {
			done.Add(1)
			return nil
		}})
		stop := run(t, r)
		defer stop()
		synctest.Wait()
		if done.Load() != 1 {
			t.Error("the job waits for the lease of a dead process")
		}
	})
}

// Arguments stored by another version of the program are dropped without breaking
// anything.
func TestUnparsableArgumentsAreDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		queue, _, stop := startGreetings(t, jobs.Options{}, func(context.Context, jobs.Job[greet]) error { return nil })
		defer stop()
		queue.mu.Lock()
		queue.add("greet", "seven", 0, time.Now())
		queue.mu.Unlock()
		time.Sleep(2 * time.Second)
		synctest.Wait()
		queue.mu.Lock()
		defer queue.mu.Unlock()
		if len(queue.rows) != 0 {
			t.Errorf("in the queue: %+v", queue.rows[0])
		}
	})
}
