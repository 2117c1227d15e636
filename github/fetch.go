package github

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
)

// fetched is a page as GitHub answered it, not yet read.
type fetched struct {
	path      string
	body      *bytes.Buffer // nil for a page that is unchanged
	next      int           // number of the next page, 0 for none
	etag      string
	unchanged bool
}

// bodies lends the memory that pages arrive in: a page of a hundred
// repositories takes more than half a megabyte, of which little is kept.
var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// fetch asks for a page, with an ETag for whether it has changed since, which
// costs nothing of the budget if it has not
// (https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate).
func (c *client) fetch(ctx context.Context, path, etag string) (fetched, error) {
	request, err := c.rest.NewRequest(http.MethodGet, path, nil)
	if err != nil {
		return fetched{}, fmt.Errorf("github: make request: %w", err)
	}
	if etag != "" {
		request.Header.Set("If-None-Match", etag)
	}
	response, err := c.rest.BareDo(ctx, request)
	if etag != "" && response != nil && response.StatusCode == http.StatusNotModified {
		return fetched{path: path, unchanged: true}, nil
	}
	if err != nil {
		return fetched{}, classify(err, c.now(), c.unauthorized)
	}
	defer func() { _ = response.Body.Close() }()
	body := bodies.Get().(*bytes.Buffer)
	body.Reset()
	if size := response.ContentLength; size > 0 && size <= maxBody {
		body.Grow(int(size) + bytes.MinRead)
	}
	if _, err := body.ReadFrom(response.Body); err != nil {
		return fetched{}, classify(err, c.now(), c.unauthorized)
	}
	return fetched{path: path, body: body, next: response.NextPage, etag: response.Header.Get("ETag")}, nil
}

// decode fills answer with the page, and gives its memory back.
func (f fetched) decode(answer any) error {
	defer bodies.Put(f.body)
	if err := json.Unmarshal(f.body.Bytes(), answer); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrUnavailable, f.path, err)
	}
	return nil
}
