// Package handlers serves every URL of Neptun. Each action has one handler: the page, the
// htmx fragment and the JSON share the look-up, the authorization and the value, and only
// the last line chooses between them.
package handlers

import (
	"log/slog"
	"math"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"neptun/db"
	"neptun/github"
	"neptun/handlers/audit"
	"neptun/handlers/auth"
	"neptun/handlers/docs"
	"neptun/handlers/live"
	"neptun/handlers/openapi"
	"neptun/handlers/operators"
	"neptun/handlers/respond"
	"neptun/handlers/setup"
	"neptun/handlers/signin"
	"neptun/handlers/web"
	"neptun/sessions"
	"neptun/static/coding"
	"neptun/syncer"

	"github.com/labstack/echo/v4"
	"github.com/maypok86/otter/v2"
	"golang.org/x/sync/singleflight"
)

// Config configures a Server.
type Config struct {
	// URL is the address that browsers and GitHub use.
	URL *url.URL
	// GitHub is the host that users sign in through.
	GitHub github.Host
	// Demo is true if GitHub is the sandbox.
	Demo bool
	// Gallery serves every page in all its states under /gallery; nil for none.
	Gallery http.Handler
	// TrustedProxies are the peers whose X-Forwarded-* headers are trusted.
	TrustedProxies []netip.Prefix
	// AllowAccessTokens lets users create GitHub tokens.
	AllowAccessTokens bool
	// AllowAppTokens lets operators create tokens of any installation.
	AllowAppTokens bool
	// AllowPersonalTokens accepts users' classic personal tokens, to change the
	// repository access of an installation.
	AllowPersonalTokens bool
	// HSTSSubdomains makes browsers use https for the subdomains of URL as well.
	HSTSSubdomains bool
	// RateLimit is how many requests a minute each credential, or each IP address without
	// one, may send to this instance; 0 for no limit.
	RateLimit int
	// Shares limits what one user may have in flight.
	Shares web.ShareOptions
	// Live configures the event streams of open pages.
	Live live.Options
	// Build identifies this build of Neptun.
	Build string
	// Metrics measures requests; nil for none.
	Metrics Metrics
}

// Metrics measures what the handlers do.
type Metrics interface {
	Middleware(next echo.HandlerFunc) echo.HandlerFunc
	// Shed counts a request that was rejected because the database was overloaded.
	Shed()
}

// Deps are the dependencies of the handlers. All are required.
type Deps struct {
	DB       *db.DB
	Sessions *sessions.Sessions
	GitHub   *github.GitHub
	Syncer   *syncer.Syncer
	Logger   *slog.Logger
	Now      func() time.Time
}

// Server serves every URL of Neptun.
type Server struct {
	Deps
	config Config
	echo   *echo.Echo

	auth    *auth.Authorizer
	audit   *audit.Log
	respond *respond.Responder

	signIn    *signin.Handlers
	setup     *setup.Handlers
	operators *operators.Handlers
	// These caches are keyed by versions, so their entries are never outdated.
	facetIndexes *otter.Cache[string, *db.FacetIndex]
	facetCounts  *otter.Cache[facetKey, db.Facets]
	overviews    *otter.Cache[overviewKey, db.Overview]

	registered  []Route
	operations  []openapi.Operation
	description *coding.File // the OpenAPI document
	docs        *docs.Docs

	streams *live.Streams
	ready   singleflight.Group // of checks of the database

	shares *web.Shares
}

const (
	// facetBytes limits the memory of the indexes that facets are counted from: that of
	// 100,000 repositories with short descriptions takes 14 MB.
	facetBytes = 32 << 20
	// facetCountBytes limits the memory of the counts.
	facetCountBytes = 1 << 20
	// cachedOverviews limits how many users' overviews are cached.
	cachedOverviews = 500
)

// New creates a Server.
func New(config Config, deps Deps) (*Server, error) {
	s := &Server{Deps: deps, config: config, echo: echo.New(), shares: web.NewShares(config.Shares)}
	s.streams = live.New(deps.DB, deps.Logger, config.Live)
	limits, err := web.NewLimits(config.RateLimit)
	if err != nil {
		return nil, err
	}
	if err := s.newCaches(); err != nil {
		return nil, err
	}
	site := web.Site{
		URL: config.URL, TrustedProxies: config.TrustedProxies, HSTSSubdomains: config.HSTSSubdomains, ImageOrigins: config.GitHub.AvatarOrigins(),
		Logger: deps.Logger, Warned: &sync.Once{},
	}
	if err := s.newParts(limits, site); err != nil {
		return nil, err
	}
	s.echo.HideBanner, s.echo.HidePort = true, true
	s.echo.HTTPErrorHandler = s.respond.HandleError
	s.echo.IPExtractor = site.IPExtractor()
	admission := web.NewAdmission(deps.DB.Connections())
	middleware := site.Middleware(deps.Logger, limits.Middleware(s.auth.Key, site.Origin, deps.Now), admission.Middleware)
	if config.Metrics != nil {
		middleware = append([]echo.MiddlewareFunc{config.Metrics.Middleware}, middleware...)
		admission.Shed = config.Metrics.Shed
	}
	s.use(middleware)
	s.routes()
	s.docs = s.newDocs()
	encoded, err := openapi.Describe(config.URL.String(), s.operations)
	s.description = coding.NewFile(echo.MIMEApplicationJSON, encoded)
	return s, err
}

func (s *Server) newCaches() (err error) {
	s.facetIndexes, err = otter.New(&otter.Options[string, *db.FacetIndex]{
		MaximumWeight: facetBytes,
		Weigher:       func(_ string, index *db.FacetIndex) uint32 { return uint32(min(index.Bytes(), math.MaxUint32)) },
	})
	if err != nil {
		return err
	}
	s.facetCounts, err = otter.New(&otter.Options[facetKey, db.Facets]{MaximumWeight: facetCountBytes, Weigher: facetWeight})
	if err != nil {
		return err
	}
	s.overviews, err = otter.New(&otter.Options[overviewKey, db.Overview]{MaximumSize: cachedOverviews})
	return err
}

// newParts creates the packages that serve some of the URLs, and what they share.
func (s *Server) newParts(limits *web.Limits, site web.Site) (err error) {
	s.audit = &audit.Log{DB: s.DB, Logger: s.Logger, Now: s.Now}
	s.auth, err = auth.New(auth.Deps{
		DB: s.DB, Sessions: s.Sessions, Shares: s.shares, Limits: limits, Logger: s.Logger, Now: s.Now, URL: s.config.URL,
		OperatorRefused: func(c echo.Context) { s.audit.Frequent(c, db.AuditRefuseOperatorPage) },
	})
	if err != nil {
		return err
	}
	responder, err := web.NewResponder(s.config.URL, s.config.Build, s.DB.MaxStreams(), s.shares, s.Logger)
	if err != nil {
		return err
	}
	s.respond = &respond.Responder{
		Responder: responder, Auth: s.auth, Sessions: s.Sessions, GitHub: s.GitHub, Host: s.config.GitHub,
		Shares: s.shares, Logger: s.Logger, Now: s.Now, Demo: s.config.Demo,
	}
	s.signIn = &signin.Handlers{
		DB: s.DB, GitHub: s.GitHub, Sessions: s.Sessions, Syncer: s.Syncer, Auth: s.auth, Respond: s.respond, Audit: s.audit, URL: s.config.URL,
	}
	s.operators = &operators.Handlers{
		DB: s.DB, GitHub: s.GitHub, Syncer: s.Syncer, Respond: s.respond, Audit: s.audit, Auth: s.auth, Now: s.Now, URL: s.config.URL, Host: s.config.GitHub,
		AllowAppTokens: s.config.AllowAppTokens,
	}
	s.setup, err = setup.New(setup.Deps{
		DB: s.DB, GitHub: s.GitHub, Sessions: s.Sessions, Auth: s.auth, Respond: s.respond, Audit: s.audit,
		Logger: s.Logger, Now: s.Now, Site: site, URL: s.config.URL, Host: s.config.GitHub,
	})
	return err
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.echo.ServeHTTP(w, r) }

// Close waits for work that continues after the last response. Call it before closing the
// database.
func (s *Server) Close() { s.auth.Close() }
