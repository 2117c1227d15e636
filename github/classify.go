package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-github/v60/github"
)

// secondaryWait is how long to wait if GitHub names no time, as its documentation
// recommends
// (https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit).
const secondaryWait = time.Minute

// classify converts go-github's errors to this package's. unauthorized is the error
// for a 401, which depends on whose token was sent.
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
		// Without a Retry-After, go-github uses the reset time of the primary limit.
		var until time.Time
		switch {
		case secondary.Response != nil:
			until = retryTime(secondary.Response.Header.Get("Retry-After"), now)
		case secondary.RetryAfter != nil:
			until = now.Add(*secondary.RetryAfter)
		}
		return &RateLimitError{Until: after(now, until), Secondary: true}
	case errors.As(err, &answer):
		return fmt.Errorf("%w: %w", classifyAnswer(answer, now, unauthorized), err)
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// classifyAnswer maps GitHub's error responses to errors.
func classifyAnswer(answer *github.ErrorResponse, now time.Time, unauthorized error) error {
	status, header := answer.Response.StatusCode, answer.Response.Header
	if limit := limited(status, header, answer.Message, now); limit != nil {
		return limit
	}
	if until := retryTime(header.Get("Retry-After"), now); status >= http.StatusInternalServerError && until.After(now) {
		return &UnavailableError{Until: after(now, until)}
	}
	if answer.Message == "" {
		// Every error response of GitHub's API is JSON with a message. This one comes
		// from a proxy in between, and proves nothing.
		return ErrUnavailable
	}
	switch status {
	case http.StatusUnauthorized:
		return unauthorized
	case http.StatusForbidden:
		return classifyForbidden(answer)
	case http.StatusUnavailableForLegalReasons:
		return ErrBlocked
	case http.StatusNotFound:
		switch {
		case answer.Message == "Integration not found":
			return ErrAppCredentials // the App is unknown, not the resource
		case lacksOperation(answer):
			return ErrUnsupported
		}
		return ErrNotFound
	case http.StatusMethodNotAllowed, http.StatusNotAcceptable, http.StatusUnsupportedMediaType:
		return ErrUnsupported
	case http.StatusGone:
		return ErrWithdrawn
	case http.StatusUnprocessableEntity:
		return ErrInvalid
	}
	return ErrUnavailable
}

// classifyForbidden distinguishes the reasons for a 403.
func classifyForbidden(answer *github.ErrorResponse) error {
	sso := answer.Response.Header.Get("X-Github-Sso")
	says := func(words string) bool { return strings.Contains(strings.ToLower(answer.Message), words) }
	switch {
	case suspended(answer.Message):
		return ErrSuspended
	case says("account was suspended"), says("account has been suspended"), says("account is suspended"):
		return ErrAccountSuspended
	case sso != "":
		return &SSOError{URL: ssoURL(sso, answer.Response.Request.URL)}
	case says("ip allow list"):
		return &IPAllowListError{URL: docsURL(answer)}
	case says("enterprise managed user"):
		return ErrManagedUser
	case answer.Block != nil, says("access blocked"):
		return ErrBlocked
	}
	return ErrForbidden
}

// laterOperations are those that older Enterprise Servers lack.
var laterOperations = regexp.MustCompile(`/(app/hook/|app/installation-requests|app/installations/\d+/suspended|applications/[^/]+/)`)

// lacksOperation reports whether a 404 means that the server doesn't have the
// operation at all: such a response links to no operation's page in the documentation.
func lacksOperation(answer *github.ErrorResponse) bool {
	return laterOperations.MatchString(answer.Response.Request.URL.Path) &&
		answer.DocumentationURL != "" && !strings.Contains(answer.DocumentationURL, "#")
}

// namesOperation reports whether an error response links to an operation's page in
// the documentation: then the server has that operation.
func namesOperation(err error) bool {
	var answer *github.ErrorResponse
	return errors.As(err, &answer) && strings.Contains(answer.DocumentationURL, "#")
}

// docsURL is the documentation page that an error response links to, if it is in
// GitHub's documentation.
func docsURL(answer *github.ErrorResponse) string {
	page, err := url.Parse(link(answer.DocumentationURL))
	if err != nil || page.Scheme != "https" || page.Host != "docs.github.com" {
		return ""
	}
	return page.String()
}

// ssoURL is the URL in the header "required; url=https://…", if it is on the same
// GitHub.
func ssoURL(header string, requested *url.URL) string {
	_, address, _ := strings.Cut(header, "url=")
	page, err := url.Parse(link(strings.TrimSpace(address)))
	if err != nil || page.Scheme != requested.Scheme || page.Host != requested.Host && "api."+page.Host != requested.Host {
		return ""
	}
	return page.String()
}

// limited recognizes the rate limits that go-github doesn't: every 429, and a 403
// with a time to retry.
func limited(status int, header http.Header, message string, now time.Time) error {
	retryAfter := header.Get("Retry-After")
	secondary := strings.Contains(message, "secondary rate limit")
	switch {
	case status != http.StatusTooManyRequests && status != http.StatusForbidden,
		status == http.StatusForbidden && retryAfter == "" && !secondary:
		return nil
	case retryAfter != "":
		return &RateLimitError{Until: after(now, retryTime(retryAfter, now)), Secondary: true}
	case header.Get("X-Ratelimit-Remaining") == "0":
		reset, _ := strconv.ParseInt(header.Get("X-Ratelimit-Reset"), 10, 64)
		return &RateLimitError{Until: after(now, time.Unix(reset, 0)), Secondary: secondary}
	}
	return &RateLimitError{Until: after(now, time.Time{}), Secondary: true}
}

// retryTime reads a Retry-After header, which is a number of seconds or a date
// (https://www.rfc-editor.org/rfc/rfc9110#field.retry-after); it is zero for neither.
func retryTime(header string, now time.Time) time.Time {
	if seconds, err := strconv.Atoi(header); err == nil {
		return now.Add(time.Duration(seconds) * time.Second)
	}
	at, err := http.ParseTime(header)
	if err != nil {
		return time.Time{}
	}
	return at
}

// maxWait is how long Neptun waits at most because of one response: GitHub's primary ones reset every hour
// (https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api).
const maxWait = time.Hour

// after returns the time that GitHub named or, if that isn't in the future, a while from now.
// A time after maxWait is a proxy's or a wrong clock's: the App would be blocked until then, on
// all instances and past every restart.
func after(now, named time.Time) time.Time {
	if !named.After(now) {
		return now.Add(secondaryWait)
	}
	if latest := now.Add(maxWait); named.After(latest) {
		return latest
	}
	return named
}

func suspended(message string) bool {
	return strings.Contains(message, "installation has been suspended")
}
