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
func (g *GitHub) ResetAuthorization(ctx context.Context, userID string) (Authorization, error) {
	for {
		token, err := g.liveToken(ctx, userID)
		if err != nil {
			return Authorization{}, err
		}
		leased, err := g.db.LeaseGitHubToken(ctx, userID, token.Version, renewLease)
		if err != nil {
			return Authorization{}, err
		}
		if leased {
			return g.reset(ctx, userID, token)
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
func (g *GitHub) reset(ctx context.Context, userID string, token db.StoredToken) (Authorization, error) {
	answer, err := g.askAboutToken(context.WithoutCancel(ctx), http.MethodPatch, token.Access)
	write, cancel := context.WithTimeout(context.WithoutCancel(ctx), renewWrite)
	defer cancel()
	if err != nil {
		err = errors.Join(err, g.db.ReleaseGitHubToken(write, userID, token.Version))
	}
	switch {
	case errors.Is(err, ErrNotFound):
		// It ended before its time. Its successor is as new as a reset one.
		if err := g.renew(ctx, userID, token); err != nil {
			return Authorization{}, err
		}
		return g.Authorization(ctx, userID)
	case err != nil:
		return Authorization{}, err
	}
	fresh := token.Token
	fresh.Access = answer.Token
	if answer.ExpiresAt != nil {
		fresh.AccessExpiresAt = *answer.ExpiresAt
	}
	if err := g.db.RenewGitHubToken(write, userID, token.Version, fresh); err != nil {
		return Authorization{}, err
	}
	return g.convertAuthorization(answer), nil
}
