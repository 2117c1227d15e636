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

// AddPersonalToken gives a user a classic personal access token; without any scopes named it has "repo".
func (w *World) AddPersonalToken(login string, scopes ...string) string {
	if len(scopes) == 0 {
		scopes = []string{"repo"}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	secret := randomToken(personalTokenPrefix, 40)
	w.personalTokens[secret] = &personalToken{w.mustAccount(login).id, scopes}
	return secret
}

func (s *Server) authenticatePersonalToken(c *call, secret string) error {
	token := s.world.personalTokens[secret]
	if token == nil {
		return errBadLogin
	}
	u := s.world.accountByID(token.user)
	if u == nil {
		return errBadLogin
	}
	c.caller = caller{user: u, personal: token}
	c.header.Set("X-OAuth-Scopes", strings.Join(token.scopes, ", "))
	return nil
}
