package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// Fetched is how GitHub responded to a request for a page.
type Fetched struct {
	// Unchanged means 304 Not Modified. There is no page.
	Unchanged bool
	// ETag is only valid with the token of this version: with another token, the page
	// differs.
	ETag         string
	TokenVersion int64

	next int // number of the next page, 0 for none
	// withheld are the organizations that GitHub omitted.
	withheld []int64
}

// ETagOf returns the ETag of the cached page for a version of the user's token, empty
// for none.
type ETagOf func(tokenVersion int64) (string, error)

// fetch requests a page as the user, conditionally with an ETag. A 304 response doesn't
// count against the rate limit
// (https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate).
// The page is decoded while it arrives: a hundred repositories take more than half a
// megabyte, of which little is kept.
func fetch[T any](ctx context.Context, u *UserClient, path, name string, first bool, known ETagOf) (page Fetched, list listing[T], err error) {
	err = u.do(ctx, path, func(c *client, version int64) error {
		etag, err := known(version)
		if err != nil {
			return err
		}
		list = listing[T]{name: name, first: first}
		page, err = c.fetch(ctx, path, etag, list.decode)
		page.TokenVersion = version
		return err
	})
	return page, list, err
}

func (c *client) fetch(ctx context.Context, path, etag string, decode func(*json.Decoder) error) (Fetched, error) {
	request, err := c.rest.NewRequest(http.MethodGet, path, nil)
	if err != nil {
		return Fetched{}, fmt.Errorf("github: make request: %w", err)
	}
	if etag != "" {
		request.Header.Set("If-None-Match", etag)
	}
	response, err := c.rest.BareDo(ctx, request)
	if etag != "" && response != nil && response.StatusCode == http.StatusNotModified {
		return Fetched{Unchanged: true}, nil
	}
	if err != nil {
		return Fetched{}, classify(err, c.now(), c.unauthorized)
	}
	defer func() { _ = response.Body.Close() }()
	body := &bodyReader{Reader: response.Body}
	switch err := decodeAll(body, decode); {
	case body.failed != nil:
		return Fetched{}, classify(body.failed, c.now(), c.unauthorized)
	case errors.Is(err, ErrMalformed):
		return Fetched{}, err
	case err != nil:
		return Fetched{}, fmt.Errorf("%w: %s: %w", ErrUnavailable, path, err)
	}
	return Fetched{next: response.NextPage, ETag: response.Header.Get("ETag"), withheld: withheld(response.Header)}, nil
}

// bodyReader tells an error of the connection from one of the content.
type bodyReader struct {
	io.Reader
	failed error
}

// Read implements io.Reader.
func (b *bodyReader) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		b.failed = err
	}
	return n, err
}

var errTrailing = errors.New("more follows the JSON value")

// decodeAll decodes a body that has one value.
func decodeAll(body io.Reader, decode func(*json.Decoder) error) error {
	decoder := json.NewDecoder(body)
	if err := decode(decoder); err != nil {
		return err
	}
	switch _, err := decoder.Token(); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	}
	return errTrailing
}

// listing is a page of a list as GitHub sends it: an object that has the rows under
// the list's name.
type listing[T any] struct {
	name  string
	first bool            // it is the first page of its list
	total optional[int64] // on all pages
	rows  rows[T]
}

func (l *listing[T]) decode(from *json.Decoder) error {
	switch start, err := from.Token(); {
	case err != nil:
		return err
	case start != json.Delim('{'):
		return malformed("the " + l.name)
	}
	for from.More() {
		key, err := from.Token()
		if err != nil {
			return err
		}
		switch key {
		case "total_count":
			err = from.Decode(&l.total)
		case l.name:
			if err = l.rows.decode(from); errors.As(err, new(*json.UnmarshalTypeError)) {
				return malformed("the " + l.name)
			}
		default:
			var other json.RawMessage
			err = from.Decode(&other)
		}
		if err != nil {
			return err
		}
	}
	if _, err := from.Token(); err != nil {
		return err
	}
	if l.rows.items == nil || total(l.total) == UnknownTotal && l.first && len(l.rows.items) == 0 {
		return malformed("the " + l.name)
	}
	return nil
}
