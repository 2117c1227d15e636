package syncer

import (
	"context"
	"errors"
	"time"

	"neptun/db"
	"neptun/github"
	"neptun/jobs"
)

// checkAgain is how long a check waits for a sync that has begun before it.
const checkAgain = 2 * time.Second

type accessWorker struct{ *Syncer }

// Work implements jobs.Worker: it asks GitHub, with a user's own token, about
// repositories of one record of theirs. Where all of it, or many, are to be
// looked at, it is a sync.
func (w accessWorker) Work(ctx context.Context, job jobs.Job[db.CheckAccess]) error {
	ctx = db.WithCause(ctx, db.Cause{Kind: db.ByWebhook})
	recordID := job.Args.RecordID
	target, err := w.db.CheckTarget(ctx, recordID)
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	checks, whole, err := w.db.ListChecks(ctx, recordID)
	switch {
	case err != nil || len(checks) == 0:
		return err
	case target.Gone, target.Suspended:
		return w.db.DeleteChecks(ctx, recordID) // GitHub shows nothing of it, and what was seen stays as it is
	}
	active, err := w.db.IsActive(ctx, target.UserID)
	switch {
	case err != nil:
		return err
	case !active:
		return w.hideUnchecked(ctx, target, checks, whole)
	case whole:
		return w.checkWhole(ctx, target)
	}
	err = w.checkEach(ctx, target, checks)
	if errors.Is(err, github.ErrSignInAgain) {
		return w.db.DeleteChecks(ctx, recordID) // nothing is shown to them until they do, and then all is synced
	}
	return err // what was asked for meanwhile has the job done once more
}

// Failed implements jobs.Failer: what was to be checked is given up, and the next
// sync tells.
func (w accessWorker) Failed(ctx context.Context, job jobs.Job[db.CheckAccess], _ error) error {
	return w.db.DeleteChecks(ctx, job.Args.RecordID)
}

// hideUnchecked hides from an inactive user what they may no longer have access to.
// GitHub is asked when they are back.
func (s *Syncer) hideUnchecked(ctx context.Context, target db.CheckTarget, checks []db.Check, whole bool) error {
	if whole {
		if err := s.db.Unconfirm(ctx, target.UserID); err != nil {
			return err
		}
		return s.db.DeleteChecks(ctx, target.RecordID)
	}
	for _, check := range checks {
		if _, err := s.db.RevokeAccess(ctx, target, check.RepositoryID, check.HadAccess); err != nil {
			return err
		}
		if err := s.db.FinishCheck(ctx, target, check); err != nil {
			return err
		}
	}
	return nil
}

// checkWhole has the record synced, after a sync that may have read what changed
// before it changed.
func (s *Syncer) checkWhole(ctx context.Context, target db.CheckTarget) error {
	began, goesOn, err := s.db.SyncInstead(ctx, target.RecordID)
	if err != nil || !began {
		return err
	}
	return s.after(goesOn)
}

type installationsCheckWorker struct{ *Syncer }

// Work implements jobs.Worker: it has the list of a user's installations synced,
// after a sync that may have read it before it changed.
func (w installationsCheckWorker) Work(ctx context.Context, job jobs.Job[db.CheckInstallations]) error {
	ctx = db.WithCause(ctx, db.Cause{Kind: db.ByWebhook})
	began, goesOn, err := w.db.SyncStarted(ctx, db.SyncInstallations{UserID: job.Args.UserID})
	if err != nil {
		return err
	}
	if began {
		return w.after(goesOn)
	}
	return w.db.QueueSync(ctx, db.SyncInstallations{UserID: job.Args.UserID})
}

// after is when to look again at a sync that goes on at a time, or right away.
func (s *Syncer) after(goesOn time.Time) error {
	soon := s.now().Add(checkAgain)
	if goesOn.After(soon) {
		soon = goesOn
	}
	return jobs.Snooze(soon, nil)
}

func (s *Syncer) checkEach(ctx context.Context, target db.CheckTarget, checks []db.Check) error {
	asker := s.github.AsUserInBackground(target.UserID)
	for _, check := range checks {
		err := s.checkRepository(ctx, asker, target, check)
		if errors.Is(err, github.ErrForbidden) {
			// It is blocked, or the right to see it is: that proves nothing, and says
			// nothing of the others. The next sync tells.
			s.log.WarnContext(ctx, "a repository can't be checked", "record", target.RecordID, "repository", check.RepositoryID, "error", err)
			err = nil
		}
		if err != nil {
			return err
		}
		if err := s.db.FinishCheck(ctx, target, check); err != nil {
			return err
		}
	}
	return nil
}

// checkRepository stores whether GitHub shows a person a repository as something
// that their record reaches.
func (s *Syncer) checkRepository(ctx context.Context, asker *github.UserClient, target db.CheckTarget, check db.Check) error {
	revision, err := s.db.LatestRevision(ctx)
	if err != nil {
		return err
	}
	facts, err := asker.FindRepository(ctx, check.RepositoryID, check.Owner, check.Name)
	if errors.Is(err, github.ErrNotFound) {
		return s.deny(ctx, target, check)
	}
	if err != nil {
		return err
	}
	if !target.Owns(facts) {
		return s.moved(ctx, target, check, facts, revision)
	}
	reached, err := s.reached(ctx, target, facts)
	switch {
	case errors.Is(err, github.ErrAppCredentials):
		return s.checkWhole(ctx, target) // the App can't be asked: the whole list tells
	case err != nil:
		return err
	case !reached:
		return s.deny(ctx, target, check)
	}
	return s.db.GrantAccess(ctx, target, facts, check.HadAccess, revision)
}

// moved: the repository has another owner by now. What this record had of it
// goes, and the person may have a record there.
func (s *Syncer) moved(ctx context.Context, target db.CheckTarget, check db.Check, facts db.ListedRepository, revision db.Revision) error {
	if err := s.deny(ctx, target, check); err != nil {
		return err
	}
	if err := s.db.RefreshRepository(ctx, facts, revision); err != nil {
		return err
	}
	_, err := s.db.QueueChecks(ctx, facts.OwnerAccount, target.UserID, map[int64]string{facts.ID: facts.FullName()})
	return err
}

func (s *Syncer) deny(ctx context.Context, target db.CheckTarget, check db.Check) error {
	left, err := s.db.RevokeAccess(ctx, target, check.RepositoryID, check.HadAccess)
	if err != nil || left {
		return err
	}
	// With the last repository, GitHub may have taken the installation, too.
	return s.db.QueueInstallationsCheck(ctx, target.UserID)
}

// reached reports whether an installation reaches a repository that GitHub showed
// to a person. A private one it shows to the App's tokens nowhere else
// (https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app),
// a public one to everybody: of that only the App can be told.
func (s *Syncer) reached(ctx context.Context, target db.CheckTarget, facts db.ListedRepository) (bool, error) {
	if facts.IsPrivate || target.RepositorySelection == db.SelectionAll {
		return true, nil
	}
	return s.github.AsApp().Reaches(ctx, target.GitHubID, facts.Owner, facts.Name)
}
