package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/go-github/v60/github"
)

// client sends requests to the API with one token, and remembers its rate limits.
type client struct {
	rest         *github.Client
	now          func() time.Time
	unauthorized error     // what a 401 means
	appLimit     *appLimit // nil if the caller checks limits itself
}

// newClient creates a client. Without a token, its requests are unauthenticated.
func (g *GitHub) newClient(httpClient *http.Client, token string, unauthorized error) *client {
	rest := github.NewClient(httpClient)
	if token != "" {
		rest = rest.WithAuthToken(token)
	}
	rest.BaseURL = g.host.api
	return &client{rest: rest, now: g.now, unauthorized: unauthorized}
}

// withClientSecret returns a client with the app's client ID and secret, for operations on the
// tokens that GitHub issued to it
// (https://docs.github.com/rest/apps/oauth-applications).
func (g *GitHub) withClientSecret() *client {
	httpClient := *g.interactive
	httpClient.Transport = &github.BasicAuthTransport{
		Username: g.app().ClientID, Password: g.app().ClientSecret, Transport: g.interactive.Transport,
	}
	rest := github.NewClient(&httpClient)
	rest.BaseURL = g.host.api
	return &client{rest: rest, now: g.now, unauthorized: ErrAppCredentials}
}

// get requests path and decodes the response into answer. From the Link header it
// takes only the number of the next page, 0 for none: Neptun never requests a URL that
// a response contains.
func (c *client) get(ctx context.Context, path string, answer any) (next int, err error) {
	response, err := c.send(ctx, http.MethodGet, path, nil, answer)
	if err != nil {
		return 0, err
	}
	return response.NextPage, nil
}

// send sends a request, with a JSON body unless body is nil, and decodes the response
// into answer unless that is nil.
func (c *client) send(ctx context.Context, method, path string, body, answer any, options ...github.RequestOption) (*github.Response, error) {
	request, err := c.rest.NewRequest(method, path, body, options...)
	if err != nil {
		return nil, fmt.Errorf("github: make request: %w", err)
	}
	if err := c.appLimit.check(ctx); err != nil {
		return nil, err
	}
	response, err := c.rest.BareDo(ctx, request)
	if err != nil {
		return response, c.appLimit.note(ctx, classify(err, c.now(), c.unauthorized))
	}
	defer func() { _ = response.Body.Close() }()
	if answer == nil {
		if strings.HasPrefix(response.Header.Get("Content-Type"), "text/html") {
			// GitHub's API never responds like this: it is the page of a proxy in between.
			return response, fmt.Errorf("%w: %s: HTML", ErrUnavailable, path)
		}
		return response, nil
	}
	// go-github's Do would treat an empty body as an empty response.
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return response, classify(err, c.now(), c.unauthorized)
	}
	return response, decodeBody(path, content, answer)
}

// decodeBody decodes the body of a response. A field of an odd type is left out.
func decodeBody(path string, body []byte, answer any) error {
	err := json.Unmarshal(body, answer)
	var odd *json.UnmarshalTypeError
	switch {
	case err == nil, IsOddField(err):
		return nil
	case errors.As(err, &odd):
		return fmt.Errorf("%w: %s: %w", ErrMalformed, path, err)
	}
	return fmt.Errorf("%w: %s: %w", ErrUnavailable, path, err)
}

// malformed is the error for JSON without a field that GitHub always sends.
func malformed(what string) error {
	return fmt.Errorf("%w: %s missing", ErrMalformed, what)
}
