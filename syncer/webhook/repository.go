package webhook

import (
	"context"
	"errors"
	"strings"

	"neptun/db"
	"neptun/github"
)

// repositoryChanged refreshes a repository.
func (b *batch) repositoryChanged(ctx context.Context, p payload) error {
	r, err := p.repository()
	if err != nil {
		return err
	}
	_, found, err := b.refreshRepository(ctx, p.installationID, r)
	if err != nil || found == visible {
		return err
	}
	// It can't be requested as the App, so each user who sees it is checked.
	return b.db.QueueChecksForViewers(ctx, namesByID(r))
}

// repositoryVisible refreshes a repository that more users may be able to see now, and
// checks their access.
func (b *batch) repositoryVisible(ctx context.Context, p payload) error {
	r, err := p.repository()
	if err != nil {
		return err
	}
	if err := b.repositoryChanged(ctx, p); err != nil {
		return err
	}
	return b.queueChecks(ctx, r.owner(), "", namesByID(r))
}

// repositoryRevoked revokes everybody's access to a repository until GitHub confirms it.
func (b *batch) repositoryRevoked(ctx context.Context, p payload) error {
	r, err := p.repository()
	if err != nil {
		return err
	}
	return b.db.RevokeRepositories(ctx, db.RevokedRepositories{Repositories: namesByID(r), Account: r.owner()})
}

// repositoryGone requests a repository that was revoked as the App. If GitHub doesn't show
// it to the App, nobody sees it through the App. Otherwise it checks everybody who had
// access.
func (b *batch) repositoryGone(ctx context.Context, p payload) error {
	r, err := p.repository()
	if err != nil {
		return err
	}
	_, found, err := b.refreshRepository(ctx, p.installationID, r)
	if err != nil {
		return err
	}
	if found == gone {
		return b.db.ConfirmRevoked(ctx, r.ID)
	}
	return b.db.QueueRevokedChecks(ctx, namesByID(r))
}

// repositoryTransferred moves a repository to its new owner and checks access there,
// which may differ from the access under the previous owner.
func (b *batch) repositoryTransferred(ctx context.Context, p payload) error {
	r, err := p.repository()
	if err != nil {
		return err
	}
	owner, _, err := b.refreshRepository(ctx, p.installationID, r)
	if err != nil {
		return err
	}
	if err := b.db.QueueRevokedChecks(ctx, namesByID(r)); err != nil {
		return err
	}
	return b.queueChecks(ctx, owner, "", namesByID(r))
}

// finding is the result of requesting a repository as the App.
type finding int

const (
	unknown finding = iota // the App couldn't send the request
	visible
	gone // the App can't see the repository
)

// refreshed is the result for a repository within a batch.
type refreshed struct {
	owner   db.Account
	finding finding
}

// refreshRepository stores the current state of a repository, requested as the App once
// per batch: one request for all users and deliveries. It returns the owner, if known.
func (b *batch) refreshRepository(ctx context.Context, installationID int64, r namedRepository) (owner db.Account, found finding, err error) {
	if known, ok := b.repositories[r.ID]; ok {
		return known.owner, known.finding, nil
	}
	owner, found, err = b.askRepository(ctx, installationID, r)
	if err == nil {
		b.repositories[r.ID] = refreshed{owner, found}
	}
	return owner, found, err
}

func (b *batch) askRepository(ctx context.Context, installationID int64, r namedRepository) (owner db.Account, found finding, err error) {
	if err := b.db.RecordRepositoryChange(ctx, r.ID); err != nil {
		return db.Account{}, unknown, err
	}
	if !b.github.HasPrivateKey() || installationID <= 0 {
		return r.owner(), unknown, nil
	}
	revision, err := b.db.LatestRevision(ctx)
	if err != nil {
		return db.Account{}, unknown, err
	}
	login, name, _ := strings.Cut(r.FullName, "/")
	facts, err := b.github.AsInstallation(installationID).FindRepository(ctx, r.ID, login, name)
	switch {
	case errors.Is(err, github.ErrNotFound):
		return r.owner(), gone, nil
	case errors.Is(err, github.ErrSuspended), errors.Is(err, github.ErrForbidden):
		return r.owner(), unknown, nil
	case err != nil:
		return db.Account{}, unknown, err
	}
	return facts.OwnerAccount, visible, b.db.RefreshRepository(ctx, facts, revision)
}
