package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"neptun/db"
	"neptun/github"
	"neptun/handlers"
	"neptun/handlers/gallery"
	"neptun/handlers/live"
	"neptun/sessions"
	"neptun/syncer"
)

// stopWithin is how long requests in flight may take when the program stops.
const stopWithin = 20 * time.Second

// schemaInterval is how often an instance checks whether a newer release has migrated the
// database incompatibly.
const schemaInterval = 5 * time.Second

// serve runs Neptun with the configuration from the environment, until ctx ends.
func (p invocation) serve(ctx context.Context, _ []string, _ bool) error {
	settings, err := readConfig(p.environment)
	if err != nil {
		return err
	}
	logger := p.logger(settings)
	listener, err := listen(ctx, settings.Addr, "NEPTUN_ADDR")
	if err != nil {
		return err
	}
	for _, warning := range append(settings.warnings, settings.addressWarnings(listener.Addr().String())...) {
		logger.Warn(warning)
	}
	return settings.serve(ctx, listener, logger, func(address *url.URL) {
		logger.Info("Neptun is ready", "open", address.String(), "version", version())
	})
}

func listen(ctx context.Context, address, variable string) (net.Listener, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("can't listen on %s (is something else there? %s sets another address): %w", address, variable, err)
	}
	return listener, nil
}

// serve assembles the program and serves requests until ctx ends. It calls ready with the
// address once it does.
func (s settings) serve(ctx context.Context, listener net.Listener, logger *slog.Logger, ready func(*url.URL)) error {
	address, err := s.publicURL(listener.Addr().String())
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	database, err := s.openDatabase(ctx, logger, forServing)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() {
		if err := database.Close(); err != nil {
			logger.Error("close the database", "error", err)
		}
	}()
	if err := s.auditStart(ctx, database, address); err != nil {
		return errors.Join(err, listener.Close())
	}
	measured, stopMetrics, err := s.startMetrics(ctx, database, logger)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer stopMetrics()
	gitHub := github.New(github.Config{
		Host: s.host, App: s.app, WebhookSecrets: s.WebhookSecrets, DB: database, Now: time.Now, Logger: logger,
		UserAgent: "neptun/" + version(), Observe: measured.gitHub,
	})
	if err := gitHub.LoadApp(ctx); err != nil {
		return errors.Join(err, listener.Close())
	}
	sync := syncer.New(syncer.Config{GitHub: gitHub, DB: database, Now: time.Now, Logger: logger, Observe: measured.job, ObserveDelivery: measured.delivery})
	var pages http.Handler
	if s.demo {
		pages = gallery.Handler(time.Now)
	}
	server, err := handlers.New(handlers.Config{
		Gallery: pages,
		URL:     address, GitHub: s.host, Demo: s.demo, TrustedProxies: s.TrustedProxies, HSTSSubdomains: s.HSTSSubdomains, RateLimit: s.RateLimit, Build: build(),
		AllowAccessTokens: s.AllowAccessTokens, AllowAppTokens: s.AllowAppTokens, AllowPersonalTokens: s.AllowPersonalTokens,
		Live: live.Options{Max: s.MaxStreams}, Metrics: measured.handlers,
	}, handlers.Deps{
		DB: database,
		Sessions: sessions.New(sessions.Options{
			DB: database, Keyring: s.keyring, Secure: address.Scheme == "https", Now: time.Now,
		}),
		GitHub: gitHub,
		Syncer: sync,
		Logger: logger,
		Now:    time.Now,
	})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer server.Close()
	var code string
	if !gitHub.Configured() {
		if code, err = makeSetupCode(ctx, database); err != nil {
			return errors.Join(err, listener.Close())
		}
	}
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	worked := make(chan struct{})
	go func() { defer close(worked); sync.Work(work) }()
	serving, stopServing := context.WithCancelCause(ctx)
	defer stopServing(nil)
	go func() {
		if newer := database.WatchSchema(serving, schemaInterval); newer != nil {
			stopServing(newer)
			stopWork() // immediately: the newer release doesn't expect what this one's jobs write
		}
	}()

	err = serveHTTP(serving, s.limitConnections(listener, logger), server, logger, func() {
		ready(address)
		if code != "" {
			// Only those who run this server read its log.
			logger.Info("There is no GitHub App yet: open the setup page and enter the code",
				"open", address.JoinPath("/setup").String(), "code", code)
		}
	}, server.EndStreams)
	logger.Info("Neptun is stopping")
	server.EndStreams()
	// The last requests may have queued jobs; those are released, not lost.
	stopWork()
	<-worked
	logger.Info("Neptun has stopped")
	var newer *db.NewerSchemaError
	if errors.As(context.Cause(serving), &newer) {
		return errors.Join(err, newer)
	}
	return err
}

// purpose is why a database is opened.
type purpose int

const (
	forServing  purpose = iota
	forReset            // see db.Options.Reset
	forChecking         // see db.Options.Check
)

func (s settings) openDatabase(ctx context.Context, logger *slog.Logger, purpose purpose) (*db.DB, error) {
	database, err := db.Open(ctx, s.DatabaseURL, db.Options{
		Keyring: s.keyring, AccessMaxAge: s.AccessMaxAge, GitHubURL: s.host.WebURL(), ClientID: s.app.ClientID,
		SessionIdle: s.SessionIdle, AuditRetention: time.Duration(s.AuditDays) * day,
		Reset: purpose == forReset, Check: purpose == forChecking,
		Operators: db.ParseOperators(s.Operators), Connections: s.DatabaseConnections, Logger: logger,
	})
	if errors.Is(err, db.ErrOtherKey) {
		if s.newKeyFile != "" {
			_ = os.Remove(s.newKeyFile) // it opens nothing here
		}
		return nil, s.otherKey()
	}
	return database, err
}

// otherKey returns an error that explains what to do about a database sealed with another key.
func (s settings) otherKey() configErrors {
	found := "NEPTUN_SECRET isn't the one that sealed this database"
	if file, ok := db.SQLiteFile(s.DatabaseURL); ok && len(s.Secrets) == 0 {
		found = "the key file " + file + ".key isn't the one that sealed this database"
		if s.newKeyFile != "" {
			found = "the key file " + file + ".key is missing, and what is sealed in this database can't be opened without it"
		}
	}
	reset := "neptun app forget"
	if s.app.ClientID != "" {
		reset = "neptun app change --yes"
	}
	return configErrors{found + ": restore it from a backup or, where the secret was changed, set NEPTUN_SECRET to the new and the old one, separated by a comma. " +
		"If it is lost, " + reset + " starts over with the present key: everybody signs in again and API tokens end"}
}

// makeSetupCode creates a code that opens the setup.
func makeSetupCode(ctx context.Context, database *db.DB) (string, error) {
	code := sessions.NewSetupCode()
	return code, database.AddSetupCode(ctx, sessions.HashSetupCode(code))
}

// maxHeaders limits the headers of a request, in bytes; net/http adds 4 KB to it
// (https://pkg.go.dev/net/http#Server).
const maxHeaders = 60 << 10

// serveHTTP serves requests until ctx ends, then lets requests in flight finish. It calls
// stopping for those that would never end.
func serveHTTP(ctx context.Context, listener net.Listener, handler http.Handler, logger *slog.Logger, ready func(), stopping ...func()) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      2 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    maxHeaders,
		ErrorLog:          httpErrors(logger),
	}
	for _, stop := range stopping {
		server.RegisterOnShutdown(stop)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	ready()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	return server.Shutdown(within)
}
