package syncer

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"neptun/db"
	"neptun/github"
)

// installationsFreshFor is for how long a vanished installation asks for no
// further look at the list of installations, which the two could otherwise do
// for ever.
const installationsFreshFor = 5 * time.Minute

// errGone: the installation was uninstalled, or lost to this person, before
// its repositories could be read.
var errGone = errors.New("github: the installation is gone")

// syncRepositories brings what one person sees through one installation in
// line with what GitHub shows them.
func (t *task) syncRepositories(ctx context.Context) error {
	s := t.s
	recordID, err := strconv.ParseInt(t.job.Subject, 10, 64)
	if err != nil {
		return fmt.Errorf("github: read the job's subject: %w", err)
	}
	target, err := s.db.SyncTarget(ctx, recordID)
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if t.run, err = s.db.StartSync(ctx, target); err != nil {
		return err
	}
	switch {
	case target.Gone:
		return errGone
	case target.Suspended:
		return github.ErrSuspended
	}

	for {
		reading, err := t.reading(ctx, target)
		if err != nil {
			return err
		}
		whole, err := reading.read(ctx)
		if err != nil {
			return t.orGone(ctx, target, err)
		}
		if err := s.db.FinishPass(ctx, reading.Pass, whole); err != nil {
			return err
		}
		switch {
		case !whole && reading.Shifted+1 >= listingTries:
			return errShifted
		case !whole:
			continue
		case reading.Confirming:
			return s.db.FinishSync(ctx, target, t.run, true)
		}
		unseen, err := s.db.CountUnseenRepositories(ctx, target, t.run)
		if err != nil {
			return err
		}
		if unseen == 0 {
			return s.db.FinishSync(ctx, target, t.run, false)
		}
		// One reading can't tell what is gone from what slipped between two pages.
	}
}

// orGone has the list of installations looked at anew where GitHub has no such
// installation for the person. That look decides what it means.
func (t *task) orGone(ctx context.Context, target db.SyncTarget, err error) error {
	if !errors.Is(err, github.ErrNotFound) {
		return err
	}
	latest, readErr := t.s.db.InstallationsSync(ctx, target.UserID)
	if readErr != nil {
		return readErr
	}
	if t.s.now().Sub(latest.FinishedAt) > installationsFreshFor {
		if err := t.s.db.QueueInstallationsSync(ctx, target.UserID); err != nil {
			return err
		}
	}
	return fmt.Errorf("%w: %w", errGone, err)
}
