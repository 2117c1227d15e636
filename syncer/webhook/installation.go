package webhook

import (
	"context"
	"errors"
	"strings"

	"neptun/db"
	"neptun/github"
)

// maxRefreshes limits how often an installation is requested when it changes while the
// request is in flight.
const maxRefreshes = 3

// maxRepositoryRequests limits how many repositories of a delivery are requested individually.
const maxRepositoryRequests = 20

// installationChanged refreshes an installation and its account.
func (b *batch) installationChanged(ctx context.Context, p payload) error {
	switch {
	case p.installationID <= 0:
		return missing("an installation")
	case !b.github.HasPrivateKey():
		return &incompleteError{"Neptun has no private key of the App"}
	}
	return b.refreshInstallation(ctx, p.installationID)
}

// installationDeleted sends no request, since GitHub never reuses the id of an
// installation.
func (b *batch) installationDeleted(ctx context.Context, p payload) error {
	if p.installationID <= 0 {
		return missing("an installation")
	}
	return b.db.MarkInstallationDeleted(ctx, p.installationID)
}

// installationCreated refreshes the installation, and syncs the installations of the
// account's own user, of the user who installed it and of the one who requested it.
// Others get it with their next sync.
func (b *batch) installationCreated(ctx context.Context, p payload) error {
	if err := b.installationChanged(ctx, p); err != nil {
		return err
	}
	if p.Sender != nil && p.Sender.Login != "" {
		if err := b.db.SetInstalledBy(ctx, p.installationID, p.Sender.Login); err != nil {
			return err
		}
	}
	for _, account := range []*github.Account{p.Installation.Account, p.Sender, p.Requester} {
		if account == nil {
			continue
		}
		user, err := b.db.FindUserByGitHubID(ctx, account.ID)
		if err == nil {
			err = b.db.QueueInstallationsCheck(ctx, user.ID)
		}
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			return err
		}
	}
	return nil
}

// repositoriesAdded checks who has access to the added repositories.
func (b *batch) repositoriesAdded(ctx context.Context, p payload) error {
	account, err := p.account()
	if err != nil {
		return err
	}
	repositories := namesByID(p.RepositoriesAdded...)
	if len(repositories) == 0 {
		return missing("repositories")
	}
	if b.github.HasPrivateKey() && p.installationID > 0 {
		if err := b.refreshInstallation(ctx, p.installationID); err != nil {
			return err
		}
	}
	err = b.queueChecks(ctx, account, "", repositories)
	return err
}

// repositoriesRemoved revokes everybody's access to the removed repositories.
func (b *batch) repositoriesRemoved(ctx context.Context, p payload) error {
	account, err := p.account()
	if err != nil {
		return err
	}
	repositories := namesByID(p.RepositoriesRemoved...)
	if len(repositories) == 0 {
		return missing("repositories")
	}
	return b.db.RevokeRepositories(ctx, db.RevokedRepositories{Repositories: repositories, Account: account, From: true})
}

// repositoriesGone checks whether the installation has access to the removed repositories
// again, and who sees them through other accounts.
func (b *batch) repositoriesGone(ctx context.Context, p payload) error {
	repositories := namesByID(p.RepositoriesRemoved...)
	if err := b.confirmRemoved(ctx, p.installationID, repositories); err != nil {
		return err
	}
	// Who still sees one sees it in another account. Either it was transferred there since,
	// or it was transferred from there and that webhook is missing: GitHub knows.
	return b.db.QueueChecksForViewers(ctx, repositories)
}

// confirmRemoved refreshes the installation, and checks those who lost a repository
// that it has again. Where it hasn't, nobody needs to be checked.
func (b *batch) confirmRemoved(ctx context.Context, installationID int64, repositories map[int64]string) error {
	if !b.github.HasPrivateKey() || installationID <= 0 {
		return b.db.QueueRevokedChecks(ctx, repositories)
	}
	if err := b.refreshInstallation(ctx, installationID); err != nil {
		return err
	}
	if len(repositories) > maxRepositoryRequests {
		return b.db.QueueRevokedChecks(ctx, repositories)
	}
	for id, name := range repositories {
		reached, err := b.reaches(ctx, installationID, name)
		switch {
		case err != nil:
			return err
		case reached:
			err = b.db.QueueRevokedChecks(ctx, map[int64]string{id: name})
		default:
			err = b.db.ConfirmRevoked(ctx, id)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// reaches reports whether the installation has access to a repository. It sends one request per batch.
func (b *batch) reaches(ctx context.Context, installationID int64, name string) (bool, error) {
	owner, repository, _ := strings.Cut(name, "/")
	if owner == "" || repository == "" {
		return true, nil // unknown
	}
	reached, err := b.github.AsApp().Reaches(ctx, installationID, owner, repository)
	if errors.Is(err, github.ErrNotFound) {
		return false, nil
	}
	return reached, err
}

// refreshInstallation stores the current state of an installation. It sends one request
// per batch.
func (b *batch) refreshInstallation(ctx context.Context, id int64) error {
	if b.installations[id] {
		return nil
	}
	if err := b.askInstallation(ctx, id); err != nil {
		return err
	}
	b.installations[id] = true
	return nil
}

// askInstallation repeats the request if another change was recorded while it was in
// flight, and if the installation was unknown before: its changes aren't recorded until
// it is stored.
func (b *batch) askInstallation(ctx context.Context, id int64) error {
	for range maxRefreshes {
		known, err := b.db.RecordInstallationChange(ctx, id)
		if err != nil {
			return err
		}
		revision, err := b.db.LatestRevision(ctx)
		if err != nil {
			return err
		}
		found, err := b.github.AsApp().Installation(ctx, id)
		switch {
		case errors.Is(err, github.ErrNotFound):
			return b.db.MarkInstallationDeleted(ctx, id) // GitHub never reuses an id
		case err != nil:
			return err
		case found.Account.GitHubID <= 0:
			return nil // the account was deleted, and the installation will be too
		}
		if err := b.db.PutInstallationAt(ctx, found, revision); err != nil {
			return err
		}
		changed, err := b.db.InstallationChangedSince(ctx, id, revision)
		if err != nil || known && !changed {
			return err
		}
	}
	return nil // the handler of the latest change requests it
}
