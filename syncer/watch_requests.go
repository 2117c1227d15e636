package syncer

import (
	"context"
	"errors"
	"slices"
	"time"

	"neptun/db"
	"neptun/github"
	"neptun/jobs"
)

const (
	// requestsEvery is how often installation requests are read from GitHub, which sends
	// no webhook for new ones.
	requestsEvery = 5 * time.Minute
	// requestsPending is how often they are read while some are pending.
	requestsPending = time.Minute
	// requestsUnknown is how often a server without this endpoint is tried.
	requestsUnknown = time.Hour
)

type requestsWorker struct{ *Syncer }

// Work implements jobs.Worker.
func (w requestsWorker) Work(ctx context.Context, _ jobs.Job[db.WatchRequests]) error {
	if !w.github.HasPrivateKey() {
		return nil
	}
	pending, err := w.watchRequests(ctx)
	switch {
	case errors.Is(err, github.ErrNotFound), errors.Is(err, github.ErrUnsupported):
		return jobs.Snooze(w.now().Add(requestsUnknown), nil)
	case err == nil && pending > 0:
		return jobs.Snooze(w.now().Add(requestsPending), nil)
	}
	return err
}

// watchRequests brings the installation requests in line with GitHub's list: one that
// is listed is pending, one that isn't any more is ready if the App is installed there,
// and gone if it isn't. It returns how many are pending.
func (s *Syncer) watchRequests(ctx context.Context) (pending int, err error) {
	listed, _, err := s.github.AsApp().InstallRequests(ctx)
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
	// One pass can't distinguish what was decided from what moved between two pages.
	again, whole, err := s.github.AsApp().InstallRequests(ctx)
	if err != nil {
		return 0, err
	}
	if !whole {
		return len(stored), nil // a skipped row may be the one that is missing
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

// WatchRequests queues a check of the installation requests. It does nothing without
// the App's private key.
func (s *Syncer) WatchRequests(ctx context.Context) error {
	if !s.github.HasPrivateKey() {
		return nil
	}
	return s.db.WatchInstallRequests(ctx)
}
