package github

import (
	"context"
	"errors"
	"fmt"
	"time"

	"neptun/db"

	"golang.org/x/oauth2"
)

// appEvery is how often an instance checks whether another instance, or the command
// neptun app forget, changed the app in the database.
const appEvery = 5 * time.Second

// appCredentials is the current app with the source of its tokens.
type appCredentials struct {
	App
	tokens oauth2.TokenSource
}

// app returns the current app, an empty one if there is none.
func (g *GitHub) app() *appCredentials { return g.credentials.Load() }

// Configured reports whether there is an app to sign in with.
func (g *GitHub) Configured() bool { return g.app().ClientID != "" }

// SetApp replaces the app. An empty one means none.
func (g *GitHub) SetApp(app App) {
	g.credentials.Store(&appCredentials{app, newAppTokens(app, g.now)})
	g.facts.Store(nil)
	select {
	case g.appChanged <- struct{}{}:
	default:
	}
}

// LoadApp loads the app that the setup page of any instance stored in the database.
// An app that was passed to New stays. The error is db.ErrAppSealed if the stored
// credentials can't be decrypted.
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
		g.credentials.Store(&appCredentials{app, now.tokens}) // the same App keeps its token source
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

// WatchApp applies other instances' changes of the app in the database to this
// instance, until ctx is done.
func (g *GitHub) WatchApp(ctx context.Context) {
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

// ClientID is the app's client ID, empty if there is no app.
func (g *GitHub) ClientID() string { return g.app().ClientID }
