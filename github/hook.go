package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/go-github/v60/github"
)

// What GitHub answers only where the App's webhook is asked for.
var (
	// ErrNoHook: the App has no webhook, so nothing can be said of it.
	ErrNoHook = errors.New("github: the App has no webhook")
	// ErrRefused: GitHub finds fault with what it was sent.
	ErrRefused = errors.New("github: GitHub refuses these values")
)

// Hook is how GitHub sends the App's webhooks. The secret is never told.
type Hook struct {
	URL         string
	ContentType string // json or form
	// InsecureSSL is true where GitHub doesn't check the address's certificate.
	InsecureSSL bool
	// HasSecret reports whether GitHub signs what it sends.
	HasSecret bool
}

// HookChange is what to change of a Hook; nil leaves a thing as it is.
type HookChange struct {
	URL, ContentType, Secret *string
	InsecureSSL              *bool
}

type hookConfig struct {
	URL         string          `json:"url"`
	ContentType string          `json:"content_type"`
	InsecureSSL json.RawMessage `json:"insecure_ssl"` // a string or a number
	Secret      string          `json:"secret"`       // asterisks
}

func convertHook(h hookConfig) Hook {
	return Hook{
		URL:         Clean(h.URL),
		ContentType: Clean(h.ContentType),
		InsecureSSL: strings.Trim(string(h.InsecureSSL), `"`) == "1",
		HasSecret:   h.Secret != "",
	}
}

// Hook asks how GitHub sends the App's webhooks
// (https://docs.github.com/rest/apps/webhooks#get-a-webhook-configuration-for-an-app).
// The error is ErrNoHook for an App that was made without.
func (a *AppClient) Hook(ctx context.Context) (Hook, error) {
	return a.hook(ctx, http.MethodGet, nil)
}

// ChangeHook changes how GitHub sends the App's webhooks, and tells how it does
// now
// (https://docs.github.com/rest/apps/webhooks#update-a-webhook-configuration-for-an-app).
// The errors are ErrNoHook and ErrRefused.
func (a *AppClient) ChangeHook(ctx context.Context, change HookChange) (Hook, error) {
	asked := struct {
		URL         *string `json:"url,omitempty"`
		ContentType *string `json:"content_type,omitempty"`
		Secret      *string `json:"secret,omitempty"`
		InsecureSSL string  `json:"insecure_ssl,omitempty"`
	}{URL: change.URL, ContentType: change.ContentType, Secret: change.Secret}
	if change.InsecureSSL != nil {
		asked.InsecureSSL = map[bool]string{false: "0", true: "1"}[*change.InsecureSSL]
	}
	if change.Secret == nil || a.g.fixed {
		return a.hook(ctx, http.MethodPatch, asked)
	}
	// The new secret counts before GitHub signs with it, and the old one goes on
	// counting for what was signed before.
	old := a.g.app().WebhookSecret
	if err := a.setWebhookSecrets(ctx, old, *change.Secret); err != nil {
		return Hook{}, err
	}
	hook, err := a.hook(ctx, http.MethodPatch, asked)
	if err != nil {
		return Hook{}, err
	}
	return hook, a.setWebhookSecrets(ctx, *change.Secret, old)
}

func (a *AppClient) setWebhookSecrets(ctx context.Context, secret, other string) error {
	if err := a.g.db.SetWebhookSecrets(ctx, secret, other); err != nil {
		return err
	}
	return a.g.LoadApp(ctx)
}

func (a *AppClient) hook(ctx context.Context, method string, body any) (Hook, error) {
	app, err := a.client()
	if err != nil {
		return Hook{}, err
	}
	var answer hookConfig
	if _, err := app.send(ctx, method, "app/hook/config", body, &answer); err != nil {
		return Hook{}, hookError(err)
	}
	if answer.URL == "" {
		return Hook{}, ErrNoHook
	}
	return convertHook(answer), nil
}

// hookError tells what GitHub's refusals mean where the App's webhook is asked
// for.
func hookError(err error) error {
	var answer *github.ErrorResponse
	switch {
	case errors.Is(err, ErrNotFound):
		return fmt.Errorf("%w: %w", ErrNoHook, err)
	case errors.As(err, &answer) && answer.Message != "" &&
		(answer.Response.StatusCode == http.StatusUnprocessableEntity || answer.Response.StatusCode == http.StatusBadRequest):
		return fmt.Errorf("%w: %w", ErrRefused, answer)
	}
	return err
}
