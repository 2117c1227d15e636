package webhook

import (
	"context"
	"errors"
	"strings"

	"neptun/db"
	"neptun/github"
)

// repositoryChanged refreshes a repository.
func (h *Handler) repositoryChanged(ctx context.Context, p payload) error {
	r, err := p.repository()
	if err != nil {
		return err
	}
	_, err = h.refreshRepository(ctx, p.installationID, r)
	return err
}

// repositoryVisible refreshes a repository that more users may see now, and checks
// their access.
func (h *Handler) repositoryVisible(ctx context.Context, p payload) error {
	r, err := p.repository()
	if err != nil {
		return err
	}
	if _, err := h.refreshRepository(ctx, p.installationID, r); err != nil {
		return err
	}
	_, err = h.db.QueueChecks(ctx, r.owner(), "", namesByID(r))
	return err
}

// repositoryRevoked revokes everybody's access to a repository until GitHub confirms
// it.
func (h *Handler) repositoryRevoked(ctx context.Context, p payload) error {
	r, err := p.repository()
	if err != nil {
		return err
	}
	return h.db.RevokeRepositories(ctx, db.RevokedRepositories{Repositories: namesByID(r), Account: r.owner()})
}

// repositoryTransferred moves a repository to its new owner and checks access there:
// it may differ from that to the former owner's.
func (h *Handler) repositoryTransferred(ctx context.Context, p payload) error {
	r, err := p.repository()
	if err != nil {
		return err
	}
	if err := h.db.RevokeRepositories(ctx, db.RevokedRepositories{Repositories: namesByID(r), Account: r.owner()}); err != nil {
		return err
	}
	owner, err := h.refreshRepository(ctx, p.installationID, r)
	if err != nil {
		return err
	}
	_, err = h.db.QueueChecks(ctx, owner, "", namesByID(r))
	return err
}

// refreshRepository stores the present state of a repository, asked for as the App:
// one request for all users. Where the App has no access, each user with access is
// checked. It returns the owner as far as it is known.
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
	facts, err := h.github.AsInstallation(installationID).FindRepository(ctx, r.ID, login, name)
	switch {
	case errors.Is(err, github.ErrNotFound), errors.Is(err, github.ErrSuspended), errors.Is(err, github.ErrForbidden):
		return askHolders()
	case err != nil:
		return db.Account{}, err
	}
	return facts.OwnerAccount, h.db.RefreshRepository(ctx, facts, asOf)
}
