package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"neptun/sandbox"

	"golang.org/x/sync/errgroup"
)

// demoConfig has the only settings that a demo reads from the environment: the sandbox's ids and tokens
// must never be mixed with real ones.
type demoConfig struct {
	Addr        string `env:"NEPTUN_ADDR" envDefault:"127.0.0.1:8080"`
	SandboxAddr string `env:"SANDBOX_ADDR" envDefault:"127.0.0.1:8081"`
	DatabaseURL string `env:"DEMO_DATABASE_URL"`
}

// demoSecret seals tokens that open nothing but a sandbox.
const demoSecret = "nothing that a demo seals is worth stealing"

// demo runs the sandbox and a Neptun connected to it, until ctx ends.
func (p invocation) demo(ctx context.Context, _ []string, _ bool) (err error) {
	var config demoConfig
	if errs := parse(&config, clean(p.environment)); len(errs) > 0 {
		return errs
	}
	if config.DatabaseURL == "" {
		folder, err := os.MkdirTemp("", "neptun-demo-")
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
		config.DatabaseURL = "sqlite:" + filepath.Join(folder, "demo.db")
	}
	gitHubListener, err := listen(ctx, config.SandboxAddr, "SANDBOX_ADDR")
	if err != nil {
		return err
	}
	neptunListener, err := listen(ctx, config.Addr, "NEPTUN_ADDR")
	if err != nil {
		return errors.Join(err, gitHubListener.Close())
	}

	world := sandbox.DemoWorld()
	world.AddDemoProblems()
	gitHub := sandbox.New(world, sandbox.Config{URL: "http://" + gitHubListener.Addr().String()})
	defer gitHub.Close()
	app := gitHub.App()
	settings, err := readConfig(map[string]string{
		"NEPTUN_ADDR":           neptunListener.Addr().String(),
		"NEPTUN_SECRET":         demoSecret,
		"DATABASE_URL":          config.DatabaseURL,
		"GITHUB_URL":            "http://" + gitHubListener.Addr().String(),
		"GITHUB_CLIENT_ID":      app.ClientID,
		"GITHUB_CLIENT_SECRET":  app.ClientSecret,
		"GITHUB_PRIVATE_KEY":    app.PrivateKeyPEM,
		"GITHUB_WEBHOOK_SECRET": app.WebhookSecret,
		"NEPTUN_OPERATORS":      "marin", // owns most of the demo's repositories
	})
	if err != nil {
		return errors.Join(err, gitHubListener.Close(), neptunListener.Close())
	}
	settings.demo = true
	address, err := settings.publicURL(neptunListener.Addr().String())
	if err != nil {
		return err
	}
	world.Apps.SetCallbackURLs(address.JoinPath("/auth/github/callback").String())
	world.Apps.SetSetupURL(address.JoinPath("/auth/github/setup").String())
	world.Apps.SetSetupOnUpdate(true)
	world.Apps.SetHookURL(address.JoinPath("/webhooks/github").String())

	// If either ends, the other one is stopped too.
	both, ctx := errgroup.WithContext(ctx)
	quiet := slog.New(slog.NewTextHandler(p.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	both.Go(func() error { return serveHTTP(ctx, gitHubListener, gitHub, quiet, func() {}) })
	both.Go(func() error {
		return settings.serve(ctx, neptunListener, quiet, func(address *url.URL) {
			seeding, cancel := context.WithTimeout(ctx, 20*time.Second)
			defer cancel()
			if err := importSome(seeding, gitHub, address); err != nil {
				quiet.WarnContext(ctx, "The demo starts without imports", "error", err)
			}
			fmt.Fprintf(p.stdout, "Open %s (GitHub here is a sandbox; Ctrl-C ends both)\n", address)
		})
	})
	return both.Wait()
}
