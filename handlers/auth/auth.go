// Package auth identifies who sends a request, what they may do, and which installation record
// the path names.
package auth

import (
	"log/slog"
	"net/url"
	"sync"
	"time"

	"neptun/db"
	"neptun/handlers/web"
	"neptun/sessions"

	"github.com/labstack/echo/v4"
	"github.com/maypok86/otter/v2"
)

// Deps are the dependencies of an Authorizer. All are required but Limits.
type Deps struct {
	DB       *db.DB
	Sessions *sessions.Sessions
	Shares   *web.Shares
	Limits   *web.Limits // nil for none
	Logger   *slog.Logger
	Now      func() time.Time
	// URL is the public address of this server.
	URL *url.URL
	// OperatorRefused is called for a user who requests an operator's page without being one.
	OperatorRefused func(c echo.Context)
}

// Authorizer checks the credentials of requests.
type Authorizer struct {
	Deps
	uses      *otter.Cache[string, *time.Time] // when the use of a key was last recorded
	recording sync.WaitGroup
}

// New creates an Authorizer.
func New(deps Deps) (*Authorizer, error) {
	uses, err := otter.New(&otter.Options[string, *time.Time]{MaximumSize: recordedUses})
	return &Authorizer{Deps: deps, uses: uses}, err
}
