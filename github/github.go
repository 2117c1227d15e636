// Package github is the edge to GitHub: clients, tokens, errors. Nothing outside
// of it knows how GitHub's answers look: they are translated here, by the
// functions named convert.
package github

import (
	"crypto/rsa"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"neptun/db"
)

// App is the GitHub App of this server.
type App struct {
	ClientID     string
	ClientSecret string
	// PrivateKey signs what the App says in its own name. Without one, nil, a
	// vanished installation can't be told from a lost one.
	PrivateKey *rsa.PrivateKey
	// WebhookSecret is what GitHub signs webhooks with, and OtherWebhookSecret what
	// it may sign with while the secret is changed; each empty for none.
	WebhookSecret, OtherWebhookSecret string
}

// Config is what New needs.
type Config struct {
	Host Host
	// App is the one that the environment names. It stays; without a client id,
	// the App is the one in the database, which can come and go.
	App App
	// WebhookSecrets are what GitHub may sign webhooks with, any of them, so that
	// one can follow another; empty for the App's own.
	WebhookSecrets []string
	DB             *db.DB
	Now            func() time.Time
	Logger         *slog.Logger
	// UserAgent names this Neptun to GitHub, which refuses requests without one
	// (https://docs.github.com/rest/using-the-rest-api/getting-started-with-the-rest-api#user-agent).
	UserAgent string
	// Observe wraps what sends requests to GitHub, to measure them; nil for nothing.
	Observe func(http.RoundTripper) http.RoundTripper
	// TokenRetries are the waits before a request whose token GitHub doesn't know is
	// sent again; nil for 1, 2 and 4 s.
	TokenRetries []time.Duration
}

// GitHub is the one way to GitHub, safe for concurrent use.
type GitHub struct {
	host Host
	db   *db.DB
	now  func() time.Time
	log  *slog.Logger

	// interactive sends requests that somebody waits for, background those for long
	// lists that nobody waits for.
	interactive, background *http.Client
	credentials             atomic.Pointer[appCredentials] // never nil
	fixed                   bool                           // the App is the environment's
	hookSecrets             []string                       // the environment's
	loading                 sync.Mutex                     // of the App from the database
	appChanged              chan struct{}
	facts                   atomic.Pointer[AppFacts]
	factsProblem            atomic.Pointer[string]
	minted                  installationTokens
	ending                  sync.WaitGroup // tokens that are being revoked
	limiter                 limiter
	tokenRetries            []time.Duration
}

// New makes the way to one GitHub. It asks nothing yet.
func New(config Config) *GitHub {
	g := &GitHub{
		host:       config.Host,
		db:         config.DB,
		now:        config.Now,
		log:        config.Logger,
		fixed:      config.App.ClientID != "",
		appChanged: make(chan struct{}, 1),

		hookSecrets:  config.WebhookSecrets,
		tokenRetries: config.TokenRetries,
	}
	if g.tokenRetries == nil {
		g.tokenRetries = defaultTokenRetries
	}
	transport := newTransport(config.UserAgent, config.Host)
	if config.Observe != nil {
		transport.base = config.Observe(transport.base)
	}
	g.interactive = &http.Client{Transport: transport, CheckRedirect: sameOrigin, Timeout: interactiveTimeout}
	g.background = &http.Client{Transport: transport, CheckRedirect: sameOrigin, Timeout: backgroundTimeout}
	g.SetApp(config.App)
	return g
}

// Wait waits for tokens that are being revoked.
func (g *GitHub) Wait() { g.ending.Wait() }

// HasPrivateKey reports whether anything can be asked in the App's name.
func (g *GitHub) HasPrivateKey() bool { return g.app().PrivateKey != nil }
