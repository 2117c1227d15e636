// Package auth tells who sends a request, what they may do, and which
// installation record the path names for them.
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

// Deps are what an Authorizer works with. All are required but Limits.
type Deps struct {
	DB       *db.DB
	Sessions *sessions.Sessions
	Shares   *web.Shares
	Limits   *web.Limits // nil for none
	Logger   *slog.Logger
	Now      func() time.Time
	// URL is the public address of this server.
	URL *url.URL
	// OperatorRefused hears of a user who isn't an operator, and asked for what is
	// theirs.
	OperatorRefused func(c echo.Context)
}

// Authorizer checks the credentials of requests.
type Authorizer struct {
	Deps
	uses      *otter.Cache[string, time.Time] // when the use of a key was last recorded
	recording sync.WaitGroup
}

// New creates an Authorizer.
func New(deps Deps) (*Authorizer, error) {
	uses, err := otter.New(&otter.Options[string, time.Time]{MaximumSize: recordedUses})
	return &Authorizer{Deps: deps, uses: uses}, err
}
