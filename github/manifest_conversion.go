package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"neptun/db"

	"github.com/google/go-github/v60/github"
)

var (
	// ErrManifestCode means that GitHub doesn't know the code: it was used, or is older
	// than an hour.
	ErrManifestCode = errors.New("github: the code of the manifest is no longer valid")
	// ErrManifestRefused means that GitHub rejected the manifest.
	ErrManifestRefused = errors.New("github: GitHub rejected the manifest")
)

// ConvertManifest exchanges the code that GitHub redirected a browser with for the new
// App's credentials. The code can be used once. The error is ErrManifestCode,
// ErrManifestRefused, a *RateLimitError or ErrUnavailable; it never contains the code.
func (g *GitHub) ConvertManifest(ctx context.Context, code string) (db.App, error) {
	nobody := github.NewClient(g.interactive) // the code is the only credential
	nobody.BaseURL = g.host.api
	asker := &client{rest: nobody, now: g.now, unauthorized: ErrUnavailable}
	var answer struct {
		ID            int64    `json:"id"`
		Slug          string   `json:"slug"`
		Name          string   `json:"name"`
		HTMLURL       string   `json:"html_url"`
		Owner         *Account `json:"owner"`
		ClientID      string   `json:"client_id"`
		ClientSecret  string   `json:"client_secret"`
		WebhookSecret string   `json:"webhook_secret"`
		PEM           string   `json:"pem"`
	}
	path := "app-manifests/" + url.PathEscape(code) + "/conversions"
	response, err := asker.send(ctx, http.MethodPost, path, nil, &answer)
	if err != nil {
		return db.App{}, withoutCode(response, err)
	}
	if answer.ID <= 0 || answer.ClientID == "" || answer.ClientSecret == "" || answer.Owner == nil {
		return db.App{}, malformed("the new App")
	}
	if _, err := ParsePrivateKey(answer.PEM); err != nil {
		return db.App{}, malformed("the new App's private key")
	}
	return db.App{
		ID: answer.ID, Slug: Clean(answer.Slug), Name: Clean(answer.Name), HTMLURL: link(answer.HTMLURL),
		Owner: answer.Owner.Convert("").Login, ClientID: answer.ClientID,
		ClientSecret: answer.ClientSecret, WebhookSecret: answer.WebhookSecret, PrivateKey: answer.PEM,
	}, nil
}

// withoutCode classifies a failed conversion. It drops the cause, which contains the
// URL with the code, which may still be valid.
func withoutCode(response *github.Response, err error) error {
	var limit *RateLimitError
	status := 0
	if response != nil {
		status = response.StatusCode
	}
	switch {
	case errors.As(err, &limit):
		return limit
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.Is(err, ErrNotFound):
		return ErrManifestCode
	case status == http.StatusUnprocessableEntity:
		return ErrManifestRefused
	case status != 0:
		return fmt.Errorf("%w: the conversion of the manifest returned %d", ErrUnavailable, status)
	}
	return fmt.Errorf("%w: the conversion of the manifest got no response", ErrUnavailable)
}
