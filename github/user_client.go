package github

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"neptun/db"
)

// rateLimitPath is the path of a user's rate limits, which can be requested even when they
// are used up
const rateLimitPath = "rate_limit"

// limitWrite bounds the time for storing a rate limit.
const limitWrite = 10 * time.Second

// UserClient sends requests as a user, and refreshes and replaces their token as needed.
// It is safe for concurrent use.
type UserClient struct {
	g          *GitHub
	userID     string
	httpClient *http.Client
	background bool

	mu      sync.Mutex
	client  *client // for the token of this version
	version int64
}

// AsUser returns a client for requests that a user waits for.
func (g *GitHub) AsUser(userID string) *UserClient {
	return &UserClient{g: g, userID: userID, httpClient: g.interactive}
}

// AsUserInBackground returns a client for background requests. The error is ErrInactive if
// a request would need a new token for an inactive user.
func (g *GitHub) AsUserInBackground(userID string) *UserClient {
	return &UserClient{g: g, userID: userID, httpClient: g.background, background: true}
}

// CheckToken checks once whether GitHub accepts the user's token. It is for revocations,
// so a single 401 is final. The error is then ErrSignInAgain.
func (u *UserClient) CheckToken(ctx context.Context) error {
	token, err := u.storedToken(ctx)
	if err != nil {
		return err
	}
	return u.send(ctx, "user", token, func(c *client, _ int64) error {
		var answer user
		_, err := c.get(ctx, "user", &answer)
		return err
	})
}

// get is client.get with the user's current token.
func (u *UserClient) get(ctx context.Context, path string, answer any) (next int, err error) {
	err = u.do(ctx, path, func(c *client, _ int64) error {
		next, err = c.get(ctx, path, answer)
		return err
	})
	return next, err
}

// do sends a request with the user's current token and its version. The error is
// ErrSignInAgain only if GitHub no longer accepts the user, which is recorded. A rate
// limit is recorded too: until it ends, no instance sends a request for this user.
func (u *UserClient) do(ctx context.Context, path string, send func(c *client, version int64) error) error {
	token, err := u.validToken(ctx)
	if err != nil {
		return err
	}
	err = u.send(ctx, path, token, send)
	if unauthorized(err) {
		err = u.afterUnauthorized(ctx, token, func(next db.StoredToken) error {
			token = next
			return u.send(ctx, path, next, send)
		})
	}
	if errors.Is(err, ErrAccountSuspended) {
		return errors.Join(err, u.refuse(ctx, token, db.AccountSuspended))
	}
	return err
}

func (u *UserClient) send(ctx context.Context, path string, token db.StoredToken, send func(c *client, version int64) error) error {
	if path == rateLimitPath {
		return send(u.with(token), token.Version)
	}
	standing, err := u.g.db.RequestLimit(ctx, u.userID)
	if err != nil {
		return err
	}
	if !standing.Until.IsZero() {
		return &RateLimitError{Until: standing.Until, Secondary: standing.Secondary}
	}
	err = send(u.with(token), token.Version)
	var limit *RateLimitError
	if errors.As(err, &limit) {
		// Other instances need it even if this request's context has ended.
		note, cancel := context.WithTimeout(context.WithoutCancel(ctx), limitWrite)
		defer cancel()
		return errors.Join(err, u.g.db.PutRequestLimit(note, u.userID, db.RequestLimit{Until: limit.Until, Secondary: limit.Secondary}))
	}
	return err
}

func (u *UserClient) with(token db.StoredToken) *client {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.client == nil || u.version != token.Version {
		u.client, u.version = u.g.newClient(u.httpClient, token.Access, ErrSignInAgain), token.Version
	}
	return u.client
}
