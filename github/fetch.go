package github

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
)

// Fetched is a page as GitHub answered it, not yet decoded. It is decoded once,
// by Repositories or Installations.
type Fetched struct {
	// Unchanged is a page that is as its ETag says. There is nothing to decode.
	Unchanged bool
	// ETag and TokenVersion belong together: a page looks different to another token.
	ETag         string
	TokenVersion int64

	path string
	body *bytes.Buffer
	next int // number of the next page, 0 for none
	// withheld are the organizations that GitHub left out.
	withheld []int64
}

// ETagOf is the ETag under which a page is known to a version of the user's
// token, empty for none.
type ETagOf func(tokenVersion int64) (string, error)

// bodies lends the memory that pages arrive in: a page of a hundred
// repositories takes more than half a megabyte, of which little is kept.
var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// fetch asks for a page in the user's name, with an ETag for whether it has
// changed since, which costs nothing of the budget if it has not
// (https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate).
func (u *UserClient) fetch(ctx context.Context, path string, known ETagOf) (page Fetched, err error) {
	err = u.ask(ctx, path, func(c *client, version int64) error {
		etag, err := known(version)
		if err != nil {
			return err
		}
		page, err = c.fetch(ctx, path, etag)
		page.TokenVersion = version
		return err
	})
	return page, err
}

func (c *client) fetch(ctx context.Context, path, etag string) (Fetched, error) {
	request, err := c.rest.NewRequest(http.MethodGet, path, nil)
	if err != nil {
		return Fetched{}, fmt.Errorf("github: make request: %w", err)
	}
	if etag != "" {
		request.Header.Set("If-None-Match", etag)
	}
	response, err := c.rest.BareDo(ctx, request)
	if etag != "" && response != nil && response.StatusCode == http.StatusNotModified {
		return Fetched{path: path, Unchanged: true}, nil
	}
	if err != nil {
		return Fetched{}, classify(err, c.now(), c.unauthorized)
	}
	defer func() { _ = response.Body.Close() }()
	body := bodies.Get().(*bytes.Buffer)
	body.Reset()
	if size := response.ContentLength; size > 0 && size <= maxBody {
		body.Grow(int(size) + bytes.MinRead)
	}
	if _, err := body.ReadFrom(response.Body); err != nil {
		return Fetched{}, classify(err, c.now(), c.unauthorized)
	}
	return Fetched{path: path, body: body, next: response.NextPage, ETag: response.Header.Get("ETag"), withheld: withheld(response.Header)}, nil
}

// decode fills answer with the page, and gives its memory back.
func (f Fetched) decode(answer any) error {
	defer bodies.Put(f.body)
	if err := json.Unmarshal(f.body.Bytes(), answer); err != nil && !oddField(err) {
		return fmt.Errorf("%w: %s: %w", ErrUnavailable, f.path, err)
	}
	return nil
}
