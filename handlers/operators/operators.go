// Package operators serves the pages and the API for operators: GitHub's facts about the app,
// its installations, webhook and deliveries, and the audit log.
package operators

import (
	"net/url"
	"time"

	"neptun/db"
	"neptun/github"
	"neptun/handlers/audit"
	"neptun/handlers/auth"
	"neptun/handlers/respond"
	"neptun/syncer"
)

// Handlers serves operators.
type Handlers struct {
	DB      *db.DB
	GitHub  *github.GitHub
	Syncer  *syncer.Syncer
	Respond *respond.Responder
	Audit   *audit.Log
	Auth    *auth.Authorizer
	Now     func() time.Time
	// URL is the public address of this server, and Host its GitHub.
	URL  *url.URL
	Host github.Host
	// AllowAppTokens lets operators create installation tokens.
	AllowAppTokens bool
}
