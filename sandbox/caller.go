package sandbox

import (
	"fmt"
	"strings"
)

// caller is the identity in the Authorization header. The zero value is anonymous.
type caller struct {
	user         *account           // a user, through the App or with a personal token
	userToken    *userAccessToken   // the App's token for the user
	personal     *personalToken     // or a classic personal token
	app          *app               // the App itself, or the one that issued the user's or the installation's token
	asApp        bool               // by a JSON web token
	asClient     bool               // by client id and secret
	installation *installation      // by an installation's token
	token        *installationToken // that token
}

func (c caller) login() string {
	if c.user == nil {
		return ""
	}
	return c.user.Login
}

// rateLimitName returns the name of the rate limit that the request counts against, "" for none.
func (c caller) rateLimitName() string {
	switch {
	case c.user != nil:
		return fmt.Sprintf("user ID %d", c.user.id)
	case c.installation != nil:
		return fmt.Sprintf("installation ID %d", c.installation.id)
	case c.app != nil:
		return fmt.Sprintf("the App %d", c.app.ID)
	}
	return ""
}

// authenticate identifies the caller. The world is locked.
func (s *api) authenticate(c *call) error {
	header := c.Header.Get("Authorization")
	if header == "" {
		return nil
	}
	scheme, secret, _ := strings.Cut(header, " ")
	secret = strings.TrimSpace(secret)
	bearer := strings.EqualFold(scheme, "Bearer")
	switch {
	case strings.EqualFold(scheme, "Basic"):
		return s.authenticateClient(c)
	case !bearer && !strings.EqualFold(scheme, "token"):
		return errBadLogin
	case strings.HasPrefix(secret, installationTokenPrefix):
		return s.authenticateInstallation(c, secret)
	case strings.HasPrefix(secret, personalTokenPrefix):
		return s.authenticatePersonalToken(c, secret)
	case bearer && strings.Count(secret, ".") == 2:
		app, err := s.appOfToken(secret)
		c.caller.app, c.caller.asApp = app, err == nil
		return err
	}
	token := s.auth.byAccessToken(secret, c.now)
	if token == nil {
		return errBadLogin
	}
	u := s.world.Accounts.byID(token.user)
	if u == nil || s.auth.unknown(token, s.behavior.Load(), c.now) {
		return errBadLogin
	}
	c.caller = caller{user: u, userToken: token, app: token.app}
	c.header.Set("GitHub-Authentication-Token-Expiration", token.expires.UTC().Format("2006-01-02 15:04:05 UTC"))
	return s.refusal(c, u)
}

// authenticateClient accepts the App's client id and secret, which the operations on authorizations require.
func (s *api) authenticateClient(c *call) error {
	id, secret, ok := c.BasicAuth()
	app := s.world.Apps.byClientID(id)
	if !ok || app == nil || !sameSecret(secret, app.ClientSecret) {
		return errBadLogin
	}
	c.caller = caller{app: app, asClient: true}
	return nil
}

// authorization decides which callers may use an operation.
type authorization func(*call) error

func anyone(*call) error { return nil }

func userToken(c *call) error {
	switch {
	case c.caller.user != nil:
		return nil
	case c.caller.asApp || c.caller.installation != nil:
		return errIntegration
	}
	return errNoLogin
}

// appUserToken accepts only user access tokens of an App; a personal token belongs to no App.
func appUserToken(c *call) error {
	if c.caller.personal != nil {
		return errNotThroughApp
	}
	return userToken(c)
}

// userOrInstallation accepts users' and installations' tokens.
func userOrInstallation(c *call) error {
	if c.caller.installation != nil {
		return nil
	}
	return userToken(c)
}

// notAppToken accepts every caller but the App itself.
func notAppToken(c *call) error {
	if c.caller.asApp {
		return errIntegration
	}
	return nil
}

// appToken accepts only the App's own JSON web token; no other token can be decoded as one.
func appToken(c *call) error {
	if !c.caller.asApp {
		return errUndecodable
	}
	return nil
}

// installationAccess accepts an installation's token.
func installationAccess(c *call) error {
	switch {
	case c.caller.installation != nil:
		return nil
	case c.caller.user != nil || c.caller.asApp:
		return errNotInstallation
	}
	return errNoLogin
}

// clientCredentials accepts the client id in the path, with its secret.
func clientCredentials(c *call) error {
	switch {
	case !c.caller.asClient:
		return errNoLogin
	case c.PathValue("client_id") != c.caller.app.ClientID:
		return errNotFound
	}
	return nil
}

// personalAccess accepts a classic personal token with the scope "repo".
func personalAccess(c *call) error {
	if err := userToken(c); err != nil {
		return err
	}
	if c.caller.personal == nil {
		return errIntegration
	}
	if !c.caller.personal.has("repo") {
		return errMissingScope
	}
	return nil
}
