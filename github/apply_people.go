package github

import (
	"context"
	"errors"

	"neptun/db"
)

// here is who of Neptun's people a GitHub account is. The error is a *lackError
// where the webhook doesn't say, and db.ErrNotFound for somebody who never logged
// in here.
func (g *GitHub) here(ctx context.Context, who *account) (db.User, error) {
	if who == nil || who.ID <= 0 {
		return db.User{}, lacks("a person")
	}
	return g.db.FindUserByGitHubID(ctx, who.ID)
}

// strangersAside turns the news about somebody who never logged in into none.
func strangersAside(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	return err
}

// collaboratorChanged looks anew at one person's access to one repository.
func (g *GitHub) collaboratorChanged(ctx context.Context, told news) error {
	r, err := told.repository()
	if err != nil {
		return err
	}
	person, err := g.here(ctx, told.Member)
	if err != nil {
		return strangersAside(err)
	}
	return g.checkPerson(ctx, person, r.owner(), named(r))
}

// teamMemberChanged looks anew at all that a person reaches in an organization:
// which repositories the team has, GitHub doesn't say here.
func (g *GitHub) teamMemberChanged(ctx context.Context, told news) error {
	return g.checkMember(ctx, told, told.Member)
}

// memberJoined looks anew at all that a person reaches in an organization.
func (g *GitHub) memberJoined(ctx context.Context, told news) error {
	return g.checkMember(ctx, told, told.Membership.User)
}

func (g *GitHub) checkMember(ctx context.Context, told news, who *account) error {
	organization, err := told.organization()
	if err != nil {
		return err
	}
	person, err := g.here(ctx, who)
	if err != nil {
		return strangersAside(err)
	}
	return g.checkPerson(ctx, person, organization, nil)
}

// checkPerson looks anew at what a person sees of an account. Where they saw
// nothing of it, GitHub may list its installation for them from now on.
func (g *GitHub) checkPerson(ctx context.Context, person db.User, account db.Account, repositories map[int64]string) error {
	queued, err := g.db.QueueChecks(ctx, account, person.ID, repositories)
	if err != nil || queued {
		return err
	}
	return g.db.QueueInstallationsCheck(ctx, person.ID)
}

// memberLeft takes an organization's repositories away from a person, who may
// still see some as an outside collaborator.
func (g *GitHub) memberLeft(ctx context.Context, told news) error {
	organization, err := told.organization()
	if err != nil {
		return err
	}
	person, err := g.here(ctx, told.Membership.User)
	if err != nil {
		return strangersAside(err)
	}
	return g.db.TakeAccount(ctx, organization, person.ID)
}

// teamChanged looks anew at everybody here who reaches the organization, for the
// repository that the team got, lost or has with another permission.
func (g *GitHub) teamChanged(ctx context.Context, told news) error {
	organization, err := told.organization()
	if err != nil || told.Repository == nil {
		return err // without one it is about the team's name or description
	}
	r, err := told.repository()
	if err != nil {
		return err
	}
	_, err = g.db.QueueChecks(ctx, organization, "", named(r))
	return err
}

// teamDeleted looks anew at all that everybody here reaches in the organization:
// which repositories the team had, GitHub doesn't say.
func (g *GitHub) teamDeleted(ctx context.Context, told news) error {
	organization, err := told.organization()
	if err != nil {
		return err
	}
	_, err = g.db.QueueChecks(ctx, organization, "", nil)
	return err
}

// authorizationRevoked ends everything of a person who took back their consent
// on GitHub. They may have given it again since: while GitHub takes their token,
// the news is old.
func (g *GitHub) authorizationRevoked(ctx context.Context, told news) error {
	revoker, err := g.here(ctx, told.Sender)
	if err != nil {
		return strangersAside(err)
	}
	for range refreshTries {
		var answer user
		asker := &person{g: g, userID: revoker.ID, carrier: g.quick}
		_, err := asker.get(ctx, "user", &answer)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		}
		// Refused, or no answer: what takes access away is believed.
		stored, err := g.db.GitHubToken(ctx, revoker.ID)
		if err != nil {
			return strangersAside(err) // there is nothing left to end
		}
		if err := g.db.DisconnectAt(ctx, revoker.ID, stored.Version); !errors.Is(err, db.ErrOutrun) {
			return err
		}
	}
	return db.ErrOutrun
}
