package webhook

import (
	"context"
	"errors"

	"neptun/db"
	"neptun/github"
)

// findUser finds the user with a GitHub account. The error is an *incompleteError
// where the payload has none, and db.ErrNotFound for an account that never signed
// in here.
func (h *Handler) findUser(ctx context.Context, account *github.Account) (db.User, error) {
	if account == nil || account.ID <= 0 {
		return db.User{}, missing("a user")
	}
	return h.db.FindUserByGitHubID(ctx, account.ID)
}

// ignoreNotFound drops the error about an account that never signed in here.
func ignoreNotFound(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	return err
}

// collaboratorChanged checks one user's access to one repository.
func (h *Handler) collaboratorChanged(ctx context.Context, p payload) error {
	r, err := p.repository()
	if err != nil {
		return err
	}
	user, err := h.findUser(ctx, p.Member)
	if err != nil {
		return ignoreNotFound(err)
	}
	return h.checkUser(ctx, user, r.owner(), namesByID(r))
}

// teamMemberChanged checks a user's access to the whole organization: the payload
// doesn't list the team's repositories.
func (h *Handler) teamMemberChanged(ctx context.Context, p payload) error {
	return h.checkMember(ctx, p, p.Member)
}

// memberJoined checks a user's access to the whole organization.
func (h *Handler) memberJoined(ctx context.Context, p payload) error {
	return h.checkMember(ctx, p, p.Membership.User)
}

func (h *Handler) checkMember(ctx context.Context, p payload, account *github.Account) error {
	organization, err := p.organization()
	if err != nil {
		return err
	}
	user, err := h.findUser(ctx, account)
	if err != nil {
		return ignoreNotFound(err)
	}
	return h.checkUser(ctx, user, organization, nil)
}

// checkUser checks a user's access to an account. Where they had none, GitHub may
// list its installation for them now.
func (h *Handler) checkUser(ctx context.Context, user db.User, account db.Account, repositories map[int64]string) error {
	queued, err := h.db.QueueChecks(ctx, account, user.ID, repositories)
	if err != nil || queued {
		return err
	}
	return h.db.QueueInstallationsCheck(ctx, user.ID)
}

// memberLeft revokes a user's access to an organization, then has it checked: as
// an outside collaborator they may keep some.
func (h *Handler) memberLeft(ctx context.Context, p payload) error {
	organization, err := p.organization()
	if err != nil {
		return err
	}
	user, err := h.findUser(ctx, p.Membership.User)
	if err != nil {
		return ignoreNotFound(err)
	}
	return h.db.RevokeAccount(ctx, organization, user.ID)
}

// teamChanged checks the access of all the organization's users to the repository
// that was added to the team, removed from it, or given another permission.
func (h *Handler) teamChanged(ctx context.Context, p payload) error {
	organization, err := p.organization()
	if err != nil || p.Repository == nil {
		return err // without one it is about the team's name or description
	}
	r, err := p.repository()
	if err != nil {
		return err
	}
	_, err = h.db.QueueChecks(ctx, organization, "", namesByID(r))
	return err
}

// teamDeleted checks the access of all the organization's users: the payload
// doesn't list the team's repositories.
func (h *Handler) teamDeleted(ctx context.Context, p payload) error {
	organization, err := p.organization()
	if err != nil {
		return err
	}
	_, err = h.db.QueueChecks(ctx, organization, "", nil)
	return err
}

// authorizationRevoked ends the sessions and tokens of a user who revoked the
// authorization on GitHub. Where GitHub accepts their token, they have authorized
// the App again since.
func (h *Handler) authorizationRevoked(ctx context.Context, p payload) error {
	revoker, err := h.findUser(ctx, p.Sender)
	if err != nil {
		return ignoreNotFound(err)
	}
	for range maxRefreshes {
		err := h.github.AsUser(revoker.ID).CheckToken(ctx)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		}
		// Refused, or no answer: a payload that revokes access is believed.
		stored, err := h.db.GitHubToken(ctx, revoker.ID)
		if err != nil {
			return ignoreNotFound(err) // there is nothing left to end
		}
		if err := h.db.DisconnectAt(ctx, revoker.ID, stored.Version); !errors.Is(err, db.ErrStale) {
			return err
		}
	}
	return db.ErrStale
}
