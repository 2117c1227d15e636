package webhook

import (
	"context"
	"errors"

	"neptun/db"
	"neptun/github"
)

// here is who of Neptun's people a GitHub account is. The error is a *lackError
// where the webhook doesn't say, and db.ErrNotFound for somebody who never logged
// in here.
func (h *Handler) here(ctx context.Context, who *github.Account) (db.User, error) {
	if who == nil || who.ID <= 0 {
		return db.User{}, lacks("a person")
	}
	return h.db.FindUserByGitHubID(ctx, who.ID)
}

// strangersAside turns the news about somebody who never logged in into none.
func strangersAside(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	return err
}

// collaboratorChanged looks anew at one person's access to one repository.
func (h *Handler) collaboratorChanged(ctx context.Context, told news) error {
	r, err := told.repository()
	if err != nil {
		return err
	}
	person, err := h.here(ctx, told.Member)
	if err != nil {
		return strangersAside(err)
	}
	return h.checkPerson(ctx, person, r.owner(), named(r))
}

// teamMemberChanged looks anew at all that a person reaches in an organization:
// which repositories the team has, GitHub doesn't say here.
func (h *Handler) teamMemberChanged(ctx context.Context, told news) error {
	return h.checkMember(ctx, told, told.Member)
}

// memberJoined looks anew at all that a person reaches in an organization.
func (h *Handler) memberJoined(ctx context.Context, told news) error {
	return h.checkMember(ctx, told, told.Membership.User)
}

func (h *Handler) checkMember(ctx context.Context, told news, who *github.Account) error {
	organization, err := told.organization()
	if err != nil {
		return err
	}
	person, err := h.here(ctx, who)
	if err != nil {
		return strangersAside(err)
	}
	return h.checkPerson(ctx, person, organization, nil)
}

// checkPerson looks anew at what a person sees of an account. Where they saw
// nothing of it, GitHub may list its installation for them from now on.
func (h *Handler) checkPerson(ctx context.Context, person db.User, account db.Account, repositories map[int64]string) error {
	queued, err := h.db.QueueChecks(ctx, account, person.ID, repositories)
	if err != nil || queued {
		return err
	}
	return h.db.QueueInstallationsCheck(ctx, person.ID)
}

// memberLeft takes an organization's repositories away from a person, who may
// still see some as an outside collaborator.
func (h *Handler) memberLeft(ctx context.Context, told news) error {
	organization, err := told.organization()
	if err != nil {
		return err
	}
	person, err := h.here(ctx, told.Membership.User)
	if err != nil {
		return strangersAside(err)
	}
	return h.db.RevokeAccount(ctx, organization, person.ID)
}

// teamChanged looks anew at everybody here who reaches the organization, for the
// repository that the team got, lost or has with another permission.
func (h *Handler) teamChanged(ctx context.Context, told news) error {
	organization, err := told.organization()
	if err != nil || told.Repository == nil {
		return err // without one it is about the team's name or description
	}
	r, err := told.repository()
	if err != nil {
		return err
	}
	_, err = h.db.QueueChecks(ctx, organization, "", named(r))
	return err
}

// teamDeleted looks anew at all that everybody here reaches in the organization:
// which repositories the team had, GitHub doesn't say.
func (h *Handler) teamDeleted(ctx context.Context, told news) error {
	organization, err := told.organization()
	if err != nil {
		return err
	}
	_, err = h.db.QueueChecks(ctx, organization, "", nil)
	return err
}

// authorizationRevoked ends everything of a person who took back their consent
// on GitHub. They may have given it again since: while GitHub takes their token,
// the news is old.
func (h *Handler) authorizationRevoked(ctx context.Context, told news) error {
	revoker, err := h.here(ctx, told.Sender)
	if err != nil {
		return strangersAside(err)
	}
	for range refreshTries {
		err := h.github.AsUser(revoker.ID).CheckToken(ctx)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		}
		// Refused, or no answer: what takes access away is believed.
		stored, err := h.db.GitHubToken(ctx, revoker.ID)
		if err != nil {
			return strangersAside(err) // there is nothing left to end
		}
		if err := h.db.DisconnectAt(ctx, revoker.ID, stored.Version); !errors.Is(err, db.ErrStale) {
			return err
		}
	}
	return db.ErrStale
}
