package syncer

import (
	"context"
	"errors"
	"time"

	"neptun/db"
	"neptun/github"
	"neptun/jobs"
)

// checkAgain is how long a check waits for a sync that started before it.
const checkAgain = 2 * time.Second

type accessWorker struct{ *Syncer }

// Work implements jobs.Worker: it checks with a user's own token whether GitHub still
// shows them repositories of one of their records. If the whole record or many
// repositories are to be checked, it syncs the record instead.
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
		return w.db.DeleteChecks(ctx, recordID) // GitHub shows nothing of a suspended installation, so the stored list stays
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
		return w.db.DeleteChecks(ctx, recordID) // nothing is shown until they sign in again, and then everything is synced
	}
	return err // checks requested meanwhile make the job run again
}

// Failed implements jobs.Failer: it drops the checks. The next sync finds what changed.
func (w accessWorker) Failed(ctx context.Context, job jobs.Job[db.CheckAccess], _ error) error {
	return w.db.DeleteChecks(ctx, job.Args.RecordID)
}

// hideUnchecked hides from an inactive user what they may have lost access to.
// It is checked with GitHub when they return.
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

// checkWhole queues a sync of the record, once a sync that may have read the list
// before it changed is over.
func (s *Syncer) checkWhole(ctx context.Context, target db.CheckTarget) error {
	began, retryAt, err := s.db.SyncInstead(ctx, target.RecordID)
	if err != nil || !began {
		return err
	}
	return s.after(retryAt)
}

type installationsCheckWorker struct{ *Syncer }

// Work implements jobs.Worker: it queues a sync of a user's installations, once a sync
// that may have read the list before it changed is over.
func (w installationsCheckWorker) Work(ctx context.Context, job jobs.Job[db.CheckInstallations]) error {
	ctx = db.WithCause(ctx, db.Cause{Kind: db.ByWebhook})
	began, retryAt, err := w.db.SyncStarted(ctx, db.SyncInstallations{UserID: job.Args.UserID})
	if err != nil {
		return err
	}
	if began {
		return w.after(retryAt)
	}
	return w.db.QueueSync(ctx, db.SyncInstallations{UserID: job.Args.UserID})
}

// after snoozes until a waiting sync continues, or for checkAgain.
func (s *Syncer) after(retryAt time.Time) error {
	at := s.now().Add(checkAgain)
	if retryAt.After(at) {
		at = retryAt
	}
	return jobs.Snooze(at, nil)
}

func (s *Syncer) checkEach(ctx context.Context, target db.CheckTarget, checks []db.Check) error {
	user := s.github.AsUserInBackground(target.UserID)
	for _, check := range checks {
		err := s.checkRepository(ctx, user, target, check)
		if errors.Is(err, github.ErrForbidden) {
			// GitHub blocks the repository or the right to see it. That proves nothing and
			// doesn't affect the others; the next sync finds out.
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

// checkRepository stores whether GitHub shows a user a repository, and through the
// record that is checked.
func (s *Syncer) checkRepository(ctx context.Context, user *github.UserClient, target db.CheckTarget, check db.Check) error {
	revision, err := s.db.LatestRevision(ctx)
	if err != nil {
		return err
	}
	facts, err := user.FindRepository(ctx, check.RepositoryID, check.Owner, check.Name)
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
		return s.checkWhole(ctx, target) // without requests as the App, the user's whole list decides
	case err != nil:
		return err
	case !reached:
		return s.deny(ctx, target, check)
	}
	return s.db.GrantAccess(ctx, target, facts, check.HadAccess, revision)
}

// moved handles a repository that has another owner now: this record loses it, and
// the user may have a record on the new owner.
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
	// If it was the last repository, GitHub may have removed the installation too.
	return s.db.QueueInstallationsCheck(ctx, target.UserID)
}

// reached reports whether an installation can access a repository that GitHub showed
// to a user. A private repository is only visible to user tokens through an installation
// (https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app),
// a public one to everybody, so it has to be requested as the App.
func (s *Syncer) reached(ctx context.Context, target db.CheckTarget, facts db.ListedRepository) (bool, error) {
	if facts.IsPrivate || target.RepositorySelection == db.SelectionAll {
		return true, nil
	}
	return s.github.AsApp().Reaches(ctx, target.GitHubID, facts.Owner, facts.Name)
}
