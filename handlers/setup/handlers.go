// Package setup creates the app on GitHub, from the browser of a user who can read
// the log of this server.
package setup

import (
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"neptun/db"
	"neptun/github"
	"neptun/handlers/audit"
	"neptun/handlers/auth"
	"neptun/handlers/respond"
	"neptun/handlers/web"
	"neptun/sessions"

	"github.com/labstack/echo/v4"
)

// Deps are the dependencies of the setup. All are required.
type Deps struct {
	DB       *db.DB
	GitHub   *github.GitHub
	Sessions *sessions.Sessions
	Auth     *auth.Authorizer
	Respond  *respond.Responder
	Audit    *audit.Log
	Logger   *slog.Logger
	Now      func() time.Time
	Site     web.Site
	// URL is the public address of this server, and Host its GitHub.
	URL  *url.URL
	Host github.Host
}

// Handlers serves the setup.
type Handlers struct {
	Deps
	tries *web.Buckets[web.Origin] // of wrong codes
}

// New creates the handlers of the setup.
func New(deps Deps) (*Handlers, error) {
	tries, err := web.NewBuckets[web.Origin](maxTries)
	return &Handlers{Deps: deps, tries: tries}, err
}

// RequireApp redirects to the setup while there is no app.
func (h *Handlers) RequireApp(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		switch configured, err := h.Configured(c); {
		case err != nil:
			return err
		case !configured:
			return c.Redirect(http.StatusSeeOther, "/setup")
		}
		return next(c)
	}
}

// Configured reports whether there is an app. Until there is one, it checks the database, since
// another instance may have been set up.
func (h *Handlers) Configured(c echo.Context) (bool, error) {
	if !h.GitHub.Configured() {
		if err := h.GitHub.LoadApp(c.Request().Context()); err != nil {
			return false, err
		}
	}
	return h.GitHub.Configured(), nil
}
