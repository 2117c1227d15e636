package github

import (
	"fmt"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/oauth2"
)

// GitHub accepts a JSON web token that expires at most ten minutes from now, by its
// own clock
// (https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app).
const (
	appTokenBehind = time.Minute     // for a clock that is fast
	appTokenAhead  = 9 * time.Minute // a minute less, for a clock that is fast
	appTokenRest   = time.Minute     // a new one is signed this long before the old one expires
)

// appSigner signs the app's JSON web tokens.
type appSigner struct {
	app App
	now func() time.Time
}

// appTokens returns the same token to all callers, and a new one when it is about to
// expire. It uses the clock of the signer, unlike the token source of oauth2.
type appTokens struct {
	signer appSigner

	mu     sync.Mutex
	latest *oauth2.Token
	signed time.Time
}

func newAppTokens(app App, now func() time.Time) oauth2.TokenSource {
	return &appTokens{signer: appSigner{app, now}}
}

// Token returns the latest token, or a new one if that is about to expire or the clock
// was set back.
func (t *appTokens) Token() (*oauth2.Token, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.signer.now()
	if t.latest != nil && !now.Before(t.signed) && now.Before(t.latest.Expiry.Add(-appTokenRest)) {
		return t.latest, nil
	}
	token, err := t.signer.Token()
	if err != nil {
		return nil, err
	}
	t.latest, t.signed = token, now
	return token, nil
}

// Token signs a new token.
func (s appSigner) Token() (*oauth2.Token, error) {
	if s.app.PrivateKey == nil {
		return nil, fmt.Errorf("%w: there is no private key", ErrAppCredentials)
	}
	now := s.now()
	claims := jwt.RegisteredClaims{
		Issuer:    s.app.ClientID,
		IssuedAt:  jwt.NewNumericDate(now.Add(-appTokenBehind)),
		ExpiresAt: jwt.NewNumericDate(now.Add(appTokenAhead)),
	}
	signed, err := jwt.NewWithClaims(jwt.SigningMethodRS256, claims).SignedString(s.app.PrivateKey)
	if err != nil {
		return nil, fmt.Errorf("%w: sign: %w", ErrAppCredentials, err)
	}
	return &oauth2.Token{AccessToken: signed, Expiry: claims.ExpiresAt.Time}, nil
}
