package github

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"neptun/db"
)

// budgetPath is where GitHub tells a person's limits, also while they hold
// (https://docs.github.com/rest/rate-limit/rate-limit).
const budgetPath = "rate_limit"

// limitWrite is how long noting a limit may take.
const limitWrite = 10 * time.Second

// UserClient asks GitHub in a user's name, whatever becomes of their token
// meanwhile. It is safe for concurrent use.
type UserClient struct {
	g          *GitHub
	userID     string
	httpClient *http.Client
	background bool

	mu      sync.Mutex
	client  *client // for the token of this version
	version int64
}

// AsUser asks in a user's name while somebody waits for the answer.
func (g *GitHub) AsUser(userID string) *UserClient {
	return &UserClient{g: g, userID: userID, httpClient: g.interactive}
}

// AsUserInBackground asks in a user's name for what nobody waits for. The error is
// ErrInactive where that would take a new token for a user who is inactive.
func (g *GitHub) AsUserInBackground(userID string) *UserClient {
	return &UserClient{g: g, userID: userID, httpClient: g.background, background: true}
}

// CheckToken asks GitHub once whether it accepts the user's token. After the user
// revoked the authorization, one 401 is the end. The error is then ErrSignInAgain.
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

// get is client.get with the person's token of the moment.
func (u *UserClient) get(ctx context.Context, path string, answer any) (next int, err error) {
	err = u.ask(ctx, path, func(c *client, _ int64) error {
		next, err = c.get(ctx, path, answer)
		return err
	})
	return next, err
}

// ask sends a request with the user's present token and its version. The error is
// ErrSignInAgain only when GitHub no longer accepts the user, which is recorded. So
// is a rate limit: until it ends, no instance sends a request in this user's name.
func (u *UserClient) ask(ctx context.Context, path string, send func(c *client, version int64) error) error {
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
	if path == budgetPath {
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
		// The others have to hear of it even if this request's own time is over.
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
