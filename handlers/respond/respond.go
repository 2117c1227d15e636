// Package respond ends requests: with a page, a fragment of it, JSON, a redirect
// or an error, in whichever form the client asked for.
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
	// Home is the overview, where users who sign in go who weren't going anywhere else.
	Home = "/"
	// Installations is the list to which what concerns installations returns.
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
	// Demo is true where GitHub is the sandbox.
	Demo bool
}
