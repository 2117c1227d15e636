package syncer

import (
	"context"
	"errors"
	"slices"
	"time"

	"neptun/db"
	"neptun/github"
)

const (
	// watchEvery is how often GitHub is asked what became of requests that wait
	// for an owner. GitHub tells an App of new ones by no webhook.
	watchEvery = time.Minute
	// watchIdle is how often while none does.
	watchIdle = 5 * time.Minute
	// watchUnknown is how often a server is asked that doesn't know the question.
	watchUnknown = time.Hour
)

// watchRequests brings the installation requests in line with what GitHub says:
// one that is listed is pending, one that is listed no more is ready where the
// App is installed, and gone where it isn't. It tells how many are pending.
func (s *Syncer) watchRequests(ctx context.Context) (pending int, err error) {
	listed, err := s.github.AsApp().InstallRequests(ctx)
	if err != nil {
		return 0, err
	}
	if err := s.db.PutInstallRequests(ctx, listed); err != nil {
		return 0, err
	}
	stored, err := s.db.ListPendingInstallRequests(ctx)
	if err != nil {
		return 0, err
	}
	missing := without(stored, listed)
	if len(missing) == 0 {
		return len(stored), nil
	}
	// One reading can't tell what was decided from what slipped between two pages.
	again, err := s.github.AsApp().InstallRequests(ctx)
	if err != nil {
		return 0, err
	}
	for _, request := range without(missing, again) {
		installed, err := s.github.AsApp().InstalledOn(ctx, request.Account)
		if err != nil {
			return 0, err
		}
		state := db.RequestGone
		if installed {
			state = db.RequestReady
		}
		if err := s.db.ResolveInstallRequest(ctx, request, state); err != nil {
			return 0, err
		}
	}
	return len(again), nil
}

func without(list, others []db.InstallRequest) []db.InstallRequest {
	return slices.DeleteFunc(slices.Clone(list), func(one db.InstallRequest) bool {
		return slices.ContainsFunc(others, func(other db.InstallRequest) bool { return other.ID == one.ID })
	})
}

// settleWatch puts the one job that never ends back, to be done again in a
// while, whatever became of this turn.
func (t *task) settleWatch(ctx context.Context, pending int, err error) error {
	next := t.s.now().Add(watchIdle)
	var limit *github.RateLimitError
	switch {
	case errors.As(err, &limit):
		next = limit.Until
	case errors.Is(err, github.ErrNotFound):
		next = t.s.now().Add(watchUnknown)
	case err != nil:
		t.s.log.WarnContext(ctx, "the installation requests could not be read", "error", err)
	case pending > 0:
		next = t.s.now().Add(watchEvery)
	}
	return t.s.db.HandBackJob(ctx, t.job, next)
}

// WatchRequests has the installation requests looked at right away. Without the
// App's key there is no way to.
func (s *Syncer) WatchRequests(ctx context.Context) error {
	if !s.github.HasPrivateKey() {
		return nil
	}
	if err := s.db.WatchInstallRequests(ctx); err != nil {
		return err
	}
	s.Wake()
	return nil
}
