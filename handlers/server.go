// Package handlers holds every URL of Neptun. One action is one handler: the
// same look-up, authorization and value answer the page, the htmx fragment and
// the JSON; only the last line chooses.
package handlers

import (
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"neptun/db"
	"neptun/github"
	"neptun/sessions"

	"github.com/labstack/echo/v4"
	"github.com/maypok86/otter/v2"
	"golang.org/x/sync/semaphore"
)

// Config is what the handlers need to know of the place they serve.
type Config struct {
	// URL is the address that people and GitHub use.
	URL *url.URL
	// GitHub is the GitHub that people log in through.
	GitHub github.Host
	// Demo is true where GitHub is the sandbox.
	Demo bool
	// TrustedProxies are the peers whose X-Forwarded-* headers are believed.
	TrustedProxies []netip.Prefix
	// AllowAccessTokens lets people have GitHub tokens of their own made.
	AllowAccessTokens bool
	// AllowPersonalTokens takes people's classic personal tokens, to change what
	// an installation reaches.
	AllowPersonalTokens bool
	// RateLimit is how many requests a minute each credential, and each address
	// without one, may send to this instance; 0 for any number.
	RateLimit int
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

	description description

	uses   *otter.Cache[string, time.Time] // when the use of a key was last noted
	noting sync.WaitGroup

	// longLists bounds those that are being read at once.
	longLists *semaphore.Weighted
	streams   *streams

	limits     *limits // nil for none
	setupTries *buckets[netip.Prefix]
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
	uses, err := newUses()
	if err != nil {
		return nil, err
	}
	s := &Server{Deps: deps, config: config, echo: echo.New(), bodies: bodies, facetsCache: facets, uses: uses}
	if s.description, err = newDescription(config.URL.String()); err != nil {
		return nil, err
	}
	s.longLists = semaphore.NewWeighted(deps.DB.Streams())
	s.streams = newStreams(deps.DB, deps.Logger)
	if s.limits, err = newLimits(config.RateLimit); err != nil {
		return nil, err
	}
	if s.setupTries, err = newBuckets[netip.Prefix](setupTries); err != nil {
		return nil, err
	}
	s.echo.HideBanner, s.echo.HidePort = true, true
	s.echo.HTTPErrorHandler = s.answerError
	s.echo.IPExtractor = ipExtractor(config.TrustedProxies)
	s.middleware()
	s.routes()
	return s, nil
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.echo.ServeHTTP(w, r) }
