// Package handlerstest opens a whole Neptun for tests, with its GitHub and its visitors, over
// real HTTP.
package handlerstest

import (
	"cmp"
	"context"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/github"
	"neptun/handlers"
	"neptun/sandbox"
	"neptun/sessions"
	"neptun/syncer"
)

// Stage is a whole Neptun and its GitHub, over real HTTP.
type Stage struct {
	T         testing.TB
	URL       string // where it listens
	PublicURL string // the URL that users open
	World     *sandbox.World
	GitHub    *sandbox.Server
	GitHubURL string
	DB        *db.DB
	Syncer    *syncer.Syncer // the instance's
	Clock     *Clock
	Operators []string
	Configure []func(*handlers.Config)
	Appless   bool                         // there is no App yet
	Secrets   []string                     // GitHub may sign webhooks with; none unless a test sets them
	Logs      io.Writer                    // everything that is logged; nil for the test's own log
	Front     atomic.Pointer[http.Handler] // the instance that serves requests
	instances []*handlers.Server
}

// Clock is a clock that tests can advance.
type Clock struct {
	mu     sync.Mutex
	offset time.Duration
}

// Now is the time of the stage.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.offset)
}

// Advance advances the time.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset += d
}

// Open opens a stage with a world and a SQLite database.
func Open(t testing.TB, world *sandbox.World) *Stage {
	t.Helper()
	return OpenOn(t, world, dbtest.SQLite(t))
}

// OpenOn opens a stage with a world and the database at a URL.
func OpenOn(t testing.TB, world *sandbox.World, databaseURL string) *Stage {
	t.Helper()
	return OpenAs(t, world, databaseURL, "")
}

// OpenAs opens a stage with a world, and a Neptun with a public URL, behind a proxy; an empty URL
// is where it listens. configure changes the defaults.
func OpenAs(t testing.TB, world *sandbox.World, databaseURL, publicURL string, configure ...func(*handlers.Config)) *Stage {
	t.Helper()
	return OpenRunBy(t, world, databaseURL, publicURL, nil, configure...)
}

// OpenRunBy is OpenAs with operators.
func OpenRunBy(t testing.TB, world *sandbox.World, databaseURL, publicURL string, operators []string, configure ...func(*handlers.Config)) *Stage {
	t.Helper()
	s := &Stage{T: t, World: world, Clock: &Clock{}, Operators: operators, Configure: configure}
	s.Start(databaseURL, publicURL)
	return s
}

// Start starts the GitHub and the Neptun of a stage.
func (s *Stage) Start(databaseURL, publicURL string) {
	t, world := s.T, s.World
	t.Helper()
	gitHubServer := httptest.NewUnstartedServer(nil)
	gitHubURL := "http://" + gitHubServer.Listener.Addr().String()
	s.GitHubURL = gitHubURL
	s.GitHub = sandbox.New(world, sandbox.Config{URL: gitHubURL, Now: s.Clock.Now})
	gitHubServer.Config.Handler = s.GitHub
	gitHubServer.Start()
	t.Cleanup(gitHubServer.Close)

	neptun := httptest.NewUnstartedServer(nil)
	s.URL = "http://" + neptun.Listener.Addr().String()
	s.PublicURL = cmp.Or(publicURL, s.URL)
	if !s.Appless {
		world.Apps.SetCallbackURLs(s.PublicURL + "/auth/github/callback")
	}
	s.Instance(databaseURL)
	neptun.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*s.Front.Load()).ServeHTTP(w, r) })
	neptun.Start()
	t.Cleanup(func() {
		for _, instance := range s.instances {
			instance.EndStreams() // which the listener would wait for
		}
		neptun.Close()
	})
}

// Instance starts another Neptun on a database, which serves the stage's URL from now on. The
// previous one keeps working.
func (s *Stage) Instance(databaseURL string) {
	s.T.Helper()
	handler := s.neptun(s.GitHubURL, databaseURL)
	s.Front.Store(&handler)
}

// neptun wires a Neptun the way main does, with the stage's clock.
func (s *Stage) neptun(gitHubURL, databaseURL string) http.Handler {
	t := s.T
	host, err := github.ParseHost(gitHubURL, "", false)
	Must(t, err)
	var app github.App // none until the setup creates it
	if !s.Appless {
		registered := s.GitHub.App()
		block, _ := pem.Decode([]byte(registered.PrivateKeyPEM))
		key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
		Must(t, err)
		app = github.App{ClientID: registered.ClientID, ClientSecret: registered.ClientSecret, PrivateKey: key}
	}
	s.DB, err = db.Open(t.Context(), databaseURL, db.Options{
		Keyring: dbtest.Keyring(t), AccessMaxAge: 168 * time.Hour, GitHubURL: host.WebURL(), ClientID: app.ClientID, Now: s.Clock.Now,
		Operators: db.ParseOperators(s.Operators),
	})
	Must(t, err)
	t.Cleanup(func() { Must(t, s.DB.Close()) })

	logger := slog.New(slog.NewTextHandler(testWriter{s}, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if s.Logs != nil {
		logger = slog.New(slog.NewTextHandler(s.Logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	gitHub := github.New(github.Config{
		Host: host, App: app, WebhookSecrets: s.Secrets, DB: s.DB, Now: s.Clock.Now, Logger: logger, UserAgent: "neptun-test",
		TokenRetries: []time.Duration{time.Millisecond, 2 * time.Millisecond, 4 * time.Millisecond},
	})
	s.Syncer = syncer.New(syncer.Config{GitHub: gitHub, DB: s.DB, Now: s.Clock.Now, Logger: logger, Poll: 50 * time.Millisecond, RequestInterval: -1})
	address, err := url.Parse(s.PublicURL)
	Must(t, err)
	config := handlers.Config{URL: address, GitHub: host, Build: "test"}
	for _, configure := range s.Configure {
		configure(&config)
	}
	server, err := handlers.New(config, handlers.Deps{
		DB:       s.DB,
		Sessions: sessions.New(sessions.Options{DB: s.DB, Keyring: dbtest.Keyring(t), Secure: address.Scheme == "https", Now: s.Clock.Now}),
		GitHub:   gitHub,
		Syncer:   s.Syncer,
		Logger:   logger,
		Now:      s.Clock.Now,
	})
	Must(t, err)
	t.Cleanup(server.Close)

	ctx, stop := context.WithCancel(context.Background())
	var working sync.WaitGroup
	working.Go(func() { s.Syncer.Work(ctx) })
	t.Cleanup(func() { stop(); working.Wait() })
	s.instances = append(s.instances, server)
	return server
}

// Server is the instance that serves requests.
func (s *Stage) Server() *handlers.Server { return (*s.Front.Load()).(*handlers.Server) }
