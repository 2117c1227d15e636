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
	// readAppEvery is how often GitHub is asked what it knows of the App.
	readAppEvery = 10 * time.Minute
	// readAppRetry is how soon it is asked again when it didn't answer.
	readAppRetry = 30 * time.Second
	// loadFactsEvery is how often an instance takes over what another one read.
	loadFactsEvery = 5 * time.Second
)

type appWorker struct{ *Syncer }

// Work implements jobs.Worker: one instance asks for all.
func (w appWorker) Work(ctx context.Context, _ jobs.Job[db.ReadApp]) error {
	if !w.github.HasPrivateKey() {
		return nil
	}
	err := w.github.ReadAppFacts(ctx)
	var limit *github.RateLimitError
	if err == nil || ctx.Err() != nil || errors.As(err, &limit) {
		return err
	}
	w.log.WarnContext(ctx, "GitHub doesn't answer about the App", "error", err)
	return jobs.Snooze(w.now().Add(readAppRetry), nil)
}

// keepFacts takes over what any instance reads of the App, while ctx lasts. At the
// start, and when another App has come, what is known of it may be out of date.
func (s *Syncer) keepFacts(ctx context.Context) {
	select {
	case <-s.github.AppChanged(): // before anything was asked
	default:
	}
	for changed := true; ; {
		known, err := s.github.LoadAppFacts(ctx)
		if err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "load what is known of the App", "error", err)
		}
		if changed && s.github.HasPrivateKey() {
			if !known {
				err = s.db.QueueReadApp(ctx)
			}
			if err != nil && ctx.Err() == nil {
				s.log.ErrorContext(ctx, "queue a look at the App", "error", err)
			}
			s.lookAtApp(ctx)
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

// lookAtApp has done at once what is otherwise done in its time.
func (s *Syncer) lookAtApp(ctx context.Context) {
	for what, queue := range map[string]func(context.Context) error{
		"missed deliveries":     s.RecoverDeliveries,
		"installation requests": s.WatchRequests,
		"all installations": func(ctx context.Context) error {
			return s.db.QueueSyncUnlessFresh(ctx, db.SyncAppInstallations{}, appInstallationsEvery)
		},
	} {
		if err := queue(ctx); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "look for "+what, "error", err)
		}
	}
}
