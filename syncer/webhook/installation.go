package webhook

import (
	"context"
	"errors"
	"fmt"

	"neptun/db"
	"neptun/github"
)

// refreshTries is how often GitHub is asked again at once when something else
// was stored while it answered.
const refreshTries = 3

// installationChanged reads an installation and its account anew.
func (h *Handler) installationChanged(ctx context.Context, told news) error {
	switch {
	case told.installationID <= 0:
		return lacks("an installation")
	case !h.github.HasPrivateKey():
		return &lackError{"Neptun has no private key of the App to ask GitHub with"}
	}
	return h.refreshInstallation(ctx, told.installationID)
}

// installationDeleted: GitHub gives no installation's id twice, so this is never
// outdated.
func (h *Handler) installationDeleted(ctx context.Context, told news) error {
	if told.installationID <= 0 {
		return lacks("an installation")
	}
	return h.db.MarkInstallationDeleted(ctx, told.installationID)
}

// installationCreated has the installation appear for those who are known to be
// concerned: the account's own user, whoever installed it, and whoever asked for
// it. The others meet it with their next sync.
func (h *Handler) installationCreated(ctx context.Context, told news) error {
	if err := h.installationChanged(ctx, told); err != nil {
		return err
	}
	for _, who := range []*github.Account{told.Installation.Account, told.Sender, told.Requester} {
		if who == nil {
			continue
		}
		person, err := h.db.FindUserByGitHubID(ctx, who.ID)
		if err == nil {
			err = h.db.QueueInstallationsCheck(ctx, person.ID)
		}
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			return err
		}
	}
	return nil
}

// repositoriesAdded looks whom GitHub shows what an installation reaches now.
func (h *Handler) repositoriesAdded(ctx context.Context, told news) error {
	account, err := told.account()
	if err != nil {
		return err
	}
	repositories := named(told.RepositoriesAdded...)
	if len(repositories) == 0 {
		return lacks("repositories")
	}
	if h.github.HasPrivateKey() && told.installationID > 0 {
		if err := h.refreshInstallation(ctx, told.installationID); err != nil {
			return err
		}
	}
	_, err = h.db.QueueChecks(ctx, account, "", repositories)
	return err
}

// repositoriesRemoved takes away from everybody what an installation reaches no
// longer.
func (h *Handler) repositoriesRemoved(ctx context.Context, told news) error {
	account, err := told.account()
	if err != nil {
		return err
	}
	repositories := named(told.RepositoriesRemoved...)
	if len(repositories) == 0 {
		return lacks("repositories")
	}
	if err := h.db.RevokeRepositories(ctx, db.RevokedRepositories{Repositories: repositories, Account: account, From: true}); err != nil {
		return err
	}
	if !h.github.HasPrivateKey() || told.installationID <= 0 {
		return nil
	}
	return h.refreshInstallation(ctx, told.installationID)
}

// refreshInstallation stores how an installation stands on GitHub now. What
// somebody else stored while GitHub answered may be newer than the answer, which
// is then asked for anew.
func (h *Handler) refreshInstallation(ctx context.Context, id int64) error {
	if err := h.db.RecordInstallationChange(ctx, id); err != nil {
		return err
	}
	for range refreshTries {
		mark, err := h.db.MarkInstallation(ctx, id)
		if err != nil {
			return err
		}
		found, err := h.github.Installation(ctx, id)
		switch {
		case errors.Is(err, github.ErrNotFound):
			return h.db.MarkInstallationDeleted(ctx, id) // GitHub gives no id twice
		case err != nil:
			return err
		case found.Account.GitHubID <= 0:
			return nil // GitHub has deleted the account, and the installation follows
		}
		if err := h.db.RefreshInstallation(ctx, found, mark); !errors.Is(err, db.ErrStale) {
			return err
		}
	}
	return fmt.Errorf("github: installation %d: %w", id, db.ErrStale)
}
