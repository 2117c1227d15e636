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

// installationsFreshFor is how recent a sync of the installations must be for a missing
// installation not to cause another one. Otherwise the two syncs could queue each other
// forever.
const installationsFreshFor = 5 * time.Minute

// errGone means that the installation was uninstalled, or that the user lost access to
// it, before its repositories could be read.
var errGone = errors.New("github: the installation is gone")

type repositoriesWorker struct {
	tracked[db.SyncRepositories]
}

// Work implements jobs.Worker: it brings the repositories that one user sees through
// one installation in line with GitHub's list.
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
		// Part of the list was stored, so the retry has less to do: it costs no attempt.
		return jobs.Snooze(w.retryAt(jobs.Jitter(retries[0]), err), err)
	}
	return err
}

// syncRepositories reads the list until it is certain what is on it. It reports
// whether something was read that needn't be read again.
func (s *Syncer) syncRepositories(ctx context.Context, target db.SyncTarget, run int64) (progressed bool, err error) {
	previous := int64(-1) // how many the previous pass saw, if it read the list to its end
	for {
		pass, err := s.pass(ctx, target, run)
		if err != nil {
			return progressed, err
		}
		whole, err := pass.read(ctx)
		progressed = progressed || pass.progressed
		if err != nil {
			return progressed, s.handleGone(ctx, target, err)
		}
		if err := s.db.FinishPass(ctx, pass.Pass, whole); err != nil {
			return progressed, err
		}
		if !whole {
			agrees, err := s.agrees(ctx, pass, previous)
			switch {
			case err != nil:
				return progressed, err
			case agrees:
				return progressed, s.finishUncertain(ctx, pass)
			case pass.Shifted+1 >= listingTries:
				return progressed, errShifted
			}
			previous = pass.seen
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
		// One pass can't distinguish what is gone from what moved between two pages.
	}
}

// agrees reports whether a pass that isn't whole saw exactly what the previous one saw,
// both to the end of the list. Then the total is wrong.
func (s *Syncer) agrees(ctx context.Context, pass *pass, previous int64) (bool, error) {
	if pass.seen != previous || pass.seen == 0 {
		return false, nil
	}
	before, err := s.db.CountSeenOnlyBefore(ctx, pass.target, pass.Pass)
	return before == 0, err
}

// maxResolved limits how many repositories missing from an uncertain list are
// requested individually.
const maxResolved = 200

// finishUncertain finishes a sync whose list doesn't prove what is gone: a missing
// repository is removed if GitHub returns 404 for it to the user's own token.
func (s *Syncer) finishUncertain(ctx context.Context, pass *pass) error {
	unseen, err := s.db.ListUnseenRepositories(ctx, pass.target, pass.Run, maxResolved+1)
	if err != nil {
		return err
	}
	if len(unseen) > maxResolved {
		return s.finishSync(ctx, pass, false)
	}
	var accessible []int64
	for _, repository := range unseen {
		_, err := pass.user.FindRepository(ctx, repository.ID, repository.Owner, repository.Name)
		var sso *github.SSOError
		switch {
		case err == nil, errors.Is(err, github.ErrForbidden), errors.Is(err, github.ErrMalformed), errors.As(err, &sso):
			accessible = append(accessible, repository.ID)
		case !errors.Is(err, github.ErrNotFound):
			return err
		}
	}
	if err := s.db.MarkSeen(ctx, pass.target, pass.Pass, accessible); err != nil {
		return err
	}
	return s.finishSync(ctx, pass, true)
}

// finishSync finishes a sync after its last pass, with notes on what it couldn't prove.
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

// skippedNote describes how many rows of a list were skipped and why, "" for none.
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

// handleGone queues a sync of the user's installations if GitHub returns 404 for the
// installation. That sync decides what it means.
func (s *Syncer) handleGone(ctx context.Context, target db.SyncTarget, err error) error {
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
