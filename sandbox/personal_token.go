package sandbox

import (
	"slices"
	"strings"
)

const personalTokenPrefix = "ghp_"

// personalToken is a personal access token (classic).
type personalToken struct {
	user   int64
	scopes []string
}

func (t *personalToken) has(scope string) bool { return slices.Contains(t.scopes, scope) }

// AddPersonalToken creates a classic personal access token for a user; the default scope is "repo".
func (as *Accounts) AddPersonalToken(login string, scopes ...string) string {
	if len(scopes) == 0 {
		scopes = []string{"repo"}
	}
	as.world.mu.Lock()
	defer as.world.mu.Unlock()
	secret := randomToken(personalTokenPrefix, 40)
	as.personalTokens[secret] = &personalToken{as.must(login).id, scopes}
	return secret
}

func (s *api) authenticatePersonalToken(c *call, secret string) error {
	token := s.world.Accounts.personalTokens[secret]
	if token == nil {
		return errBadLogin
	}
	u := s.world.Accounts.byID(token.user)
	if u == nil {
		return errBadLogin
	}
	c.caller = caller{user: u, personal: token}
	c.header.Set("X-OAuth-Scopes", strings.Join(token.scopes, ", "))
	return nil
}
