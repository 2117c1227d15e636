package webhook

import (
	"context"
	"errors"

	"neptun/db"
	"neptun/github"
)

// findUser finds the user with a GitHub account. It returns an *incompleteError if the
// payload has no account, and db.ErrNotFound if the account never signed in here.
func (b *batch) findUser(ctx context.Context, account *github.Account) (db.User, error) {
	if account == nil || account.ID <= 0 {
		return db.User{}, missing("a user")
	}
	return b.db.FindUserByGitHubID(ctx, account.ID)
}

// ignoreNotFound drops the error about an account that never signed in here.
func ignoreNotFound(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	return err
}

// collaboratorChanged checks one user's access to one repository.
func (b *batch) collaboratorChanged(ctx context.Context, p payload) error {
	r, err := p.repository()
	if err != nil {
		return err
	}
	user, err := b.findUser(ctx, p.Member)
	if err != nil {
		return ignoreNotFound(err)
	}
	return b.checkUser(ctx, user, r.owner(), namesByID(r))
}

// teamMemberChanged checks a user's access to the whole organization: the payload
// doesn't list the team's repositories.
func (b *batch) teamMemberChanged(ctx context.Context, p payload) error {
	return b.checkMember(ctx, p, p.Member)
}

// memberJoined checks a user's access to the whole organization.
func (b *batch) memberJoined(ctx context.Context, p payload) error {
	return b.checkMember(ctx, p, p.Membership.User)
}

func (b *batch) checkMember(ctx context.Context, p payload, account *github.Account) error {
	organization, err := p.organization()
	if err != nil {
		return err
	}
	user, err := b.findUser(ctx, account)
	if err != nil {
		return ignoreNotFound(err)
	}
	return b.checkUser(ctx, user, organization, nil)
}

// checkUser checks a user's access to an account. If they had none, GitHub may list its
// installation for them now.
func (b *batch) checkUser(ctx context.Context, user db.User, account db.Account, repositories map[int64]string) error {
	queued, err := b.db.QueueChecks(ctx, account, user.ID, repositories)
	if err != nil || queued {
		return err
	}
	return b.db.QueueInstallationsCheck(ctx, user.ID)
}

// memberLeft revokes a user's access to an organization, and then checks it: they may
// keep some access as an outside collaborator.
func (b *batch) memberLeft(ctx context.Context, p payload) error {
	organization, err := p.organization()
	if err != nil {
		return err
	}
	user, err := b.findUser(ctx, p.Membership.User)
	if err != nil {
		return ignoreNotFound(err)
	}
	return b.db.RevokeAccount(ctx, organization, user.ID)
}

// teamChanged checks the access of all the organization's users to the repository
// that was added to the team, removed from it, or given another permission.
func (b *batch) teamChanged(ctx context.Context, p payload) error {
	organization, err := p.organization()
	if err != nil || p.Repository == nil {
		return err // without a repository, the team's name or description changed
	}
	r, err := p.repository()
	if err != nil {
		return err
	}
	err = b.queueChecks(ctx, organization, "", namesByID(r))
	return err
}

// teamDeleted checks the access of all the organization's users: the payload
// doesn't list the team's repositories.
func (b *batch) teamDeleted(ctx context.Context, p payload) error {
	organization, err := p.organization()
	if err != nil {
		return err
	}
	err = b.queueChecks(ctx, organization, "", nil)
	return err
}

// authorizationRevoked ends the sessions and tokens of a user who revoked the
// authorization on GitHub. If GitHub still accepts their token, they have authorized
// the App again since.
func (b *batch) authorizationRevoked(ctx context.Context, p payload) error {
	revoker, err := b.findUser(ctx, p.Sender)
	if err != nil {
		return ignoreNotFound(err)
	}
	for range maxRefreshes {
		err := b.github.AsUser(revoker.ID).CheckToken(ctx)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		}
		// The token is rejected or can't be checked: revocations are applied without confirmation.
		stored, err := b.db.GitHubToken(ctx, revoker.ID)
		if err != nil {
			return ignoreNotFound(err) // nothing is left to revoke
		}
		err = b.db.EndAuthorizationAt(ctx, revoker.ID, stored.Version, db.AuditEntry{
			GitHubID: revoker.GitHubID, Login: revoker.Login, Action: db.AuditRevokedOnGitHub, Via: db.ViaWebhook, RequestID: p.guid,
		})
		if !errors.Is(err, db.ErrStale) {
			return err
		}
	}
	return db.ErrStale
}
