// Package syncer keeps db in line with GitHub: it has a worker for each kind of job,
// the passes over lists, and the messages about failures.
package syncer

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"neptun/db"
	"neptun/github"
	"neptun/jobs"
	"neptun/syncer/webhook"
)

// Config configures New.
type Config struct {
	GitHub *github.GitHub
	DB     *db.DB
	Now    func() time.Time
	Logger *slog.Logger
	// Lease, Poll and Observe are as in jobs.Options.
	Lease, Poll time.Duration
	Observe     func(kind, outcome string, took time.Duration)
	// ObserveDelivery, if not nil, receives the outcome of a webhook (applied or ignored) and
	// the time since GitHub sent it or, if GitHub hasn't listed it yet, since it arrived.
	ObserveDelivery func(outcome string, lag time.Duration)
	// RequestInterval is the average time between two requests that webhooks cause for one
	// installation: 0 for the default of 100 ms, negative for none.
	RequestInterval time.Duration
}

// Syncer runs the background work. It is safe for concurrent use.
type Syncer struct {
	github   *github.GitHub
	db       *db.DB
	now      func() time.Time
	log      *slog.Logger
	webhooks *webhook.Handler
	runner   *jobs.Runner
	pace     *pace

	observeDelivery func(outcome string, lag time.Duration)
}

// How many jobs of each pool one instance runs at once. GitHub asks for no more
// concurrency than needed
// (https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api).
const (
	removalWorkers = 2
	webhookWorkers = 4
	checkWorkers   = 4
	syncWorkers    = 4
	appWorkers     = 2
)

// requestBurst is how many requests webhooks may cause without a pause, and
// defaultRequestInterval is that pause.
const (
	requestBurst           = 20
	defaultRequestInterval = 100 * time.Millisecond
)

// New creates a Syncer. It starts nothing.
func New(config Config) *Syncer {
	s := &Syncer{
		github:   config.GitHub,
		db:       config.DB,
		now:      config.Now,
		log:      config.Logger,
		webhooks: webhook.New(config.GitHub, config.DB, config.Logger),

		observeDelivery: config.ObserveDelivery,
	}
	if config.RequestInterval == 0 {
		config.RequestInterval = defaultRequestInterval
	}
	s.pace = newPace(config.RequestInterval, requestBurst)
	s.runner = jobs.NewRunner(config.DB.Jobs(), jobs.Options{
		Lease: config.Lease, Poll: config.Poll, Retries: retries, Outcome: outcome, Observe: config.Observe, Now: config.Now, Logger: config.Logger,
	})

	removals := s.runner.NewPool("removals", removalWorkers)
	jobs.Register(s.runner, removals, deliveryWorker{s})
	jobs.Register(s.runner, removals, tokensWorker{s})

	webhooks := s.runner.NewPool("webhooks", webhookWorkers)
	jobs.Register(s.runner, webhooks, deliveriesWorker{s})

	checks := s.runner.NewPool("checks", checkWorkers)
	jobs.Register(s.runner, checks, accessWorker{s})
	jobs.Register(s.runner, checks, installationsCheckWorker{s})

	syncs := s.runner.NewPool("syncs", syncWorkers)
	jobs.Register(s.runner, syncs, installationsWorker{tracked[db.SyncInstallations]{s}})
	jobs.Register(s.runner, syncs, repositoriesWorker{tracked[db.SyncRepositories]{s}})

	app := s.runner.NewPool("app", appWorkers)
	jobs.RegisterPeriodic(s.runner, app, appWorker{s}, readAppEvery)
	jobs.RegisterPeriodic(s.runner, app, appInstallationsWorker{tracked[db.SyncAppInstallations]{s}}, appInstallationsEvery)
	jobs.RegisterPeriodic(s.runner, app, requestsWorker{s}, requestsEvery)
	jobs.RegisterPeriodic(s.runner, app, recoveryWorker{tracked[db.RecoverDeliveries]{s}}, recoverEvery)
	jobs.RegisterPeriodic(s.runner, app, reconcileWorker{s}, reconcileIdle)
	jobs.RegisterPeriodic(s.runner, app, cleanUpWorker{s}, cleanUpEvery)
	return s
}

// Work runs jobs until ctx ends. Jobs in progress are then released for another
// instance.
func (s *Syncer) Work(ctx context.Context) {
	var running sync.WaitGroup
	defer running.Wait()
	defer s.github.Wait()
	running.Go(func() { s.github.WatchApp(ctx) })
	running.Go(func() { s.keepFacts(ctx) })
	s.runner.Run(ctx)
}
