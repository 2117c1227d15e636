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
	// The App can't be asked, so each user who sees it is checked.
	return b.db.QueueChecksForViewers(ctx, namesByID(r))
}

// repositoryVisible refreshes a repository that more users may see now, and checks
// their access.
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

// repositoryRevoked revokes everybody's access to a repository until GitHub confirms
// it.
func (b *batch) repositoryRevoked(ctx context.Context, p payload) error {
	r, err := p.repository()
	if err != nil {
		return err
	}
	return b.db.RevokeRepositories(ctx, db.RevokedRepositories{Repositories: namesByID(r), Account: r.owner()})
}

// repositoryGone asks the App about a repository that was revoked: what GitHub
// doesn't show to the App it shows to nobody through the App. Otherwise everybody
// who had access is checked.
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

// repositoryTransferred moves a repository to its new owner and checks access there:
// it may differ from that to the former owner's.
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

// finding is what GitHub told the App of a repository.
type finding int

const (
	unknown finding = iota // the App couldn't ask
	visible
	gone // it has no such repository for the App
)

// refreshed is the answer about a repository that a batch got.
type refreshed struct {
	owner   db.Account
	finding finding
}

// refreshRepository stores the present state of a repository, asked for as the App
// once in a batch: one request for all users and deliveries. It returns the owner as
// far as it is known.
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
