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

// UserToken is a person's access token, good for the next minutes: renewed
// where it is about to expire, once over all callers and instances. The error
// is ErrLogInAgain for a person whom GitHub takes no more.
func (g *GitHub) UserToken(ctx context.Context, userID string) (string, error) {
	token, err := g.liveToken(ctx, userID)
	return token.Access, err
}

func (g *GitHub) liveToken(ctx context.Context, userID string) (db.StoredToken, error) {
	for {
		token, err := g.storedToken(ctx, userID)
		if err != nil {
			return db.StoredToken{}, err
		}
		if token.AccessExpiresAt.IsZero() || g.now().Add(renewBefore).Before(token.AccessExpiresAt) {
			return token, nil
		}
		if err := g.renew(ctx, userID, token); err != nil {
			return db.StoredToken{}, err
		}
	}
}

func (g *GitHub) storedToken(ctx context.Context, userID string) (db.StoredToken, error) {
	token, err := g.db.GitHubToken(ctx, userID)
	switch {
	case errors.Is(err, db.ErrNotFound):
		return db.StoredToken{}, ErrLogInAgain
	case err != nil:
		return db.StoredToken{}, err
	case token.Refused:
		return db.StoredToken{}, ErrLogInAgain
	}
	return token, nil
}

// renew has a version of a token replaced, by this caller or by the one that
// is at it already. When it returns nil, another version is stored.
func (g *GitHub) renew(ctx context.Context, userID string, token db.StoredToken) error {
	for {
		leased, err := g.db.LeaseGitHubToken(ctx, userID, token.Version, renewLease)
		if err != nil {
			return err
		}
		if leased {
			err := g.refresh(ctx, userID, token)
			if errors.Is(err, ErrLogInAgain) && g.replaced(ctx, userID, token) {
				return nil // a login came between, and ended the former token
			}
			return err
		}
		stored, err := g.storedToken(ctx, userID)
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

func (g *GitHub) replaced(ctx context.Context, userID string, token db.StoredToken) bool {
	stored, err := g.storedToken(ctx, userID)
	return err == nil && stored.Version != token.Version
}

// refresh uses a refresh token, on which the caller has the lease. It is used
// up when GitHub has it: a caller that goes away must not lose its successor.
func (g *GitHub) refresh(ctx context.Context, userID string, token db.StoredToken) error {
	ctx = context.WithoutCancel(ctx)
	fresh, err := db.Token{}, ErrLogInAgain
	if token.Refresh != "" {
		fresh, err = g.refreshed(ctx, token.Refresh)
	}

	ctx, cancel := context.WithTimeout(ctx, renewWrite)
	defer cancel()
	switch {
	case err == nil:
		return g.db.RenewGitHubToken(ctx, userID, token.Version, fresh)
	case errors.Is(err, ErrLogInAgain):
		return errors.Join(err, g.db.RefuseGitHubToken(ctx, userID, token.Version))
	}
	// Whether GitHub has used up the refresh token nobody knows; the next try
	// will tell.
	return errors.Join(err, g.db.ReleaseGitHubToken(ctx, userID, token.Version))
}
