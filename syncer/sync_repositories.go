package syncer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"neptun/db"
	"neptun/github"
	"neptun/jobs"
)

// installationsFreshFor is for how long a vanished installation asks for no
// further look at the list of installations, which the two could otherwise do
// for ever.
const installationsFreshFor = 5 * time.Minute

// errGone: the installation was uninstalled, or lost to this person, before
// its repositories could be read.
var errGone = errors.New("github: the installation is gone")

type repositoriesWorker struct{ *Syncer }

// Work implements jobs.Worker: it brings what one user sees through one
// installation in line with what GitHub shows them.
func (w repositoriesWorker) Work(ctx context.Context, job jobs.Job[db.SyncRepositories]) error {
	ctx = db.WithCause(ctx, db.Cause{Kind: db.BySync})
	target, err := w.db.SyncTarget(ctx, job.Args.RecordID)
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	run, err := w.db.StartSync(ctx, target)
	if err != nil {
		return err
	}
	switch {
	case target.Gone:
		return errGone
	case target.Suspended:
		return github.ErrSuspended
	}
	progressed, err := w.syncRepositories(ctx, target, run)
	if progressed && err != nil && outcome(err) == err {
		// Less is left to do than before.
		return jobs.Snooze(w.now().Add(jobs.Jitter(retries[0])), err)
	}
	return err
}

// Waiting implements jobs.Waiter.
func (w repositoriesWorker) Waiting(ctx context.Context, job jobs.Job[db.SyncRepositories], until time.Time, cause error) error {
	run, err := w.db.LiveSync(ctx, job.Args.RecordID)
	if err != nil {
		return err
	}
	return w.db.WaitSync(ctx, run, until, whyWaiting(cause))
}

// Failed implements jobs.Failer.
func (w repositoriesWorker) Failed(ctx context.Context, job jobs.Job[db.SyncRepositories], cause error) error {
	run, err := w.db.LiveSync(ctx, job.Args.RecordID)
	if err != nil {
		return err
	}
	return w.db.FailSync(ctx, run, whyFailed(cause))
}

// syncRepositories reads the list until it is known what is on it. It tells
// whether something was read that need not be read again.
func (s *Syncer) syncRepositories(ctx context.Context, target db.SyncTarget, run int64) (progressed bool, err error) {
	for {
		reading, err := s.reading(ctx, target, run)
		if err != nil {
			return progressed, err
		}
		whole, err := reading.read(ctx)
		progressed = progressed || reading.progressed
		if err != nil {
			return progressed, s.orGone(ctx, target, err)
		}
		if err := s.db.FinishPass(ctx, reading.Pass, whole); err != nil {
			return progressed, err
		}
		switch {
		case !whole && reading.Shifted+1 >= listingTries:
			return progressed, errShifted
		case !whole:
			continue
		case reading.Confirming:
			return progressed, s.db.FinishSync(ctx, target, run, true)
		}
		unseen, err := s.db.CountUnseenRepositories(ctx, target, run)
		if err != nil {
			return progressed, err
		}
		if unseen == 0 {
			return progressed, s.db.FinishSync(ctx, target, run, false)
		}
		// One reading can't tell what is gone from what slipped between two pages.
	}
}

// orGone has the list of installations looked at anew where GitHub has no such
// installation for the person. That look decides what it means.
func (s *Syncer) orGone(ctx context.Context, target db.SyncTarget, err error) error {
	if !errors.Is(err, github.ErrNotFound) {
		return err
	}
	latest, readErr := s.db.InstallationsSync(ctx, target.UserID)
	if readErr != nil {
		return readErr
	}
	if s.now().Sub(latest.FinishedAt) > installationsFreshFor {
		if err := s.db.QueueInstallationsSync(ctx, target.UserID); err != nil {
			return err
		}
	}
	return fmt.Errorf("%w: %w", errGone, err)
}
