package syncer

import (
	"context"
	"errors"
	"time"

	"neptun/db"
	"neptun/github"
	"neptun/jobs"
)

const (
	// readAppEvery is how often the App is requested from GitHub.
	readAppEvery = 10 * time.Minute
	// readAppRetry is the delay after a request that failed.
	readAppRetry = 30 * time.Second
	// loadFactsEvery is how often an instance loads what another one read.
	loadFactsEvery = 5 * time.Second
)

type appWorker struct{ *Syncer }

// Work implements jobs.Worker: one instance reads the App for all of them.
func (w appWorker) Work(ctx context.Context, _ jobs.Job[db.ReadApp]) error {
	if !w.github.HasPrivateKey() {
		return nil
	}
	err := w.github.ReadAppFacts(ctx)
	var limit *github.RateLimitError
	if err == nil || ctx.Err() != nil || errors.As(err, &limit) {
		return err
	}
	w.log.WarnContext(ctx, "read the App from GitHub", "error", err)
	return jobs.Snooze(w.retryAt(readAppRetry, err), nil)
}

// keepFacts loads what any instance reads about the App, until ctx ends. At the start,
// and when the App was replaced, what is stored about it may be out of date.
func (s *Syncer) keepFacts(ctx context.Context) {
	select {
	case <-s.github.AppChanged(): // drain: nothing was read yet
	default:
	}
	for changed := true; ; {
		known, err := s.github.LoadAppFacts(ctx)
		if err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "load what is stored about the App", "error", err)
		}
		if changed && s.github.HasPrivateKey() {
			if !known {
				err = s.db.QueueReadApp(ctx)
			}
			if err != nil && ctx.Err() == nil {
				s.log.ErrorContext(ctx, "queue reading the App", "error", err)
			}
			s.runAppJobs(ctx)
		}
		select {
		case <-ctx.Done():
			return
		case <-s.github.AppChanged():
			changed = true
		case <-time.After(loadFactsEvery):
			changed = false
		}
	}
}

// runAppJobs queues now the jobs about the App that otherwise run on a schedule.
func (s *Syncer) runAppJobs(ctx context.Context) {
	for what, queue := range map[string]func(context.Context) error{
		"missed deliveries":     s.RecoverDeliveries,
		"installation requests": s.WatchRequests,
		"all installations": func(ctx context.Context) error {
			return s.db.QueueSyncUnlessFresh(ctx, db.SyncAppInstallations{}, appInstallationsEvery)
		},
	} {
		if err := queue(ctx); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "queue a check of "+what, "error", err)
		}
	}
}
