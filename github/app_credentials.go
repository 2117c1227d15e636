package github

import (
	"context"
	"errors"
	"fmt"
	"time"

	"neptun/db"

	"golang.org/x/oauth2"
)

// appEvery is how often an instance looks whether another one, or neptun app
// forget, changed the App that the database holds.
const appEvery = 5 * time.Second

// appCredentials are the present App with the source of its tokens.
type appCredentials struct {
	App
	tokens oauth2.TokenSource
}

// app is the present App, an empty one while there is none.
func (g *GitHub) app() *appCredentials { return g.credentials.Load() }

// Configured reports whether there is an App to log in through.
func (g *GitHub) Configured() bool { return g.app().ClientID != "" }

// SetApp replaces the App; an empty one means none.
func (g *GitHub) SetApp(app App) {
	g.credentials.Store(&appCredentials{app, newAppTokens(app, g.now)})
	g.facts.Store(nil)
	select {
	case g.appChanged <- struct{}{}:
	default:
	}
}

// LoadApp takes the App that the set-up page left in the database, whichever
// instance it was opened on. One that New was given stays. The error is
// db.ErrAppSealed where it can't be opened.
func (g *GitHub) LoadApp(ctx context.Context) error {
	if g.fixed {
		return nil
	}
	g.loading.Lock()
	defer g.loading.Unlock()
	stored, err := g.db.App(ctx)
	switch {
	case errors.Is(err, db.ErrNotFound):
		if g.Configured() {
			g.SetApp(App{})
		}
		return nil
	case err != nil:
		return err
	}
	now := g.app()
	if stored.ClientID == now.ClientID && stored.WebhookSecret == now.WebhookSecret && stored.OtherWebhookSecret == now.OtherWebhookSecret {
		return nil
	}
	app, err := convertApp(stored)
	if err != nil {
		return err
	}
	if stored.ClientID == now.ClientID {
		g.credentials.Store(&appCredentials{app, now.tokens}) // the same App, signing as before
		return nil
	}
	g.SetApp(app)
	return nil
}

func convertApp(stored db.App) (App, error) {
	key, err := ParsePrivateKey(stored.PrivateKey)
	if err != nil {
		return App{}, fmt.Errorf("github: the stored App: %w", err)
	}
	return App{
		ClientID: stored.ClientID, ClientSecret: stored.ClientSecret, PrivateKey: key,
		WebhookSecret: stored.WebhookSecret, OtherWebhookSecret: stored.OtherWebhookSecret,
	}, nil
}

// KeepApp has this instance follow what others do to the App in the database,
// while ctx lasts.
func (g *GitHub) KeepApp(ctx context.Context) {
	if g.fixed {
		return
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(appEvery):
		}
		if err := g.LoadApp(ctx); err != nil && ctx.Err() == nil {
			g.log.ErrorContext(ctx, "read the App", "error", err)
		}
	}
}

// ClientID is the App's, empty while there is none.
func (g *GitHub) ClientID() string { return g.app().ClientID }
