package syncer

import (
	"context"
	"errors"
	"fmt"
	"strings"
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

type repositoriesWorker struct {
	tracked[db.SyncRepositories]
}

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
	run, err := w.db.StartSync(ctx, job.Args)
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
	if progressed && retried(err) {
		// Less is left to do than before.
		return jobs.Snooze(w.now().Add(jobs.Jitter(retries[0])), err)
	}
	return err
}

// syncRepositories reads the list until it is known what is on it. It tells
// whether something was read that need not be read again.
func (s *Syncer) syncRepositories(ctx context.Context, target db.SyncTarget, run int64) (progressed bool, err error) {
	former := int64(-1) // what the pass before this one saw, if it read the list to its end
	for {
		pass, err := s.pass(ctx, target, run)
		if err != nil {
			return progressed, err
		}
		whole, err := pass.read(ctx)
		progressed = progressed || pass.progressed
		if err != nil {
			return progressed, s.orGone(ctx, target, err)
		}
		if err := s.db.FinishPass(ctx, pass.Pass, whole); err != nil {
			return progressed, err
		}
		if !whole {
			agree, err := s.agree(ctx, pass, former)
			switch {
			case err != nil:
				return progressed, err
			case agree:
				return progressed, s.finishUncertain(ctx, pass)
			case pass.Shifted+1 >= listingTries:
				return progressed, errShifted
			}
			former = pass.seen
			continue
		}
		unseen, err := s.db.CountUnseenRepositories(ctx, target, run)
		switch {
		case err != nil:
			return progressed, err
		case len(pass.skipped) > 0 && unseen > 0:
			return progressed, s.finishUncertain(ctx, pass)
		case unseen == 0, pass.Confirming:
			return progressed, s.finishSync(ctx, pass, unseen > 0)
		}
		// One pass can't tell what is gone from what slipped between two pages.
	}
}

// agree reports whether a pass that isn't whole saw just what the one before it saw,
// both to the end of the list: then the total is wrong.
func (s *Syncer) agree(ctx context.Context, pass *pass, former int64) (bool, error) {
	if pass.seen != former || pass.seen == 0 {
		return false, nil
	}
	before, err := s.db.CountSeenOnlyBefore(ctx, pass.target, pass.Pass)
	return before == 0, err
}

// maxResolved is up to how many repositories that an uncertain list lacks GitHub is
// asked about one by one.
const maxResolved = 200

// finishUncertain finishes a sync whose list doesn't prove what is gone: a repository
// that it lacks is removed when GitHub has nothing there for the user's own token.
func (s *Syncer) finishUncertain(ctx context.Context, pass *pass) error {
	unseen, err := s.db.ListUnseenRepositories(ctx, pass.target, pass.Run, maxResolved+1)
	if err != nil {
		return err
	}
	if len(unseen) > maxResolved {
		return s.finishSync(ctx, pass, false)
	}
	var kept []int64
	for _, repository := range unseen {
		_, err := pass.user.FindRepository(ctx, repository.ID, repository.Owner, repository.Name)
		var sso *github.SSOError
		switch {
		case err == nil, errors.Is(err, github.ErrForbidden), errors.Is(err, github.ErrMalformed), errors.As(err, &sso):
			kept = append(kept, repository.ID)
		case !errors.Is(err, github.ErrNotFound):
			return err
		}
	}
	if err := s.db.MarkSeen(ctx, pass.target, pass.Pass, kept); err != nil {
		return err
	}
	return s.finishSync(ctx, pass, true)
}

// finishSync finishes a sync after its last pass, and says what it left open.
func (s *Syncer) finishSync(ctx context.Context, pass *pass, removeUnseen bool) error {
	elsewhere, err := s.db.CountSeenElsewhere(ctx, pass.target, pass.Run)
	if err != nil {
		return err
	}
	var notes []string
	if note := skippedNote(pass.skipped, "repository", "repositories"); note != "" {
		notes = append(notes, note)
	}
	if pass.seen != pass.total {
		notes = append(notes, wrongTotalNote(pass.total, pass.seen, "repository", "repositories")+" Neptun removed only what GitHub confirmed as gone.")
	}
	if elsewhere > 0 {
		notes = append(notes, count(elsewhere, "repository belongs", "repositories belong")+" to another account.")
	}
	if err := s.db.AnnotateSync(ctx, pass.Run, pass.skipped, strings.Join(notes, " ")); err != nil {
		return err
	}
	return s.db.FinishRepositoriesSync(ctx, pass.target, pass.Run, removeUnseen)
}

// wrongTotalNote says that a list's total isn't how many rows it has.
func wrongTotalNote(total, listed int64, one, many string) string {
	if total == github.UnknownTotal {
		return fmt.Sprintf("GitHub listed %s but didn't report how many there are.", count(listed, one, many))
	}
	return fmt.Sprintf("GitHub reported %s but listed %d.", count(total, one, many), listed)
}

// skippedNote says how many rows of a list were skipped and why, empty for none.
func skippedNote(skipped db.Skipped, one, many string) string {
	n := skipped.Total()
	if n == 0 {
		return ""
	}
	return count(n, one, many) + " couldn't be read and " + plural(n, "was", "were") + " skipped: " + skipped.Words() + "."
}

func count(n int64, one, many string) string { return fmt.Sprintf("%d %s", n, plural(n, one, many)) }

func plural(n int64, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// orGone has the list of installations looked at again where GitHub has no such
// installation for the person. That look decides what it means.
func (s *Syncer) orGone(ctx context.Context, target db.SyncTarget, err error) error {
	if !errors.Is(err, github.ErrNotFound) {
		return err
	}
	latest, readErr := s.db.GetSync(ctx, db.SyncInstallations{UserID: target.UserID})
	if readErr != nil {
		return readErr
	}
	if s.now().Sub(latest.FinishedAt) > installationsFreshFor {
		if err := s.db.QueueSync(ctx, db.SyncInstallations{UserID: target.UserID}); err != nil {
			return err
		}
	}
	return fmt.Errorf("%w: %w", errGone, err)
}
