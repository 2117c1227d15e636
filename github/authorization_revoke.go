package github

import (
	"context"
	"errors"

	"neptun/db"
)

// RevokeAuthorization revokes a user's authorization of the app on GitHub, with all
// its tokens, and then deletes the user's tokens and sessions from Neptun. Imports
// are kept in case the user comes back. If GitHub no longer has the authorization,
// that counts as revoked.
func (u *UserClient) RevokeAuthorization(ctx context.Context) error {
	err := u.withToken(ctx, func(token db.StoredToken) error {
		return u.g.revokeToken(ctx, "grant", token.Access)
	})
	switch {
	case errors.Is(err, ErrNotFound):
		// GitHub knows the newest token but no grant for it: only the token is left to
		// revoke.
		if token, err := u.storedToken(ctx); err == nil {
			u.g.revokeUnneededToken(ctx, token.Access)
		}
	case errors.Is(err, ErrSignInAgain):
		// GitHub has already revoked it.
	case err != nil:
		return err
	}
	return u.g.db.EndAuthorization(context.WithoutCancel(ctx), u.userID)
}

// SignIn records a sign-in and revokes the token that the new one replaces: GitHub
// keeps ten tokens for each user and app, and revokes the oldest when it issues an
// eleventh. Another program may depend on that one
// (https://docs.github.com/authentication/keeping-your-account-and-data-secure/token-expiration-and-revocation#token-revoked-due-to-excess-of-tokens).
func (g *GitHub) SignIn(ctx context.Context, profile db.Profile, token db.Token) (db.User, error) {
	replaced, err := g.db.GitHubTokenOf(ctx, profile.GitHubID)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return db.User{}, err
	}
	person, err := g.db.SignIn(ctx, profile, token)
	if err == nil && replaced.Access != "" && replaced.Access != token.Access {
		g.ending.Go(func() { g.revokeUnneededToken(context.WithoutCancel(ctx), replaced.Access) })
	}
	return person, err
}

// revokeUnneededToken revokes a token that is no longer needed. If that fails, the
// token expires later.
func (g *GitHub) revokeUnneededToken(ctx context.Context, token string) {
	if err := g.revokeToken(ctx, "token", token); err != nil && !errors.Is(err, ErrNotFound) {
		g.log.WarnContext(ctx, "a token that is no longer needed could not be revoked", "error", err)
	}
}
