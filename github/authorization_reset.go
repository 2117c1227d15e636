package github

import (
	"context"
	"errors"
	"net/http"
	"time"

	"neptun/db"
)

// ResetAuthorization has GitHub replace a person's access token, at once. The
// refresh token stays; where GitHub refuses it later, the person logs in again.
// A refresh that is under way, on any instance, is waited for.
func (u *UserClient) ResetAuthorization(ctx context.Context) (Authorization, error) {
	for {
		token, err := u.liveToken(ctx)
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

// reset replaces a token, on which the caller has the lease. The old one is
// dead when GitHub has answered: a caller that goes away must not lose the new.
func (u *UserClient) reset(ctx context.Context, token db.StoredToken) (Authorization, error) {
	answer, err := u.g.askAboutToken(context.WithoutCancel(ctx), http.MethodPatch, token.Access)
	write, cancel := context.WithTimeout(context.WithoutCancel(ctx), renewWrite)
	defer cancel()
	if err != nil {
		err = errors.Join(err, u.g.db.ReleaseGitHubToken(write, u.userID, token.Version))
	}
	switch {
	case errors.Is(err, ErrNotFound):
		// It ended before its time. Its successor is as new as a reset one.
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
