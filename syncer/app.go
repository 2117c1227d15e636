package syncer

import (
	"context"
	"time"
)

const (
	// factsEvery is how often GitHub is asked what it knows of the App.
	factsEvery = 10 * time.Minute
	// factsRetry is how soon it is asked again when it didn't answer.
	factsRetry = 30 * time.Second
)

// keepFacts asks GitHub about the App now and again, while ctx lasts. At the
// start, and when another App has come, what is known of it may be out of date.
func (s *Syncer) keepFacts(ctx context.Context) {
	select {
	case <-s.github.AppChanged(): // before anything was asked
	default:
	}
	for changed := true; ; {
		again := factsEvery
		if s.github.HasPrivateKey() {
			if err := s.github.ReadAppFacts(ctx); err != nil && ctx.Err() == nil {
				s.log.WarnContext(ctx, "GitHub doesn't tell about the App", "error", err)
				again = factsRetry
			}
			if changed {
				s.lookAtApp(ctx)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-s.github.AppChanged():
			changed = true
		case <-time.After(again):
			changed = false
		}
	}
}

// lookAtApp has done at once what is otherwise done in its time.
func (s *Syncer) lookAtApp(ctx context.Context) {
	for what, queue := range map[string]func(context.Context) error{
		"missed deliveries":     s.CatchUp,
		"installation requests": s.WatchRequests,
		"all installations":     func(ctx context.Context) error { return s.db.QueueAppReading(ctx, appInstallationsEvery) },
	} {
		if err := queue(ctx); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "look for "+what, "error", err)
		}
	}
}
