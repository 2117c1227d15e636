package db

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"neptun/db/sqlcgen"
)

// App is a GitHub App created on the setup page. It is stored sealed as a whole, with the
// field names of GitHub's response
// (https://docs.github.com/rest/apps/apps#create-a-github-app-from-a-manifest).
type App struct {
	ID            int64  `json:"id"`
	Slug          string `json:"slug"`
	Name          string `json:"name"`
	Owner         string `json:"owner"` // a login
	HTMLURL       string `json:"html_url"`
	ClientID      string `json:"client_id"`
	ClientSecret  string `json:"client_secret"`
	WebhookSecret string `json:"webhook_secret"` // empty without webhooks
	PrivateKey    string `json:"pem"`
	// OtherWebhookSecret is accepted too: the new secret while it is being changed on
	// GitHub, and afterwards the old one, for deliveries in flight.
	OtherWebhookSecret string `json:"other_webhook_secret,omitempty"`
}

var (
	// ErrAppExists means that another browser has completed the setup.
	ErrAppExists = errors.New("db: there is an App already")
	// ErrAppSealed means that the stored App can't be decrypted, since the secret that
	// sealed it is no longer configured.
	ErrAppSealed = errors.New("the GitHub App in this database was sealed with another NEPTUN_SECRET: " +
		"set that one again (a comma-separated list holds both), or run neptun app forget and set up another App")
)

const appPlace = "settings.app/1"

// App returns the App from the setup page. The error is ErrNotFound if there is none, or
// ErrAppSealed.
func (d *DB) App(ctx context.Context) (App, error) { return d.app(ctx, d.read) }

func (d *DB) app(ctx context.Context, q *sqlcgen.Queries) (App, error) {
	sealed, err := q.GetApp(ctx)
	if err := found(err); err != nil {
		return App{}, fmt.Errorf("db: read the App: %w", err)
	}
	if len(sealed) == 0 {
		return App{}, ErrNotFound
	}
	plain, err := d.keyring.Open(sealed, appPlace)
	if err != nil {
		return App{}, ErrAppSealed
	}
	var app App
	if err := json.Unmarshal(plain, &app); err != nil {
		return App{}, fmt.Errorf("db: read the App: %w", err)
	}
	return app, nil
}

// StoreApp stores the App that was created in a browser, and closes the setup. It deletes
// the data of an earlier App. The error is ErrAppExists if there is an App already.
func (d *DB) StoreApp(ctx context.Context, app App, browserHash string) error {
	plain, err := json.Marshal(app)
	if err != nil {
		return fmt.Errorf("db: store the App: %w", err)
	}
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		stored, err := q.PutApp(ctx, sqlcgen.PutAppParams{
			App: d.keyring.Seal(plain, appPlace), ClientID: app.ClientID, BrowserHash: browserHash, Now: millis(d.now()),
		})
		switch {
		case err != nil:
			return fmt.Errorf("db: store the App: %w", err)
		case stored == 0:
			return ErrAppExists
		}
		if err := closeSetup(ctx, q); err != nil {
			return err
		}
		settings, err := q.GetSettings(ctx)
		switch {
		case err != nil:
			return fmt.Errorf("db: read settings: %w", err)
		case settings.ClientID == app.ClientID:
			return nil
		}
		return changeApp(ctx, q, app.ClientID, millis(d.now()))
	})
}

// SetWebhookSecrets changes the two accepted webhook secrets. The error is ErrNotFound if
// the App isn't from the setup page.
func (d *DB) SetWebhookSecrets(ctx context.Context, secret, other string) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		app, err := d.app(ctx, q)
		if err != nil {
			return err
		}
		app.WebhookSecret, app.OtherWebhookSecret = secret, other
		plain, err := json.Marshal(app)
		if err != nil {
			return fmt.Errorf("db: store the App: %w", err)
		}
		if _, err := q.ReplaceApp(ctx, d.keyring.Seal(plain, appPlace)); err != nil {
			return fmt.Errorf("db: store the App: %w", err)
		}
		return nil
	})
}

// ForgetApp deletes the App from the setup page: all users are signed out, and the operators
// of that App are removed. It reports whether there was one.
func (d *DB) ForgetApp(ctx context.Context) (bool, error) {
	var there bool
	err := d.withTx(ctx, func(q *sqlcgen.Queries) error {
		forgotten, err := q.ForgetApp(ctx)
		if err != nil {
			return fmt.Errorf("db: forget the App: %w", err)
		}
		if err := closeSetup(ctx, q); err != nil {
			return err
		}
		if there = forgotten > 0; !there {
			return nil
		}
		if err := q.DeleteOperatorsOfApp(ctx); err != nil {
			return fmt.Errorf("db: delete operators: %w", err)
		}
		if err := changeApp(ctx, q, "", millis(d.now())); err != nil {
			return err
		}
		return d.setKeyCheck(ctx, q, nil)
	})
	return there, err
}

// closeSetup invalidates all setup codes, browsers and states.
func closeSetup(ctx context.Context, q *sqlcgen.Queries) error {
	if err := q.DeleteSetupCodes(ctx); err != nil {
		return fmt.Errorf("db: close the setup: %w", err)
	}
	if err := q.DeleteSetupStates(ctx); err != nil {
		return fmt.Errorf("db: close the setup: %w", err)
	}
	return nil
}
