package github

import (
	"context"
	"errors"
	"time"

	"neptun/db"
)

const (
	// renewBefore is how long before its end a token is renewed, so that it
	// lasts for what it is fetched for.
	renewBefore = 5 * time.Minute
	// renewLease outlasts a refresh and the writing of its outcome.
	renewLease = interactiveTimeout + 2*renewWrite
	renewWrite = 5 * time.Second
	// renewPoll is how often those look who wait for another's refresh.
	renewPoll = 50 * time.Millisecond
)

// validToken is the user's token, good for the next minutes: refreshed where it is
// about to expire, once over all callers and instances. The error is ErrSignInAgain
// for a user whom GitHub no longer accepts.
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
	// A new token is used however short its life is.
	return u.storedToken(ctx)
}

// renewAt is when a token is renewed: for one with a short life, later than
// renewBefore its end.
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

// renew has a version of a token replaced, by this caller or by the one that
// is at it already. When it returns nil, another version is stored.
func (u *UserClient) renew(ctx context.Context, token db.StoredToken) error {
	for {
		leased, err := u.g.db.LeaseGitHubToken(ctx, u.userID, token.Version, renewLease)
		if err != nil {
			return err
		}
		if leased {
			err := u.refresh(ctx, token)
			if errors.Is(err, ErrSignInAgain) && u.replaced(ctx, token) {
				return nil // a login came between, and ended the former token
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

// refresh uses a refresh token, on which the caller has the lease. It is used
// up when GitHub has it: a caller that goes away must not lose its successor.
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
	// Whether GitHub has used up the refresh token nobody knows; the next try
	// will tell.
	return errors.Join(err, u.g.db.ReleaseGitHubToken(ctx, u.userID, token.Version))
}
