package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-github/v60/github"
)

// secondaryWait is how long to wait where GitHub doesn't say, as its
// documentation asks
// (https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit).
const secondaryWait = time.Minute

// classify turns what go-github reports into this package's errors. What a 401
// means depends on whose token was sent.
func classify(err error, now time.Time, unauthorized error) error {
	var (
		primary   *github.RateLimitError
		secondary *github.AbuseRateLimitError
		answer    *github.ErrorResponse
	)
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &primary) && suspended(primary.Message):
		return fmt.Errorf("%w: %w", ErrSuspended, err)
	case errors.As(err, &primary):
		return &RateLimitError{Until: after(now, primary.Rate.Reset.Time)}
	case errors.As(err, &secondary):
		// Not go-github's RetryAfter: without the header it is the primary limit's end.
		seconds, _ := strconv.Atoi(secondary.Response.Header.Get("Retry-After"))
		return &RateLimitError{Until: after(now, now.Add(time.Duration(seconds)*time.Second)), Secondary: true}
	case errors.As(err, &answer):
		return fmt.Errorf("%w: %w", classifyAnswer(answer, now, unauthorized), err)
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

func classifyAnswer(answer *github.ErrorResponse, now time.Time, unauthorized error) error {
	status, header := answer.Response.StatusCode, answer.Response.Header
	if limit := limited(status, header, answer.Message, now); limit != nil {
		return limit
	}
	if answer.Message == "" {
		// Every refusal of GitHub's API is JSON with a message. This one comes from
		// something in between, and proves nothing.
		return ErrUnavailable
	}
	switch {
	case status == http.StatusUnauthorized:
		return unauthorized
	case status == http.StatusForbidden && suspended(answer.Message):
		return ErrSuspended
	case status == http.StatusForbidden && header.Get("X-Github-Sso") != "":
		return &SSOError{URL: ssoURL(header.Get("X-Github-Sso"), answer.Response.Request.URL)}
	case status == http.StatusForbidden, status == http.StatusUnavailableForLegalReasons:
		return ErrForbidden
	case status == http.StatusNotFound && answer.Message == "Integration not found":
		// The App is unknown, not what was asked for.
		return ErrAppCredentials
	case status == http.StatusNotFound:
		return ErrNotFound
	case status == http.StatusGone, status == http.StatusUnsupportedMediaType:
		return ErrWithdrawn
	case status == http.StatusUnprocessableEntity:
		return ErrInvalid
	}
	return ErrUnavailable
}

// ssoURL is the page that the header "required; url=https://…" names, if it is
// on the GitHub that was asked.
func ssoURL(header string, asked *url.URL) string {
	_, address, _ := strings.Cut(header, "url=")
	page, err := url.Parse(link(strings.TrimSpace(address)))
	if err != nil || page.Scheme != asked.Scheme || page.Host != asked.Host && "api."+page.Host != asked.Host {
		return ""
	}
	return page.String()
}

// limited recognizes the limits that go-github doesn't: every 429, and a 403
// that says when to come back.
func limited(status int, header http.Header, message string, now time.Time) error {
	retryAfter := header.Get("Retry-After")
	secondary := strings.Contains(message, "secondary rate limit")
	switch {
	case status != http.StatusTooManyRequests && status != http.StatusForbidden,
		status == http.StatusForbidden && retryAfter == "" && !secondary:
		return nil
	case retryAfter != "":
		seconds, _ := strconv.Atoi(retryAfter)
		return &RateLimitError{Until: after(now, now.Add(time.Duration(seconds)*time.Second)), Secondary: true}
	case header.Get("X-Ratelimit-Remaining") == "0":
		reset, _ := strconv.ParseInt(header.Get("X-Ratelimit-Reset"), 10, 64)
		return &RateLimitError{Until: after(now, time.Unix(reset, 0)), Secondary: secondary}
	}
	return &RateLimitError{Until: after(now, time.Time{}), Secondary: true}
}

// after is the time named, or, where it is none to wait for, a while from now.
func after(now, named time.Time) time.Time {
	if named.After(now) {
		return named
	}
	return now.Add(secondaryWait)
}

func suspended(message string) bool {
	return strings.Contains(message, "installation has been suspended")
}
