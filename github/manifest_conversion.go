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
	// ErrManifestCode says that GitHub knows no App under the code: it was used, or is
	// older than an hour.
	ErrManifestCode = errors.New("github: the code of the manifest is no longer good")
	// ErrManifestRefused says that GitHub makes no App of the manifest.
	ErrManifestRefused = errors.New("github: the manifest is refused")
)

// ConvertManifest gives the code that GitHub sent a browser back with for the
// App it made. The code is good once. The error is ErrManifestCode,
// ErrManifestRefused, a *RateLimitError or ErrUnavailable; it names no code.
func (g *GitHub) ConvertManifest(ctx context.Context, code string) (db.App, error) {
	nobody := github.NewClient(g.interactive) // the code is all the authority there is
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

// withoutCode tells why a conversion failed. The cause stays out of the error:
// it names the address, and with it the code, which may still be good.
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
		return fmt.Errorf("%w: the conversion of the manifest was answered %d", ErrUnavailable, status)
	}
	return fmt.Errorf("%w: the conversion of the manifest was not answered", ErrUnavailable)
}
