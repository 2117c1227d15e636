package github

import (
	"context"
	"errors"
	"time"

	"neptun/db"
)

const (
	// renewBefore is how long before its expiry a token is refreshed, so that it remains
	// valid for the requests it was fetched for.
	renewBefore = 5 * time.Minute
	// renewLease outlasts a refresh and storing its outcome.
	renewLease = interactiveTimeout + 2*renewWrite
	renewWrite = 5 * time.Second
	// renewPoll is how often callers check for another caller's refresh.
	renewPoll = 50 * time.Millisecond
)

// validToken returns the user's token, valid for the next minutes: it is refreshed when it
// is about to expire, once across all callers and instances. The error is ErrSignInAgain
// if GitHub no longer accepts the user.
func (u *UserClient) validToken(ctx context.Context) (db.StoredToken, error) {
	token, err := u.storedToken(ctx)
	if err != nil || token.AccessExpiresAt.IsZero() || u.g.now().Before(renewAt(token)) {
		return token, err
	}
	if u.background {
		switch active, err := u.g.db.IsActive(ctx, u.userID); {
		case err != nil:
			return db.StoredToken{}, err
		case !active:
			return db.StoredToken{}, ErrInactive
		}
	}
	if err := u.renew(ctx, token); err != nil {
		return db.StoredToken{}, err
	}
	// A new token is used however short its lifetime is.
	return u.storedToken(ctx)
}

// renewAt returns when a token is refreshed: renewBefore its expiry, or later if its
// lifetime is short.
func renewAt(token db.StoredToken) time.Time {
	margin := renewBefore
	if !token.IssuedAt.IsZero() {
		margin = min(margin, token.AccessExpiresAt.Sub(token.IssuedAt)/4)
	}
	return token.AccessExpiresAt.Add(-margin)
}

func (u *UserClient) storedToken(ctx context.Context) (db.StoredToken, error) {
	token, err := u.g.db.GitHubToken(ctx, u.userID)
	switch {
	case errors.Is(err, db.ErrNotFound):
		return db.StoredToken{}, ErrSignInAgain
	case err != nil:
		return db.StoredToken{}, err
	case token.Refusal == db.AccountSuspended:
		return db.StoredToken{}, ErrAccountSuspended
	case token.Refused:
		return db.StoredToken{}, ErrSignInAgain
	}
	return token, nil
}

// renew replaces a version of a token, or waits for the caller that is replacing it. If it
// returns nil, another version is stored.
func (u *UserClient) renew(ctx context.Context, token db.StoredToken) error {
	for {
		leased, err := u.g.db.LeaseGitHubToken(ctx, u.userID, token.Version, renewLease)
		if err != nil {
			return err
		}
		if leased {
			err := u.refresh(ctx, token)
			if errors.Is(err, ErrSignInAgain) && u.replaced(ctx, token) {
				return nil // a sign-in replaced the token meanwhile
			}
			return err
		}
		stored, err := u.storedToken(ctx)
		if err != nil || stored.Version != token.Version {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(renewPoll):
		}
	}
}

func (u *UserClient) replaced(ctx context.Context, token db.StoredToken) bool {
	stored, err := u.storedToken(ctx)
	return err == nil && stored.Version != token.Version
}

// refresh uses a refresh token whose lease the caller holds. GitHub invalidates it on
// use, so the new token must be stored even if the caller's context ends.
func (u *UserClient) refresh(ctx context.Context, token db.StoredToken) error {
	ctx = context.WithoutCancel(ctx)
	fresh, err := db.Token{}, ErrSignInAgain
	if token.Refresh != "" {
		fresh, err = u.g.refreshed(ctx, token.Refresh)
	}

	ctx, cancel := context.WithTimeout(ctx, renewWrite)
	defer cancel()
	switch {
	case err == nil:
		return u.g.db.RenewGitHubToken(ctx, u.userID, token.Version, fresh)
	case errors.Is(err, ErrSignInAgain):
		return errors.Join(err, u.g.db.RefuseGitHubToken(ctx, u.userID, token.Version, ""))
	}
	// It is unknown whether GitHub has used up the refresh token; the next attempt
	// shows it.
	return errors.Join(err, u.g.db.ReleaseGitHubToken(ctx, u.userID, token.Version))
}
