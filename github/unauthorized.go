package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"neptun/db"
)

// youngToken is how long GitHub's replicas may not know a new token, and respond 401.
const youngToken = time.Minute

// defaultTokenRetries are the delays before a request that got a 401 is repeated with the
// same token.
var defaultTokenRetries = []time.Duration{time.Second, 2 * time.Second, 4 * time.Second}

// retryYoung sends a request with a token that GitHub has just issued, and retries while
// GitHub doesn't know it yet. refused is the error that means so.
func (g *GitHub) retryYoung(ctx context.Context, refused error, send func() error) error {
	err := send()
	for _, wait := range g.tokenRetries {
		if !errors.Is(err, refused) {
			return err
		}
		if waitErr := sleep(ctx, wait); waitErr != nil {
			return waitErr
		}
		err = send()
	}
	return err
}

func sleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// unauthorized distinguishes a 401 from other errors about a user's token.
func unauthorized(err error) bool {
	return errors.Is(err, ErrSignInAgain) && !errors.Is(err, ErrAccountSuspended)
}

// young reports whether GitHub's replicas may not know the token yet.
func (u *UserClient) young(token db.StoredToken) bool {
	return u.g.now().Sub(token.IssuedAt) < youngToken
}

// afterUnauthorized decides what a 401 to the user's token means, and retries unless the
// token is invalid. A single 401 decides nothing: replicas may not know a new token yet,
// and spurious ones happen. A token that isn't new is checked as the App. The error is
// ErrSignInAgain if GitHub no longer accepts the user's authorization, which is recorded.
func (u *UserClient) afterUnauthorized(ctx context.Context, token db.StoredToken, send func(db.StoredToken) error) error {
	stored, err := u.storedToken(ctx)
	if err != nil {
		return err
	}
	if stored.Version != token.Version { // replaced by a refresh or a sign-in
		token = stored
		if err := send(token); !unauthorized(err) {
			return err
		}
	}
	young := u.young(token)
	check := ErrUnsupported
	if !young {
		if check = u.g.checkToken(ctx, token.Access); errors.Is(check, ErrNotFound) {
			return u.retryWithNewToken(ctx, token, send)
		}
	}
	for _, wait := range u.g.tokenRetries {
		if err := sleep(ctx, wait); err != nil {
			return err
		}
		if token, err = u.storedToken(ctx); err != nil {
			return err
		}
		if err := send(token); !unauthorized(err) {
			return err
		}
	}
	if check != nil {
		check = u.g.checkToken(ctx, token.Access)
	}
	switch {
	case check == nil:
		return fmt.Errorf("%w: a valid token is rejected", ErrUnavailable)
	case !errors.Is(check, ErrNotFound) && !errors.Is(check, ErrUnsupported):
		return check
	case young:
		return u.refuse(ctx, token, "")
	}
	return u.retryWithNewToken(ctx, token, send)
}

// retryWithNewToken sends the request with the successor of an expired token.
func (u *UserClient) retryWithNewToken(ctx context.Context, ended db.StoredToken, send func(db.StoredToken) error) error {
	if err := u.renew(ctx, ended); err != nil {
		return err
	}
	token, err := u.storedToken(ctx)
	if err != nil {
		return err
	}
	err = u.g.retryYoung(ctx, ErrSignInAgain, func() error { return send(token) })
	if unauthorized(err) {
		return u.refuse(ctx, token, "")
	}
	return err
}

// checkToken checks as the App whether a user's token is valid. The error is ErrNotFound
// if it isn't, and ErrUnsupported from a server without this operation.
func (g *GitHub) checkToken(ctx context.Context, token string) error {
	_, err := g.sendTokenRequest(ctx, http.MethodPost, token)
	return err
}

// refuse records that GitHub no longer accepts the user's token, and why.
func (u *UserClient) refuse(ctx context.Context, token db.StoredToken, why db.Refusal) error {
	return errors.Join(ErrSignInAgain, u.g.db.RefuseGitHubToken(context.WithoutCancel(ctx), u.userID, token.Version, why))
}
