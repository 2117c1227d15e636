package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"

	"neptun/db"
	"neptun/github"
	"neptun/handlers"
	"neptun/sessions"
	"neptun/syncer"
)

// stopWithin is how long requests in flight may take when the program stops.
const stopWithin = 20 * time.Second

// serve runs Neptun as the environment says, until ctx ends.
func serve(ctx context.Context, environment map[string]string, logger *slog.Logger) error {
	settings, err := readConfig(environment)
	if err != nil {
		return err
	}
	listener, err := listen(ctx, settings.Addr, "NEPTUN_ADDR")
	if err != nil {
		return err
	}
	return settings.serve(ctx, listener, logger, func(address *url.URL) {
		logger.Info("Neptun is ready", "open", address.String())
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

// serve wires the rooms of the house together and opens the door. ready is told
// the address when requests are answered.
func (s settings) serve(ctx context.Context, listener net.Listener, logger *slog.Logger, ready func(*url.URL)) error {
	address, err := s.publicURL(listener.Addr().String())
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	database, err := s.openDatabase(ctx, logger)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() {
		if err := database.Close(); err != nil {
			logger.Error("close the database", "error", err)
		}
	}()
	gitHub := github.New(github.Config{
		Host: s.host, App: s.app, WebhookSecrets: s.WebhookSecrets, DB: database, Now: time.Now, Logger: logger,
		UserAgent: "neptun/" + version(),
	})
	if err := gitHub.LoadApp(ctx); err != nil {
		return errors.Join(err, listener.Close())
	}
	sync := syncer.New(syncer.Config{GitHub: gitHub, DB: database, Now: time.Now, Logger: logger})
	server, err := handlers.New(handlers.Config{
		URL: address, GitHub: s.host, Missing: s.missing, Demo: s.demo, TrustedProxies: s.TrustedProxies, RateLimit: s.RateLimit, Build: build(),
		AllowAccessTokens: s.AllowAccessTokens, AllowPersonalTokens: s.AllowPersonalTokens,
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
	if len(s.missing) == 1 {
		logger.Warn("the environment names half an App, which is not used", "missing", s.missing[0])
	}
	var code string
	if !gitHub.Configured() {
		if code, err = makeSetupCode(ctx, database); err != nil {
			return errors.Join(err, listener.Close())
		}
	}
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	worked := make(chan error, 1)
	go func() { worked <- sync.Work(work) }()

	err = answer(ctx, listener, server, func() {
		ready(address)
		if code != "" {
			// Only whoever runs this Neptun reads its log.
			logger.Info("There is no GitHub App yet: open the set-up and enter its code",
				"open", address.JoinPath("/setup").String(), "code", code)
		}
	}, server.EndStreams)
	server.EndStreams()
	// The last requests may have queued work; it is handed back, not lost.
	stopWork()
	return errors.Join(err, <-worked)
}

func (s settings) openDatabase(ctx context.Context, logger *slog.Logger) (*db.DB, error) {
	return db.Open(ctx, s.DatabaseURL, db.Options{
		Keyring: s.keyring, AccessMaxAge: s.AccessMaxAge, GitHubURL: s.host.WebURL(), ClientID: s.app.ClientID,
		Operators: db.ParseOperators(s.Operators), Logger: logger,
	})
}

// makeSetupCode makes a code that opens the set-up.
func makeSetupCode(ctx context.Context, database *db.DB) (string, error) {
	code := sessions.NewSetupCode()
	return code, database.AddSetupCode(ctx, sessions.HashSetupCode(code))
}

// answer serves HTTP until ctx ends, then lets requests in flight finish.
// stopping is called for those that never would.
func answer(ctx context.Context, listener net.Listener, handler http.Handler, ready func(), stopping ...func()) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      2 * time.Minute,
		IdleTimeout:       2 * time.Minute,
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
