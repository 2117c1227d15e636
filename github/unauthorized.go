package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"neptun/db"
)

// youngToken is how long GitHub's replicas may not know a new token, and answer 401.
const youngToken = time.Minute

// defaultTokenRetries are the waits before a request that was answered 401 is sent
// again with the same token.
var defaultTokenRetries = []time.Duration{time.Second, 2 * time.Second, 4 * time.Second}

// retryYoung sends a request with a token that GitHub has just issued, and again
// while GitHub doesn't know it yet. refused is the error that says so.
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

// unauthorized tells a 401 from the other ends of a user's token.
func unauthorized(err error) bool {
	return errors.Is(err, ErrSignInAgain) && !errors.Is(err, ErrAccountSuspended)
}

// young reports whether GitHub's replicas may not know the token yet.
func (u *UserClient) young(token db.StoredToken) bool {
	return u.g.now().Sub(token.IssuedAt) < youngToken
}

// afterUnauthorized decides what a 401 to the user's token means, and sends the
// request again where it isn't the end. One 401 decides nothing: replicas don't know
// a new token yet, and stray ones happen. A token that isn't new is checked, as the
// App. The error is ErrSignInAgain when GitHub no longer accepts the user, which is
// recorded.
func (u *UserClient) afterUnauthorized(ctx context.Context, token db.StoredToken, send func(db.StoredToken) error) error {
	stored, err := u.storedToken(ctx)
	if err != nil {
		return err
	}
	if stored.Version != token.Version { // a refresh or a sign-in elsewhere
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
		return fmt.Errorf("%w: a token that is valid is refused", ErrUnavailable)
	case !errors.Is(check, ErrNotFound) && !errors.Is(check, ErrUnsupported):
		return check
	case young:
		return u.refuse(ctx, token, "")
	}
	return u.retryWithNewToken(ctx, token, send)
}

// retryWithNewToken sends the request with the successor of a token that has ended.
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

// checkToken asks as the App whether a user's token is valid. The error is
// ErrNotFound when it isn't, and ErrUnsupported from a server that can't tell.
func (g *GitHub) checkToken(ctx context.Context, token string) error {
	_, err := g.sendTokenRequest(ctx, http.MethodPost, token)
	return err
}

// refuse records that GitHub no longer accepts the user with this token, and why.
func (u *UserClient) refuse(ctx context.Context, token db.StoredToken, why db.Refusal) error {
	return errors.Join(ErrSignInAgain, u.g.db.RefuseGitHubToken(context.WithoutCancel(ctx), u.userID, token.Version, why))
}
