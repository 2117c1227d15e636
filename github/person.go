package github

import (
	"context"
	"errors"
	"net/http"
	"sync"

	"neptun/db"
)

// budgetPath is where GitHub tells a person's limits, also while they hold
// (https://docs.github.com/rest/rate-limit/rate-limit).
const budgetPath = "rate_limit"

// person asks GitHub in somebody's name, whatever becomes of their token
// meanwhile. It is safe for concurrent use.
type person struct {
	g       *GitHub
	userID  string
	carrier *http.Client

	mu      sync.Mutex
	client  *client // for the token of this version
	version int64
}

// get is client.get with the person's token of the moment.
func (p *person) get(ctx context.Context, path string, answer any) (next int, err error) {
	err = p.ask(ctx, path, func(c *client, _ int64) error {
		next, err = c.get(ctx, path, answer)
		return err
	})
	return next, err
}

// ask sends a request with the person's token of the moment, whose version it
// tells. The error is ErrLogInAgain only when GitHub refused the newest token
// there is, which is noted. A limit is noted too: until it ends, nobody asks
// GitHub in this person's name, on any instance.
func (p *person) ask(ctx context.Context, path string, send func(c *client, version int64) error) error {
	token, err := p.g.liveToken(ctx, p.userID)
	if err != nil {
		return err
	}
	err = p.send(ctx, path, token, send)
	if !errors.Is(err, ErrLogInAgain) {
		return err
	}
	// A refresh or a login elsewhere ends a token before its time.
	if err := p.g.renew(ctx, p.userID, token); err != nil {
		return err
	}
	if token, err = p.g.storedToken(ctx, p.userID); err != nil {
		return err
	}
	err = p.send(ctx, path, token, send)
	if errors.Is(err, ErrLogInAgain) {
		return errors.Join(err, p.g.db.RefuseGitHubToken(ctx, p.userID, token.Version))
	}
	return err
}

func (p *person) send(ctx context.Context, path string, token db.StoredToken, send func(c *client, version int64) error) error {
	if path == budgetPath {
		return send(p.with(token), token.Version)
	}
	standing, err := p.g.db.RequestLimit(ctx, p.userID)
	if err != nil {
		return err
	}
	if !standing.Until.IsZero() {
		return &RateLimitError{Until: standing.Until, Secondary: standing.Secondary}
	}
	err = send(p.with(token), token.Version)
	var limit *RateLimitError
	if errors.As(err, &limit) {
		// The others have to hear of it even if this request's own time is over.
		note, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
		defer cancel()
		return errors.Join(err, p.g.db.PutRequestLimit(note, p.userID, db.RequestLimit{Until: limit.Until, Secondary: limit.Secondary}))
	}
	return err
}

func (p *person) with(token db.StoredToken) *client {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.client == nil || p.version != token.Version {
		p.client, p.version = p.g.newClient(p.carrier, token.Access, ErrLogInAgain), token.Version
	}
	return p.client
}
