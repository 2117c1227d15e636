// Package handlers holds every URL of Neptun. One action is one handler: the
// same look-up, authorization and value answer the page, the htmx fragment and
// the JSON; only the last line chooses.
package handlers

import (
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"neptun/db"
	"neptun/github"
	"neptun/sessions"

	"github.com/labstack/echo/v4"
	"github.com/maypok86/otter/v2"
)

// Config is what the handlers need to know of the place they serve.
type Config struct {
	// URL is the address that people and GitHub use.
	URL *url.URL
	// GitHub is the GitHub that people log in through.
	GitHub github.Host
	// Missing names the environment variables that would configure the App and
	// aren't set. The set-up page marks them.
	Missing []string
	// Demo is true where GitHub is the sandbox.
	Demo bool
	// TrustedProxies are the peers whose X-Forwarded-* headers are believed.
	TrustedProxies []netip.Prefix
	// AllowAccessTokens lets people have GitHub tokens of their own made.
	AllowAccessTokens bool
	// AllowPersonalTokens takes people's classic personal tokens, to change what
	// an installation reaches.
	AllowPersonalTokens bool
	// Build tells one build of Neptun from another.
	Build string
}

// Deps are what the handlers work with. All are required.
type Deps struct {
	DB       *db.DB
	Sessions *sessions.Sessions
	GitHub   *github.GitHub
	Logger   *slog.Logger
	Now      func() time.Time
}

// Server answers every URL of Neptun.
type Server struct {
	Deps
	config Config
	echo   *echo.Echo

	// Both caches are keyed by versions, so nothing in them is ever out of date.
	bodies      *otter.Cache[string, body]
	facetsCache *otter.Cache[facetsKey, db.Facets]

	setupTries *throttle
	streams    *streams
}

// cachedFacets bounds the installations whose facets are kept.
const cachedFacets = 500

// New makes a Server.
func New(config Config, deps Deps) (*Server, error) {
	bodies, err := newBodyCache()
	if err != nil {
		return nil, err
	}
	facets, err := otter.New(&otter.Options[facetsKey, db.Facets]{MaximumSize: cachedFacets})
	if err != nil {
		return nil, err
	}
	s := &Server{Deps: deps, config: config, echo: echo.New(), bodies: bodies, facetsCache: facets}
	s.setupTries = newThrottle(setupTries, setupWait, deps.Now)
	s.streams = newStreams(deps.DB, deps.Logger)
	s.echo.HideBanner, s.echo.HidePort = true, true
	s.echo.HTTPErrorHandler = s.answerError
	s.echo.IPExtractor = ipExtractor(config.TrustedProxies)
	s.middleware()
	s.routes()
	return s, nil
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.echo.ServeHTTP(w, r) }
