package jobs

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Options are the settings of a Runner. Zero values mean the defaults.
type Options struct {
	// Lease is how long a job is held without a heartbeat, and so how long after a
	// crash another process takes it over. The default is 20 seconds.
	Lease time.Duration
	// Poll is how often the queue is checked for jobs that became due or were
	// never announced. The default is a second.
	Poll time.Duration
	// Retries are the delays before a failed job runs again, one per failure.
	// If empty, a failure is final.
	Retries []time.Duration
	// Outcome may turn an error into Snooze or Cancel where the worker didn't. It
	// may be nil.
	Outcome func(error) error
	// Observe, if not nil, receives how each job ended (done, failed, snoozed,
	// retried, released or lost) and how long it ran.
	Observe func(kind, outcome string, took time.Duration)
	// Now is the queue's clock; nil means time.Now.
	Now func() time.Time
	// Logger logs failures; nil discards them.
	Logger *slog.Logger
}

// settleTimeout bounds writing a job's outcome and extending its lease.
const settleTimeout = 10 * time.Second

// Runner runs the jobs of a queue. Any number of runners, in any number of
// processes, may share one.
type Runner struct {
	queue   Queue
	options Options
	now     func() time.Time
	log     *slog.Logger

	pools []*Pool
	kinds map[string]*registered
	wake  chan struct{}
}

type registered struct {
	performer
	pool  *Pool
	every time.Duration // of a periodic job, else 0
}

// Pool limits how many jobs run at once. Kinds in different pools don't hold
// each other up.
type Pool struct {
	name  string
	size  int64
	busy  atomic.Int64
	kinds []string
}

// NewRunner creates a runner without kinds.
func NewRunner(queue Queue, options Options) *Runner {
	if options.Lease == 0 {
		options.Lease = 20 * time.Second
	}
	if options.Poll == 0 {
		options.Poll = time.Second
	}
	r := &Runner{
		queue: queue, options: options, now: options.Now, log: options.Logger,
		kinds: map[string]*registered{}, wake: make(chan struct{}, 1),
	}
	if r.now == nil {
		r.now = time.Now
	}
	if r.log == nil {
		r.log = slog.New(slog.DiscardHandler)
	}
	return r
}

// NewPool adds a pool that runs up to size jobs at once.
func (r *Runner) NewPool(name string, size int) *Pool {
	pool := &Pool{name: name, size: int64(size)}
	r.pools = append(r.pools, pool)
	return pool
}

// Register adds a worker for the jobs of its kind to a pool. Each kind is
// registered once, before the runner runs.
func Register[A Args](r *Runner, pool *Pool, worker Worker[A]) {
	register(r, pool, worker, 0)
}

// RegisterPeriodic adds a worker whose single job runs every so often: when the
// runner starts, unless the last run is less than every ago, and then every after
// each run. Across all runners of the queue, one instance runs at a time. The
// arguments have no fields.
func RegisterPeriodic[A Args](r *Runner, pool *Pool, worker Worker[A], every time.Duration) {
	register(r, pool, worker, every)
}

func register[A Args](r *Runner, pool *Pool, worker Worker[A], every time.Duration) {
	var args A
	kind := args.Kind()
	if r.kinds[kind] != nil {
		panic("jobs: " + kind + " is registered twice")
	}
	r.kinds[kind] = &registered{typed[A]{worker}, pool, every}
	pool.kinds = append(pool.kinds, kind)
}

// Kinds returns the registered kinds.
func (r *Runner) Kinds() []string {
	var kinds []string
	for _, pool := range r.pools {
		kinds = append(kinds, pool.kinds...)
	}
	return kinds
}

// Wake makes the runner check the queue right away. It never blocks.
func (r *Runner) Wake() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Run runs jobs until ctx ends. Jobs in progress are then released, for another
// process or the next start.
func (r *Runner) Run(ctx context.Context) {
	var running sync.WaitGroup
	defer running.Wait()
	if n, err := r.queue.Recover(ctx); err != nil && ctx.Err() == nil {
		r.log.ErrorContext(ctx, "recover jobs", "error", err)
	} else if n > 0 {
		r.log.InfoContext(ctx, "recovered the jobs of a process that died", "jobs", n)
	}
	running.Go(func() { r.queue.Listen(ctx, r.Wake) })
	running.Go(func() { r.keepPeriodic(ctx) })
	for ctx.Err() == nil {
		if pool, row, ok := r.claim(ctx); ok {
			running.Go(func() {
				defer func() { pool.busy.Add(-1); r.Wake() }()
				r.Do(ctx, row)
			})
			continue
		}
		select {
		case <-ctx.Done():
		case <-r.wake:
		case <-time.After(r.options.Poll):
		}
	}
}

// claim leases a job for one of the pools that have a free slot.
func (r *Runner) claim(ctx context.Context) (*Pool, Row, bool) {
	var kinds []string
	for _, pool := range r.pools {
		if pool.busy.Load() < pool.size {
			kinds = append(kinds, pool.kinds...)
		}
	}
	if len(kinds) == 0 {
		return nil, Row{}, false
	}
	row, err := r.queue.Claim(ctx, kinds, r.options.Lease)
	if err != nil {
		if !errors.Is(err, ErrNone) && ctx.Err() == nil {
			r.log.ErrorContext(ctx, "claim a job", "error", err)
		}
		return nil, Row{}, false
	}
	pool := r.kinds[row.Kind].pool
	pool.busy.Add(1)
	return pool, row, true
}

// periodicCheck is how often the periodic jobs are added to the queue again if
// something removed them.
const periodicCheck = time.Minute

func (r *Runner) keepPeriodic(ctx context.Context) {
	for {
		for kind, registered := range r.kinds {
			if registered.every == 0 {
				continue
			}
			if err := r.queue.Ensure(ctx, kind, ""); err != nil && ctx.Err() == nil {
				r.log.ErrorContext(ctx, "queue a periodic job", "kind", kind, "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(periodicCheck):
		}
	}
}

// Do runs a claimed job and settles its outcome.
func (r *Runner) Do(ctx context.Context, row Row) {
	kind, start := r.kinds[row.Kind], time.Now()
	ctx = WithHeld(ctx, row)
	leased, release := context.WithCancelCause(ctx)
	var beating sync.WaitGroup
	beating.Go(func() { r.heartbeat(leased, release, row) })
	err := Guard(func() error { return kind.work(leased, row) })
	if cause := context.Cause(leased); err != nil && errors.Is(cause, ErrLost) {
		err = cause
	}
	release(nil)
	beating.Wait()
	outcome := r.settle(ctx, kind, row, err)
	if r.options.Observe != nil {
		r.options.Observe(row.Kind, outcome, time.Since(start))
	}
}

// heartbeat extends the lease until ctx ends, and cancels ctx with ErrLost when
// the lease is lost.
func (r *Runner) heartbeat(ctx context.Context, end context.CancelCauseFunc, row Row) {
	tick := time.NewTicker(r.options.Lease / 4)
	defer tick.Stop()
	extended := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := r.extend(ctx, row)
		switch {
		case err == nil:
			extended = time.Now()
		case errors.Is(err, ErrLost), time.Since(extended) > r.options.Lease:
			end(ErrLost)
		default:
			r.log.ErrorContext(ctx, "extend a job", "job", row.ID, "kind", row.Kind, "error", err)
		}
	}
}

// extend isn't interrupted when the job ends meanwhile.
func (r *Runner) extend(ctx context.Context, row Row) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	return r.queue.Extend(ctx, row, r.options.Lease)
}

// settle finishes, releases or reschedules a job according to its outcome. It
// returns the outcome as reported to Options.Observe.
func (r *Runner) settle(ctx context.Context, kind *registered, row Row, err error) (outcome string) {
	log := r.log.With("job", row.ID, "kind", row.Kind, "subject", row.Subject, "failures", row.Failures)
	write, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()

	var snoozed *snoozeError
	if err != nil && r.options.Outcome != nil && !errors.As(err, &snoozed) && !isCanceled(err) {
		err = r.options.Outcome(err)
	}
	switch {
	case errors.Is(err, ErrLost):
		log.WarnContext(ctx, "a job was lost to another worker")
		return "lost"
	case err != nil && ctx.Err() != nil:
		outcome = "released"
		err = r.queue.Release(write, row, r.now())
	case err == nil && kind.every > 0:
		outcome = "done"
		err = r.next(write, kind, row)
	case err == nil:
		outcome = "done"
		err = r.queue.Finish(write, row)
	case errors.As(err, &snoozed):
		outcome = "snoozed"
		err = r.wait(write, kind, row, snoozed.until, snoozed.cause)
	case isCanceled(err):
		outcome = "failed"
		log.WarnContext(ctx, "a job failed", "error", err)
		err = r.fail(write, kind, row, err)
	case row.Failures >= int64(len(r.options.Retries)):
		outcome = "failed"
		log.ErrorContext(ctx, "a job failed and has no retries left", "error", err)
		err = r.fail(write, kind, row, exhausted(err))
	default:
		outcome = "retried"
		log.WarnContext(ctx, "a job is retried later", "error", err)
		until := r.now().Add(Jitter(r.options.Retries[row.Failures]))
		var delayed *delayError
		if errors.As(err, &delayed) && delayed.until.After(until) {
			until = delayed.until
		}
		row.Failures++
		err = r.wait(write, kind, row, until, err)
	}
	if err != nil {
		// The job stays leased until the lease expires, and then runs again.
		log.ErrorContext(ctx, "settle a job", "error", err)
	}
	return outcome
}

func (r *Runner) wait(ctx context.Context, kind *registered, row Row, until time.Time, cause error) error {
	if cause != nil {
		if err := Guard(func() error { return kind.waiting(ctx, row, until, cause) }); err != nil {
			return err
		}
	}
	return r.queue.Release(ctx, row, until)
}

func (r *Runner) fail(ctx context.Context, kind *registered, row Row, cause error) error {
	if err := Guard(func() error { return kind.failed(ctx, row, cause) }); err != nil {
		return err
	}
	if kind.every > 0 {
		return r.next(ctx, kind, row)
	}
	return r.queue.Finish(ctx, row)
}

// next schedules the next run of a periodic job.
func (r *Runner) next(ctx context.Context, kind *registered, row Row) error {
	row.Failures = 0
	return r.queue.Release(ctx, row, r.now().Add(kind.every))
}
