// Package operators serves the pages and the API of those who run the app as a
// whole: what GitHub says of it, its installations, webhook and deliveries, and
// the audit log.
package operators

import (
	"net/url"
	"time"

	"neptun/db"
	"neptun/github"
	"neptun/handlers/audit"
	"neptun/handlers/respond"
	"neptun/syncer"
)

// Handlers serve operators.
type Handlers struct {
	DB      *db.DB
	GitHub  *github.GitHub
	Syncer  *syncer.Syncer
	Respond *respond.Responder
	Audit   *audit.Log
	Now     func() time.Time
	// URL is the public address of this server, and Host its GitHub.
	URL  *url.URL
	Host github.Host
}
