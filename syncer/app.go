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

// keepFacts asks GitHub about the App now and again, and whenever another App
// has come, while ctx lasts. From then on its installation requests are watched.
func (s *Syncer) keepFacts(ctx context.Context) {
	for {
		again := factsEvery
		if s.github.HasPrivateKey() {
			if err := s.github.ReadAppFacts(ctx); err != nil && ctx.Err() == nil {
				s.log.WarnContext(ctx, "GitHub doesn't tell about the App", "error", err)
				again = factsRetry
			}
			if err := s.WatchRequests(ctx); err != nil && ctx.Err() == nil {
				s.log.ErrorContext(ctx, "watch installation requests", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-s.github.AppChanged():
		case <-time.After(again):
		}
	}
}
