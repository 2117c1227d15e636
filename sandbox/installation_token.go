package sandbox

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"sync/atomic"
	"time"
)

const (
	installationTokenPrefix   = "ghs_"
	installationTokenLifetime = time.Hour
)

// installationToken is a token of the App for one account.
type installationToken struct {
	installation int64
	expires      time.Time
	restriction  *restriction
	created      time.Time
	requests     atomic.Int64
}

// newInstallationSecret has the format ghs_APPID_JWT, including the dots, that GitHub introduced in April 2026
// (https://github.blog/changelog/2026-05-15-github-app-installation-tokens-per-request-override-header).
func newInstallationSecret(app int64) string {
	part := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	head := fmt.Sprintf("%s%d_%s.", installationTokenPrefix, app, part(`{"typ":"JWT","alg":"RS256"}`))
	return randomToken(randomToken(head, tokenLength-343)+".", tokenLength)
}

// issueToken issues a token and deletes expired ones.
func (is *Installations) issueToken(i *installation, n *restriction, lifetime time.Duration) (secret string, expires time.Time) {
	now := is.world.now()
	for secret, token := range is.tokens {
		if !now.Before(token.expires) {
			delete(is.tokens, secret)
		}
	}
	secret, expires = newInstallationSecret(i.app.ID), now.Add(cmp.Or(lifetime, installationTokenLifetime))
	is.tokens[secret] = &installationToken{installation: i.id, expires: expires, restriction: n, created: now}
	return secret, expires
}

// authenticateInstallation rejects every request if the installation is suspended.
func (s *api) authenticateInstallation(c *call, secret string) error {
	token := s.world.Installations.tokens[secret]
	if token == nil || !c.now.Before(token.expires) {
		return errBadLogin
	}
	b, i := s.behavior.Load(), s.world.Installations.byID[token.installation]
	if i == nil || token.requests.Add(1) <= int64(b.TokenRefusals) || c.now.Sub(token.created) < b.TokenDelay {
		return errBadLogin
	}
	c.caller = caller{installation: i, token: token, app: i.app}
	if i.suspended() {
		return errSuspended
	}
	return s.refusal(c, i.account)
}
