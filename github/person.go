package github

import (
	"context"
	"errors"
	"net/http"

	"neptun/db"
)

// person asks GitHub in somebody's name, whatever becomes of their token
// meanwhile.
type person struct {
	g       *GitHub
	userID  string
	carrier *http.Client

	client  *client // for the token of this version
	version int64
}

// get is client.get with the person's token of the moment. The error is
// ErrLogInAgain only when GitHub refused the newest token there is, which is
// noted.
func (p *person) get(ctx context.Context, path string, answer any) (next int, err error) {
	token, err := p.g.liveToken(ctx, p.userID)
	if err != nil {
		return 0, err
	}
	next, err = p.with(token).get(ctx, path, answer)
	if !errors.Is(err, ErrLogInAgain) {
		return next, err
	}
	// A refresh or a login elsewhere ends a token before its time.
	if err := p.g.renew(ctx, p.userID, token); err != nil {
		return 0, err
	}
	if token, err = p.g.storedToken(ctx, p.userID); err != nil {
		return 0, err
	}
	next, err = p.with(token).get(ctx, path, answer)
	if errors.Is(err, ErrLogInAgain) {
		return 0, errors.Join(err, p.g.db.RefuseGitHubToken(ctx, p.userID, token.Version))
	}
	return next, err
}

func (p *person) with(token db.StoredToken) *client {
	if p.client == nil || p.version != token.Version {
		p.client, p.version = p.g.newClient(p.carrier, token.Access, ErrLogInAgain), token.Version
	}
	return p.client
}
