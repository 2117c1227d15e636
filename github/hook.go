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

// Errors of requests about the app's webhook.
var (
	// ErrNoHook: the app has no webhook.
	ErrNoHook = errors.New("github: the App has no webhook")
	// ErrRefused: GitHub rejects the values.
	ErrRefused = errors.New("github: GitHub refuses these values")
)

// Hook is the configuration of the app's webhook. It never contains the secret.
type Hook struct {
	URL         string
	ContentType string // json or form
	// InsecureSSL means that GitHub doesn't verify the server's certificate.
	InsecureSSL bool
	// HasSecret means that GitHub signs the deliveries.
	HasSecret bool
}

// HookChange is a change of a Hook; nil fields stay unchanged.
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

// Hook requests the configuration of the app's webhook
// (https://docs.github.com/rest/apps/webhooks#get-a-webhook-configuration-for-an-app).
// The error is ErrNoHook for an app that was registered without one.
func (a *AppClient) Hook(ctx context.Context) (Hook, error) {
	return a.hook(ctx, http.MethodGet, nil)
}

// ChangeHook changes the configuration of the app's webhook and returns the new one
// (https://docs.github.com/rest/apps/webhooks#update-a-webhook-configuration-for-an-app).
// The errors are ErrNoHook and ErrRefused.
func (a *AppClient) ChangeHook(ctx context.Context, change HookChange) (Hook, error) {
	body := struct {
		URL         *string `json:"url,omitempty"`
		ContentType *string `json:"content_type,omitempty"`
		Secret      *string `json:"secret,omitempty"`
		InsecureSSL string  `json:"insecure_ssl,omitempty"`
	}{URL: change.URL, ContentType: change.ContentType, Secret: change.Secret}
	if change.InsecureSSL != nil {
		body.InsecureSSL = map[bool]string{false: "0", true: "1"}[*change.InsecureSSL]
	}
	if change.Secret == nil || a.g.fixed {
		return a.hook(ctx, http.MethodPatch, body)
	}
	// The new secret is accepted before GitHub signs with it, and the old one stays
	// accepted for deliveries signed before.
	old := a.g.app().WebhookSecret
	if err := a.setWebhookSecrets(ctx, old, *change.Secret); err != nil {
		return Hook{}, err
	}
	hook, err := a.hook(ctx, http.MethodPatch, body)
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

// hookError maps errors of requests about the app's webhook.
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
