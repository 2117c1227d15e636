package github

import (
	"context"
	"errors"
	"slices"
	"time"

	"neptun/db"
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
func (g *GitHub) watchRequests(ctx context.Context) (pending int, err error) {
	listed, err := g.installRequests(ctx)
	if err != nil {
		return 0, err
	}
	if err := g.db.PutInstallRequests(ctx, listed); err != nil {
		return 0, err
	}
	stored, err := g.db.PendingInstallRequests(ctx)
	if err != nil {
		return 0, err
	}
	missing := without(stored, listed)
	if len(missing) == 0 {
		return len(stored), nil
	}
	// One reading can't tell what was decided from what slipped between two pages.
	again, err := g.installRequests(ctx)
	if err != nil {
		return 0, err
	}
	for _, request := range without(missing, again) {
		installed, err := g.installedOn(ctx, request.Account)
		if err != nil {
			return 0, err
		}
		state := db.RequestGone
		if installed {
			state = db.RequestReady
		}
		if err := g.db.SettleInstallRequest(ctx, request, state); err != nil {
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
	next := t.g.now().Add(watchIdle)
	var limit *RateLimitError
	switch {
	case errors.As(err, &limit):
		next = limit.Until
	case errors.Is(err, ErrNotFound):
		next = t.g.now().Add(watchUnknown)
	case err != nil:
		t.g.log.WarnContext(ctx, "the installation requests could not be read", "error", err)
	case pending > 0:
		next = t.g.now().Add(watchEvery)
	}
	return t.g.db.HandBackJob(ctx, t.job, next)
}

// WatchRequests has the installation requests looked at right away. Without the
// App's key there is no way to.
func (g *GitHub) WatchRequests(ctx context.Context) error {
	if g.app().PrivateKey == nil {
		return nil
	}
	if err := g.db.WatchInstallRequests(ctx); err != nil {
		return err
	}
	g.Wake()
	return nil
}
