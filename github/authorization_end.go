package github

import (
	"context"
	"errors"

	"neptun/db"
)

// Disconnect revokes a person's authorization of the App on GitHub, with every
// token that came of it, and then erases what Neptun has of it: tokens and
// sessions. Imports stay for the day the person comes back. A grant that
// GitHub no longer has is as good as revoked.
func (u *UserClient) Disconnect(ctx context.Context) error {
	err := u.withToken(ctx, func(token db.StoredToken) error {
		return u.g.endToken(ctx, "grant", token.Access)
	})
	switch {
	case errors.Is(err, ErrNotFound):
		// GitHub knows the newest token, but no grant behind it: the token alone
		// is left to revoke.
		if token, err := u.storedToken(ctx); err == nil {
			u.g.endQuietly(ctx, token.Access)
		}
	case errors.Is(err, ErrLogInAgain):
		// GitHub has let go already.
	case err != nil:
		return err
	}
	return u.g.db.Disconnect(context.WithoutCancel(ctx), u.userID)
}

// LogIn notes who logged in, and revokes the token that the new one replaces:
// GitHub keeps ten for each person and App, and ends the oldest for the
// eleventh, which could be one that another program lives by
// (https://docs.github.com/authentication/keeping-your-account-and-data-secure/token-expiration-and-revocation#token-revoked-due-to-excess-of-tokens).
func (g *GitHub) LogIn(ctx context.Context, profile db.Profile, token db.Token) (db.User, error) {
	replaced, err := g.db.GitHubTokenOf(ctx, profile.GitHubID)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return db.User{}, err
	}
	person, err := g.db.SignIn(ctx, profile, token)
	if err == nil && replaced.Access != "" && replaced.Access != token.Access {
		g.ending.Go(func() { g.endQuietly(context.WithoutCancel(ctx), replaced.Access) })
	}
	return person, err
}

// endQuietly revokes a token that nobody needs any more. Without it, the token
// ends in its own time.
func (g *GitHub) endQuietly(ctx context.Context, token string) {
	if err := g.endToken(ctx, "token", token); err != nil && !errors.Is(err, ErrNotFound) {
		g.log.WarnContext(ctx, "a token that is no longer needed could not be revoked", "error", err)
	}
}
