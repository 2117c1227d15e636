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

// checkAgain is how long a check waits for a sync that has begun before it.
const checkAgain = 2 * time.Second

// laterError puts a job back untried, for a time.
type laterError struct{ until time.Time }

func (e *laterError) Error() string { return "github: to be done later" }

// checkAccess asks GitHub, with a person's own token, about repositories of one
// record of theirs. Where all of it, or many, are to be looked at, it is a sync.
func (t *task) checkAccess(ctx context.Context) error {
	s := t.s
	recordID, err := strconv.ParseInt(t.job.Subject, 10, 64)
	if err != nil {
		return fmt.Errorf("github: read the job's subject: %w", err)
	}
	target, err := s.db.CheckTarget(ctx, recordID)
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	checks, whole, err := s.db.ListChecks(ctx, recordID)
	switch {
	case err != nil || len(checks) == 0:
		return err
	case target.Gone, target.Suspended:
		return t.dropChecks(ctx) // GitHub shows nothing of it, and what was seen stays as it is
	case whole:
		return t.checkWhole(ctx, target)
	}
	err = t.checkEach(ctx, target, checks)
	if errors.Is(err, github.ErrLogInAgain) {
		return t.dropChecks(ctx) // nothing is shown to them until they do, and then all is synced
	}
	return err // what was asked for meanwhile has a job of its own
}

// checkWhole has the record synced, after a sync that may have read what changed
// before it changed.
func (t *task) checkWhole(ctx context.Context, target db.CheckTarget) error {
	began, goesOn, err := t.s.db.SyncInstead(ctx, target.RecordID)
	if err != nil || !began {
		return err
	}
	return t.after(goesOn)
}

// checkInstallations has the list of a person's installations synced, after a
// sync that may have read it before it changed.
func (t *task) checkInstallations(ctx context.Context) error {
	began, goesOn, err := t.s.db.InstallationsSyncBegan(ctx, t.job.Subject)
	if err != nil {
		return err
	}
	if began {
		return t.after(goesOn)
	}
	return t.s.db.QueueInstallationsSync(ctx, t.job.Subject)
}

// after is when to look again at a sync that goes on at a time, or right away.
func (t *task) after(goesOn time.Time) error {
	soon := t.s.now().Add(checkAgain)
	if goesOn.After(soon) {
		return &laterError{goesOn}
	}
	return &laterError{soon}
}

func (t *task) checkEach(ctx context.Context, target db.CheckTarget, checks []db.Check) error {
	asker := t.s.github.AsUser(target.UserID)
	for _, check := range checks {
		err := t.checkRepository(ctx, asker, target, check)
		if errors.Is(err, github.ErrForbidden) {
			// It is blocked, or the right to see it is: that proves nothing, and says
			// nothing of the others. The next sync tells.
			t.s.log.WarnContext(ctx, "a repository can't be checked", "record", target.RecordID, "repository", check.RepositoryID, "error", err)
			err = nil
		}
		if err != nil {
			return err
		}
		if err := t.s.db.FinishCheck(ctx, target, check); err != nil {
			return err
		}
	}
	return nil
}

// checkRepository stores whether GitHub shows a person a repository as something
// that their record reaches.
func (t *task) checkRepository(ctx context.Context, asker *github.UserClient, target db.CheckTarget, check db.Check) error {
	s := t.s
	asOf, err := s.db.LatestRevision(ctx)
	if err != nil {
		return err
	}
	facts, err := asker.FindRepository(ctx, check.RepositoryID, check.Owner, check.Name)
	if errors.Is(err, github.ErrNotFound) {
		return t.deny(ctx, target, check)
	}
	if err != nil {
		return err
	}
	if !target.Owns(facts) {
		return t.moved(ctx, target, check, facts, asOf)
	}
	reached, err := s.reached(ctx, target, facts)
	switch {
	case errors.Is(err, github.ErrAppCredentials):
		return t.checkWhole(ctx, target) // the App can't be asked: the whole list tells
	case err != nil:
		return err
	case !reached:
		return t.deny(ctx, target, check)
	}
	return s.db.GrantAccess(ctx, target, facts, check.HadAccess, asOf)
}

// moved: the repository has another owner by now. What this record had of it
// goes, and the person may have a record there.
func (t *task) moved(ctx context.Context, target db.CheckTarget, check db.Check, facts db.ListedRepository, asOf db.Revision) error {
	if err := t.deny(ctx, target, check); err != nil {
		return err
	}
	if err := t.s.db.RefreshRepository(ctx, facts, asOf); err != nil {
		return err
	}
	_, err := t.s.db.QueueChecks(ctx, facts.OwnerAccount, target.UserID, map[int64]string{facts.ID: facts.FullName()})
	return err
}

func (t *task) deny(ctx context.Context, target db.CheckTarget, check db.Check) error {
	left, err := t.s.db.RevokeAccess(ctx, target, check.RepositoryID, check.HadAccess)
	if err != nil || left {
		return err
	}
	// With the last repository, GitHub may have taken the installation, too.
	return t.s.db.QueueInstallationsCheck(ctx, target.UserID)
}

// reached tells whether an installation reaches a repository that GitHub showed
// to a person. A private one it shows to the App's tokens nowhere else
// (https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app),
// a public one to everybody: of that only the App can be told.
func (s *Syncer) reached(ctx context.Context, target db.CheckTarget, facts db.ListedRepository) (bool, error) {
	if facts.IsPrivate || target.RepositorySelection == db.SelectionAll {
		return true, nil
	}
	return s.github.AsApp().Reaches(ctx, target.GitHubID, facts.Owner, facts.Name)
}

// dropChecks gives up what is to be checked of a record: the next sync tells.
func (t *task) dropChecks(ctx context.Context) error {
	recordID, err := strconv.ParseInt(t.job.Subject, 10, 64)
	if err != nil {
		return fmt.Errorf("github: read the job's subject: %w", err)
	}
	return t.s.db.DeleteChecks(ctx, recordID)
}
