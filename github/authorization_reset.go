package github

import (
	"context"
	"errors"
	"net/http"
	"time"

	"neptun/db"
)

// ResetAuthorization replaces the user's access token. The refresh token stays; if
// GitHub refuses it later, the user has to sign in again. It waits for a refresh that
// is running on any instance.
func (u *UserClient) ResetAuthorization(ctx context.Context) (Authorization, error) {
	for {
		token, err := u.validToken(ctx)
		if err != nil {
			return Authorization{}, err
		}
		leased, err := u.g.db.LeaseGitHubToken(ctx, u.userID, token.Version, renewLease)
		if err != nil {
			return Authorization{}, err
		}
		if leased {
			return u.reset(ctx, token)
		}
		select {
		case <-ctx.Done():
			return Authorization{}, ctx.Err()
		case <-time.After(renewPoll):
		}
	}
}

// reset replaces a token whose lease the caller holds. GitHub's response invalidates
// the old token, so the new one must be stored even if the caller has gone away.
func (u *UserClient) reset(ctx context.Context, token db.StoredToken) (Authorization, error) {
	answer, err := u.g.sendTokenRequest(context.WithoutCancel(ctx), http.MethodPatch, token.Access)
	write, cancel := context.WithTimeout(context.WithoutCancel(ctx), renewWrite)
	defer cancel()
	if err != nil {
		err = errors.Join(err, u.g.db.ReleaseGitHubToken(write, u.userID, token.Version))
	}
	switch {
	case errors.Is(err, ErrNotFound):
		// It was invalid before it expired. A refreshed token is as new as a reset one.
		if err := u.renew(ctx, token); err != nil {
			return Authorization{}, err
		}
		return u.Authorization(ctx)
	case err != nil:
		return Authorization{}, err
	}
	fresh := token.Token
	fresh.Access = answer.Token
	if answer.ExpiresAt != nil {
		fresh.AccessExpiresAt = *answer.ExpiresAt
	}
	if err := u.g.db.RenewGitHubToken(write, u.userID, token.Version, fresh); err != nil {
		return Authorization{}, err
	}
	return u.g.convertAuthorization(answer), nil
}
