package github

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/go-github/v60/github"
)

// client asks the API with one token, and remembers the limits that GitHub
// names for it.
type client struct {
	rest         *github.Client
	now          func() time.Time
	unauthorized error  // what a 401 means
	brake        *brake // nil where the caller heeds limits itself
}

// newClient makes a client; without a token it asks as anybody may.
func (g *GitHub) newClient(httpClient *http.Client, token string, unauthorized error) *client {
	rest := github.NewClient(httpClient)
	if token != "" {
		rest = rest.WithAuthToken(token)
	}
	rest.BaseURL = g.host.api
	return &client{rest: rest, now: g.now, unauthorized: unauthorized}
}

// asOwner asks the API with the App's client id and secret, for what concerns
// the tokens that GitHub gave it
// (https://docs.github.com/rest/apps/oauth-applications).
func (g *GitHub) asOwner() *client {
	httpClient := *g.interactive
	httpClient.Transport = &github.BasicAuthTransport{
		Username: g.app().ClientID, Password: g.app().ClientSecret, Transport: g.interactive.Transport,
	}
	rest := github.NewClient(&httpClient)
	rest.BaseURL = g.host.api
	return &client{rest: rest, now: g.now, unauthorized: ErrAppCredentials}
}

// get asks for one thing and fills answer with it. Of the Link header it
// believes the number of the next page alone, 0 for none: nothing but our own
// addresses is ever asked.
func (c *client) get(ctx context.Context, path string, answer any) (next int, err error) {
	response, err := c.send(ctx, http.MethodGet, path, nil, answer)
	if err != nil {
		return 0, err
	}
	return response.NextPage, nil
}

// send sends a request, with a body in JSON where there is one, and fills
// answer with what comes back, where one is wanted.
func (c *client) send(ctx context.Context, method, path string, body, answer any, options ...github.RequestOption) (*github.Response, error) {
	request, err := c.rest.NewRequest(method, path, body, options...)
	if err != nil {
		return nil, fmt.Errorf("github: make request: %w", err)
	}
	if err := c.brake.check(ctx); err != nil {
		return nil, err
	}
	response, err := c.rest.BareDo(ctx, request)
	if err != nil {
		return response, c.brake.note(ctx, classify(err, c.now(), c.unauthorized))
	}
	defer func() { _ = response.Body.Close() }()
	if answer == nil {
		if strings.HasPrefix(response.Header.Get("Content-Type"), "text/html") {
			// GitHub's API never answers so: this is a page of something in between.
			return response, fmt.Errorf("%w: %s: a page", ErrUnavailable, path)
		}
		return response, nil
	}
	// go-github's Do would take an empty body for an empty answer.
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return response, classify(err, c.now(), c.unauthorized)
	}
	if err := json.Unmarshal(content, answer); err != nil && !oddField(err) {
		return response, fmt.Errorf("%w: %s: %w", ErrUnavailable, path, err)
	}
	return response, nil
}

// malformed is the error for JSON that lacks what GitHub always gives.
func malformed(what string) error {
	return fmt.Errorf("%w: it lacks %s", ErrMalformed, what)
}
