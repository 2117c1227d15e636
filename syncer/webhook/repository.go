package webhook

import (
	"context"
	"errors"
	"strings"

	"neptun/db"
	"neptun/github"
)

// repositoryChanged reads a repository's facts anew.
func (h *Handler) repositoryChanged(ctx context.Context, told news) error {
	r, err := told.repository()
	if err != nil {
		return err
	}
	_, err = h.refreshRepository(ctx, told.installationID, r)
	return err
}

// repositoryAppeared reads a repository that more people may see now, and looks
// who does.
func (h *Handler) repositoryAppeared(ctx context.Context, told news) error {
	r, err := told.repository()
	if err != nil {
		return err
	}
	if _, err := h.refreshRepository(ctx, told.installationID, r); err != nil {
		return err
	}
	_, err = h.db.QueueChecks(ctx, r.owner(), "", named(r))
	return err
}

// repositoryTaken takes a repository away from everybody, until GitHub confirms
// to somebody that they see it still.
func (h *Handler) repositoryTaken(ctx context.Context, told news) error {
	r, err := told.repository()
	if err != nil {
		return err
	}
	return h.db.RevokeRepositories(ctx, db.RevokedRepositories{Repositories: named(r), Account: r.owner()})
}

// repositoryTransferred has a repository follow to its new owner. Who saw it with
// the former one may not see it there, and others may.
func (h *Handler) repositoryTransferred(ctx context.Context, told news) error {
	r, err := told.repository()
	if err != nil {
		return err
	}
	if err := h.db.RevokeRepositories(ctx, db.RevokedRepositories{Repositories: named(r), Account: r.owner()}); err != nil {
		return err
	}
	owner, err := h.refreshRepository(ctx, told.installationID, r)
	if err != nil {
		return err
	}
	_, err = h.db.QueueChecks(ctx, owner, "", named(r))
	return err
}

// refreshRepository stores what GitHub says of a repository now, in the App's
// own name: one request, however many people see it. Where the App isn't let in,
// those who see it are asked about one by one. It tells who owns it, as far as
// that is known.
func (h *Handler) refreshRepository(ctx context.Context, installationID int64, r namedRepository) (owner db.Account, err error) {
	if err := h.db.RecordRepositoryChange(ctx, r.ID); err != nil {
		return db.Account{}, err
	}
	askHolders := func() (db.Account, error) {
		return r.owner(), h.db.QueueChecksForViewers(ctx, r.ID, github.Clean(r.FullName))
	}
	if !h.github.HasPrivateKey() || installationID <= 0 {
		return askHolders()
	}
	asOf, err := h.db.LatestRevision(ctx)
	if err != nil {
		return db.Account{}, err
	}
	login, name, _ := strings.Cut(r.FullName, "/")
	facts, err := h.github.FindRepository(ctx, installationID, r.ID, login, name)
	switch {
	case errors.Is(err, github.ErrNotFound), errors.Is(err, github.ErrSuspended), errors.Is(err, github.ErrForbidden):
		return askHolders()
	case err != nil:
		return db.Account{}, err
	}
	return facts.OwnerAccount, h.db.RefreshRepository(ctx, facts, asOf)
}
