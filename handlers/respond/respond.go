// Package respond ends requests: with a page, a fragment, JSON, a redirect or an error, in the
// format that the client requests.
package respond

import (
	"log/slog"
	"time"

	"neptun/github"
	"neptun/handlers/auth"
	"neptun/handlers/web"
	"neptun/sessions"
)

const (
	// Home is the overview, where users go after signing in by default.
	Home = "/"
	// Installations is the page that actions on installations return to.
	Installations = "/installations"
)

// InstallPath redirects to the page on GitHub that installs the app.
const InstallPath = "/auth/github/install"

// CallbackURL is where GitHub sends the browser after a sign-in.
func (r *Responder) CallbackURL() string {
	return r.Auth.URL.JoinPath("/auth/github/callback").String()
}

// Responder writes responses.
type Responder struct {
	*web.Responder
	Auth     *auth.Authorizer
	Sessions *sessions.Sessions
	GitHub   *github.GitHub
	Host     github.Host
	Shares   *web.Shares
	Logger   *slog.Logger
	Now      func() time.Time
	// Demo is true if GitHub is the sandbox.
	Demo bool
}
