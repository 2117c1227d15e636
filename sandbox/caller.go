package sandbox

import (
	"fmt"
	"strings"
)

// caller is who the Authorization header says is asking: a person through the App, the App itself, or nobody.
type caller struct {
	user *account
	app  bool
}

func (c caller) login() string {
	if c.user == nil {
		return ""
	}
	return c.user.Login
}

// budget names whose rate limit the caller draws on, in GitHub's words; "" for nobody.
func (c caller) budget() string {
	switch {
	case c.user != nil:
		return fmt.Sprintf("user ID %d", c.user.id)
	case c.app:
		return "the App"
	}
	return ""
}

// authenticate finds out who is asking. The world is held.
func (s *Server) authenticate(c *call) error {
	header := c.Header.Get("Authorization")
	if header == "" {
		return nil
	}
	scheme, secret, _ := strings.Cut(header, " ")
	secret = strings.TrimSpace(secret)
	bearer := strings.EqualFold(scheme, "Bearer")
	if bearer && strings.Count(secret, ".") == 2 {
		c.caller.app = true
		if err := s.checkAppToken(secret); err != nil {
			c.caller.app = false
			return err
		}
		return nil
	}
	if !bearer && !strings.EqualFold(scheme, "token") {
		return errBadLogin
	}
	token := s.auth.access(secret, c.now)
	if token == nil {
		return errBadLogin
	}
	c.caller.user = s.world.accountByID(token.user)
	if c.caller.user == nil {
		return errBadLogin
	}
	c.header.Set("GitHub-Authentication-Token-Expiration", token.expires.UTC().Format("2006-01-02 15:04:05 UTC"))
	return nil
}

// gate says which callers may ask for an operation.
type gate func(*call) error

func anyone(*call) error { return nil }

func person(c *call) error {
	switch {
	case c.caller.user != nil:
		return nil
	case c.caller.app:
		return errIntegration
	}
	return errNoLogin
}

func personOrNobody(c *call) error {
	if c.caller.app {
		return errIntegration
	}
	return nil
}

// theApp takes nothing but the App's own JSON web token; a person's token can't be decoded as one.
func theApp(c *call) error {
	if !c.caller.app {
		return errUndecodable
	}
	return nil
}
