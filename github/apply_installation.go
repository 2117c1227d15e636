package github

import (
	"context"
	"errors"
	"fmt"

	"neptun/db"
)

// refreshTries is how often GitHub is asked again at once when something else
// was stored while it answered.
const refreshTries = 3

// installationChanged reads an installation and its account anew.
func (g *GitHub) installationChanged(ctx context.Context, told news) error {
	switch {
	case told.installationID <= 0:
		return lacks("an installation")
	case g.app().PrivateKey == nil:
		return &lackError{"Neptun has no private key of the App to ask GitHub with"}
	}
	return g.refreshInstallation(ctx, told.installationID)
}

// installationDeleted: GitHub gives no installation's id twice, so this is never
// outdated.
func (g *GitHub) installationDeleted(ctx context.Context, told news) error {
	if told.installationID <= 0 {
		return lacks("an installation")
	}
	return g.db.MarkInstallationDeleted(ctx, told.installationID)
}

// installationCreated has the installation appear for those who are known to be
// concerned: the account's own user, whoever installed it, and whoever asked for
// it. The others meet it with their next sync.
func (g *GitHub) installationCreated(ctx context.Context, told news) error {
	if err := g.installationChanged(ctx, told); err != nil {
		return err
	}
	for _, who := range []*account{told.Installation.Account, told.Sender, told.Requester} {
		if who == nil {
			continue
		}
		person, err := g.db.FindUserByGitHubID(ctx, who.ID)
		if err == nil {
			err = g.db.QueueInstallationsCheck(ctx, person.ID)
		}
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			return err
		}
	}
	return nil
}

// repositoriesAdded looks whom GitHub shows what an installation reaches now.
func (g *GitHub) repositoriesAdded(ctx context.Context, told news) error {
	account, err := told.account()
	if err != nil {
		return err
	}
	repositories := named(told.RepositoriesAdded...)
	if len(repositories) == 0 {
		return lacks("repositories")
	}
	if g.app().PrivateKey != nil && told.installationID > 0 {
		if err := g.refreshInstallation(ctx, told.installationID); err != nil {
			return err
		}
	}
	_, err = g.db.QueueChecks(ctx, account, "", repositories)
	return err
}

// repositoriesRemoved takes away from everybody what an installation reaches no
// longer.
func (g *GitHub) repositoriesRemoved(ctx context.Context, told news) error {
	account, err := told.account()
	if err != nil {
		return err
	}
	repositories := named(told.RepositoriesRemoved...)
	if len(repositories) == 0 {
		return lacks("repositories")
	}
	if err := g.db.TakeRepositories(ctx, db.TakenRepositories{Repositories: repositories, Account: account, From: true}); err != nil {
		return err
	}
	if g.app().PrivateKey == nil || told.installationID <= 0 {
		return nil
	}
	return g.refreshInstallation(ctx, told.installationID)
}

// refreshInstallation stores how an installation stands on GitHub now. What
// somebody else stored while GitHub answered may be newer than the answer, which
// is then asked for anew.
func (g *GitHub) refreshInstallation(ctx context.Context, id int64) error {
	if err := g.db.NoteInstallation(ctx, id); err != nil {
		return err
	}
	for range refreshTries {
		mark, err := g.db.MarkInstallation(ctx, id)
		if err != nil {
			return err
		}
		found, err := g.installation(ctx, id)
		switch {
		case errors.Is(err, ErrNotFound):
			return g.db.MarkInstallationDeleted(ctx, id) // GitHub gives no id twice
		case err != nil:
			return err
		case found.Account.ID <= 0:
			return nil // GitHub has deleted the account, and the installation follows
		}
		if err := g.db.RefreshInstallation(ctx, convertInstallation(found), mark); !errors.Is(err, db.ErrOutrun) {
			return err
		}
	}
	return fmt.Errorf("github: installation %d: %w", id, db.ErrOutrun)
}
