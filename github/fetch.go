package github

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"sync"
)

// Fetched is a page of a GitHub response, not yet decoded. It must be decoded only
// once, by Repositories or Installations.
type Fetched struct {
	// Unchanged means 304 Not Modified. There is nothing to decode.
	Unchanged bool
	// ETag is only valid with the token of this version: with another token, the page
	// differs.
	ETag         string
	TokenVersion int64

	path  string
	first bool // it is the first page of its list
	body  *bytes.Buffer
	next  int // number of the next page, 0 for none
	// withheld are the organizations that GitHub omitted.
	withheld []int64
}

// ETagOf returns the ETag of the cached page for a version of the user's token, empty
// for none.
type ETagOf func(tokenVersion int64) (string, error)

// bodies pools the buffers for response bodies: a page of a hundred repositories takes
// more than half a megabyte, of which little is kept.
var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// fetch requests a page as the user, conditionally with an ETag. A 304 response doesn't
// count against the rate limit
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

// decode decodes the page into answer and returns its buffer to the pool.
func (f Fetched) decode(answer any) error {
	defer bodies.Put(f.body)
	return decodeBody(f.path, f.body.Bytes(), answer)
}
