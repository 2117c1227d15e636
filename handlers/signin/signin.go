// Package signin signs users in through GitHub and out, and handles their return from installing
// the app.
package signin

import (
	"net/url"
	"sync/atomic"

	"neptun/db"
	"neptun/github"
	"neptun/handlers/audit"
	"neptun/handlers/auth"
	"neptun/handlers/respond"
	"neptun/sessions"
	"neptun/syncer"
)

// Handlers serves signing in and out.
type Handlers struct {
	DB       *db.DB
	GitHub   *github.GitHub
	Sessions *sessions.Sessions
	Syncer   *syncer.Syncer
	Auth     *auth.Authorizer
	Respond  *respond.Responder
	Audit    *audit.Log
	// URL is the public address of this server.
	URL *url.URL

	sharing atomic.Bool // whether the warning about shared cookies was logged
}
