// Package github is GitHub's side of Neptun: logging in, a person's token kept
// alive, and the durable work that brings what db holds in line with what
// GitHub says. Nothing outside of it knows how GitHub's answers look: they are
// translated at the edge, by the functions named convert.
package github

import (
	"crypto/rsa"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"neptun/db"

	"golang.org/x/oauth2"
)

// App is the GitHub App that this Neptun speaks for.
type App struct {
	ClientID     string
	ClientSecret string
	// PrivateKey signs what the App says in its own name. Without one, nil, a
	// vanished installation can't be told from a lost one.
	PrivateKey *rsa.PrivateKey
}

// Config is what New needs.
type Config struct {
	Host   Host
	App    App
	DB     *db.DB
	Now    func() time.Time
	Logger *slog.Logger
	// HTTP carries the requests; nil means a transport with Neptun's own
	// timeouts.
	HTTP http.RoundTripper
	// UserAgent names this Neptun to GitHub, which refuses requests without one
	// (https://docs.github.com/rest/using-the-rest-api/getting-started-with-the-rest-api#user-agent).
	UserAgent string
}

// GitHub is the one way to GitHub, safe for concurrent use.
type GitHub struct {
	host Host
	app  App
	db   *db.DB
	now  func() time.Time
	log  *slog.Logger

	// Somebody waits for what quick asks; patient reads long lists for nobody
	// in particular.
	quick, patient *http.Client
	appTokens      oauth2.TokenSource
	facts          atomic.Pointer[AppFacts]
	minted         installationTokens
	ending         sync.WaitGroup // tokens that are being revoked
	wake           chan struct{}
}

// New makes the way to one GitHub for one App. It asks nothing yet.
func New(config Config) *GitHub {
	g := &GitHub{
		host: config.Host,
		app:  config.App,
		db:   config.DB,
		now:  config.Now,
		log:  config.Logger,
		wake: make(chan struct{}, 1),
	}
	transport := newTransport(config.HTTP, config.UserAgent)
	g.quick = &http.Client{Transport: transport, CheckRedirect: sameOrigin, Timeout: quickTimeout}
	g.patient = &http.Client{Transport: transport, CheckRedirect: sameOrigin, Timeout: patientTimeout}
	g.appTokens = newAppTokens(config.App, config.Now)
	return g
}
