package webhook

import (
	"context"
	"errors"
	"fmt"

	"neptun/db"
	"neptun/github"
)

// maxRefreshes is how many times GitHub is asked when its answers are outdated by
// the time they arrive.
const maxRefreshes = 3

// installationChanged refreshes an installation and its account.
func (h *Handler) installationChanged(ctx context.Context, p payload) error {
	switch {
	case p.installationID <= 0:
		return missing("an installation")
	case !h.github.HasPrivateKey():
		return &incompleteError{"Neptun has no private key of the App to ask GitHub with"}
	}
	return h.refreshInstallation(ctx, p.installationID)
}

// installationDeleted needs no look at GitHub, which never reuses an installation's
// id.
func (h *Handler) installationDeleted(ctx context.Context, p payload) error {
	if p.installationID <= 0 {
		return missing("an installation")
	}
	return h.db.MarkInstallationDeleted(ctx, p.installationID)
}

// installationCreated refreshes the installation, and the lists of the account's own
// user, of who installed it and of who requested it. Others get it with their next
// sync.
func (h *Handler) installationCreated(ctx context.Context, p payload) error {
	if err := h.installationChanged(ctx, p); err != nil {
		return err
	}
	for _, account := range []*github.Account{p.Installation.Account, p.Sender, p.Requester} {
		if account == nil {
			continue
		}
		user, err := h.db.FindUserByGitHubID(ctx, account.ID)
		if err == nil {
			err = h.db.QueueInstallationsCheck(ctx, user.ID)
		}
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			return err
		}
	}
	return nil
}

// repositoriesAdded checks who has access to the added repositories.
func (h *Handler) repositoriesAdded(ctx context.Context, p payload) error {
	account, err := p.account()
	if err != nil {
		return err
	}
	repositories := namesByID(p.RepositoriesAdded...)
	if len(repositories) == 0 {
		return missing("repositories")
	}
	if h.github.HasPrivateKey() && p.installationID > 0 {
		if err := h.refreshInstallation(ctx, p.installationID); err != nil {
			return err
		}
	}
	_, err = h.db.QueueChecks(ctx, account, "", repositories)
	return err
}

// repositoriesRemoved revokes everybody's access to the removed repositories.
func (h *Handler) repositoriesRemoved(ctx context.Context, p payload) error {
	account, err := p.account()
	if err != nil {
		return err
	}
	repositories := namesByID(p.RepositoriesRemoved...)
	if len(repositories) == 0 {
		return missing("repositories")
	}
	if err := h.db.RevokeRepositories(ctx, db.RevokedRepositories{Repositories: repositories, Account: account, From: true}); err != nil {
		return err
	}
	if !h.github.HasPrivateKey() || p.installationID <= 0 {
		return nil
	}
	return h.refreshInstallation(ctx, p.installationID)
}

// refreshInstallation stores the present state of an installation. Where another
// write came in while GitHub answered, the answer may be outdated, and GitHub is
// asked again.
func (h *Handler) refreshInstallation(ctx context.Context, id int64) error {
	if err := h.db.RecordInstallationChange(ctx, id); err != nil {
		return err
	}
	for range maxRefreshes {
		mark, err := h.db.MarkInstallation(ctx, id)
		if err != nil {
			return err
		}
		found, err := h.github.AsApp().Installation(ctx, id)
		switch {
		case errors.Is(err, github.ErrNotFound):
			return h.db.MarkInstallationDeleted(ctx, id) // GitHub never reuses an id
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
