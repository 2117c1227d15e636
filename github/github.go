// Package github is the client of GitHub's API: clients, tokens, errors. Only this
// package knows the format of GitHub's responses: its convert functions translate them
// to Neptun's types.
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
	// PrivateKey signs the app's JSON web tokens. Without one (nil), Neptun can't tell
	// whether an installation was deleted or the user lost access to it.
	PrivateKey *rsa.PrivateKey
	// WebhookSecret is the secret that GitHub signs webhooks with, and
	// OtherWebhookSecret one that is also accepted while the secret is changed; each
	// empty for none.
	WebhookSecret, OtherWebhookSecret string
}

// Config is what New needs.
type Config struct {
	Host Host
	// App is the app from the environment, which never changes. Without a client ID,
	// the app is the one in the database, which can be replaced and removed.
	App App
	// WebhookSecrets are the secrets that GitHub may sign webhooks with, several so that
	// they can be rotated; empty for the app's own.
	WebhookSecrets []string
	DB             *db.DB
	Now            func() time.Time
	Logger         *slog.Logger
	// UserAgent is sent with every request; GitHub refuses requests without one
	// (https://docs.github.com/rest/using-the-rest-api/getting-started-with-the-rest-api#user-agent).
	UserAgent string
	// Observe wraps the transport to GitHub, to measure requests; nil for none.
	Observe func(http.RoundTripper) http.RoundTripper
	// TokenRetries are the delays before retries of a request whose token GitHub doesn't
	// know yet; nil for 1, 2 and 4 s.
	TokenRetries []time.Duration
}

// GitHub sends all requests to GitHub. It is safe for concurrent use.
type GitHub struct {
	host Host
	db   *db.DB
	now  func() time.Time
	log  *slog.Logger

	// interactive sends requests that a user waits for, background all others.
	interactive, background *http.Client
	credentials             atomic.Pointer[appCredentials] // never nil
	fixed                   bool                           // the App is the environment's
	hookSecrets             []string                       // the environment's
	loading                 sync.Mutex                     // of the App from the database
	appChanged              chan struct{}
	facts                   atomic.Pointer[AppFacts]
	factsProblem            atomic.Pointer[string]
	installationTokens      installationTokens
	ending                  sync.WaitGroup // tokens that are being revoked
	limiter                 limiter
	tokenRetries            []time.Duration
}

// New returns the client of one GitHub. It sends no requests yet.
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

// Wait waits until running revocations of tokens are done.
func (g *GitHub) Wait() { g.ending.Wait() }

// HasPrivateKey reports whether requests can be sent as the app.
func (g *GitHub) HasPrivateKey() bool { return g.app().PrivateKey != nil }
