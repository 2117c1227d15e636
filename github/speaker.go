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

// speaker is the App that a Neptun speaks for at one time, with what signs in
// its name.
type speaker struct {
	App
	tokens oauth2.TokenSource
}

// app is the App of now, an empty one while there is none.
func (g *GitHub) app() *speaker { return g.speaker.Load() }

// Configured tells whether there is an App to log in through.
func (g *GitHub) Configured() bool { return g.app().ClientID != "" }

// SetApp has everything from now on speak for an App; an empty one for none.
func (g *GitHub) SetApp(app App) {
	g.speaker.Store(&speaker{app, newAppTokens(app, g.now)})
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
		g.speaker.Store(&speaker{app, now.tokens}) // the same App, signing as before
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
