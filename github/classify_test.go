package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"neptun/db"

	"github.com/google/go-github/v60/github"
)

func TestP31ErrorResponsesAreClassified(t *testing.T) {
	reset := time.Now().Add(40 * time.Minute).Truncate(time.Second)
	const docs = "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits"
	message := func(text string) string { return fmt.Sprintf(`{"message":%q}`, text) }
	headers := func(pairs ...string) map[string]string {
		m := map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = pairs[i+1]
		}
		return m
	}
	for _, c := range []struct {
		name   string
		status int
		header map[string]string
		body   string
		want   error
		limit  *RateLimitError // Until is how long from now, as a time after the zero time
	}{
		{name: "token refused", status: 401, body: message("Bad credentials"), want: ErrSignInAgain},
		{name: "blocked by law", status: 451, body: message("Repository access blocked"), want: ErrForbidden},
		{name: "right missing", status: 403, body: message("Resource not accessible by integration"), want: ErrForbidden},
		{name: "suspended", status: 403, body: message("This installation has been suspended"), want: ErrSuspended},
		{name: "suspended with the last request before the rate limit", status: 403, header: headers("X-RateLimit-Remaining", "0"), body: message("This installation has been suspended"), want: ErrSuspended},
		{name: "single sign-on wanted", status: 403, header: headers("X-GitHub-SSO", "required; url=https://elsewhere.example/sso"), body: message("Resource protected by organization SAML enforcement."), want: &SSOError{}},
		{name: "withdrawn", status: 410, body: message("This endpoint is gone"), want: ErrWithdrawn},
		{name: "media type withdrawn", status: 415, body: message("Unsupported Media Type"), want: ErrUnsupported},
		{name: "not as it was asked", status: 422, body: message("Validation Failed"), want: ErrInvalid},
		{name: "gone, not by the API", status: 410, body: "<html>gone</html>", want: ErrUnavailable},
		{name: "not there", status: 404, body: message("Not Found"), want: ErrNotFound},
		{name: "the App unknown", status: 404, body: message("Integration not found"), want: ErrAppCredentials},
		{name: "page not found, not by the API", status: 404, body: "<html>not here</html>", want: ErrUnavailable},
		{name: "a gateway wants a login", status: 401, body: "<html>who are you</html>", want: ErrUnavailable},
		{name: "a gateway forbids", status: 403, body: "<html>no</html>", want: ErrUnavailable},
		{name: "bad gateway", status: 502, body: "<html>Unicorn!</html>", want: ErrUnavailable},
		{name: "server error", status: 500, body: message("Server Error"), want: ErrUnavailable},
		{name: "queued", status: 202, body: "{}", want: ErrUnavailable},
		{name: "HTML for JSON", status: 200, body: "<html>login</html>", want: ErrUnavailable},
		{name: "nothing at all", status: 200, want: ErrUnavailable},
		{name: "JSON of something else", status: 200, body: "{}", want: ErrUnavailable},
		{name: "cut short", status: 200, header: headers("Content-Length", "900"), body: `{"id":7,"login":"ada"`, want: ErrUnavailable},
		{name: "rate limit exceeded", status: 403, header: headers("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", strconv.FormatInt(reset.Unix(), 10)), body: message("API rate limit exceeded"), limit: &RateLimitError{Until: reset}},
		{name: "rate limit exceeded, as 429", status: 429, header: headers("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", strconv.FormatInt(reset.Unix(), 10)), body: message("API rate limit exceeded"), limit: &RateLimitError{Until: reset}},
		{name: "too much at once", status: 403, header: headers("Retry-After", "30"), body: fmt.Sprintf(`{"message":"You have exceeded a secondary rate limit.","documentation_url":%q}`, docs), limit: &RateLimitError{Secondary: true}},
		{name: "too much at once, as 429", status: 429, header: headers("Retry-After", "30"), body: message("You have exceeded a secondary rate limit."), limit: &RateLimitError{Secondary: true}},
		{name: "come back later", status: 403, header: headers("Retry-After", "30"), body: message("slow down"), limit: &RateLimitError{Secondary: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				for name, value := range c.header {
					w.Header().Set(name, value)
				}
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			}))
			defer server.Close()
			g, clock := against(t, server)
			_, err := g.User(t.Context(), db.Token{Access: "secret"})
			var sso *SSOError
			if errors.As(c.want, &sso) {
				if !errors.As(err, &sso) || sso.URL != "" {
					t.Errorf("got %v, with a link to %q", err, sso.URL)
				}
				return
			}
			if c.limit == nil {
				expectErr(t, err, c.want)
				return
			}
			until := c.limit.Until
			if until.IsZero() {
				until = clock.Now().Add(30 * time.Second)
			}
			var limit *RateLimitError
			if !errors.As(err, &limit) {
				t.Fatalf("the error is %v", err)
			}
			if limit.Secondary != c.limit.Secondary || limit.Until.Sub(until).Abs() > time.Second {
				t.Errorf("got %v, expected until %v", limit, until)
			}
		})
	}
}

func TestARateLimitWithoutATimeLastsAMinute(t *testing.T) {
	now := time.Now()
	for name, header := range map[string]http.Header{
		"no word":      {},
		"nonsense":     {"Retry-After": {"soon"}},
		"zero":         {"Retry-After": {"0"}},
		"already over": {"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {strconv.FormatInt(now.Add(-time.Hour).Unix(), 10)}},
	} {
		var limit *RateLimitError
		if err := limited(http.StatusTooManyRequests, header, "", now); !errors.As(err, &limit) || !limit.Until.Equal(now.Add(time.Minute)) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestARateLimitMayLastUntilADate(t *testing.T) {
	now := time.Now()
	until := now.Add(90 * time.Second).UTC().Truncate(time.Second)
	var limit *RateLimitError
	if err := limited(http.StatusTooManyRequests, http.Header{"Retry-After": {until.Format(http.TimeFormat)}}, "", now); !errors.As(err, &limit) || !limit.Until.Equal(until) {
		t.Errorf("got %v, expected until %v", err, until)
	}
}

func TestO1ARateLimitLastsAnHourAtMost(t *testing.T) {
	now := time.Now()
	for name, header := range map[string]http.Header{
		"a year":          {"Retry-After": {"31536000"}},
		"a date":          {"Retry-After": {"Fri, 31 Dec 9999 23:59:59 GMT"}},
		"in milliseconds": {"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {strconv.FormatInt(now.Add(time.Minute).UnixMilli(), 10)}},
	} {
		var limit *RateLimitError
		if err := limited(http.StatusTooManyRequests, header, "", now); !errors.As(err, &limit) || !limit.Until.Equal(now.Add(time.Hour)) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	var limit *RateLimitError
	primary := &github.RateLimitError{Rate: github.Rate{Reset: github.Timestamp{Time: now.AddDate(40000, 0, 0)}}}
	if err := classify(primary, now, nil); !errors.As(err, &limit) || !limit.Until.Equal(now.Add(time.Hour)) {
		t.Errorf("a primary limit: got %v", err)
	}
}

func TestAnUnreachableGitHubIsUnavailable(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	g, _ := against(t, server)
	server.Close()
	_, err := g.User(t.Context(), db.Token{Access: "secret"})
	expectErr(t, err, ErrUnavailable)
}

func TestATimeoutIsUnavailable(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer server.Close()
	defer close(release)
	g, _ := against(t, server)
	g.interactive.Timeout = 50 * time.Millisecond
	_, err := g.User(t.Context(), db.Token{Access: "secret"})
	expectErr(t, err, ErrUnavailable)
}

func TestACanceledRequestIsNotAGitHubError(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	g, _ := against(t, server)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := g.User(ctx, db.Token{Access: "secret"})
	expectErr(t, err, context.Canceled)
	if errors.Is(err, ErrUnavailable) {
		t.Errorf("the error is %v", err)
	}
}

func TestEveryErrorIsExplainedWithoutItsCause(t *testing.T) {
	seen := map[string]bool{}
	for _, err := range []error{
		ErrSignInAgain, ErrForbidden, ErrSuspended, ErrNotFound, ErrWithdrawn, ErrUnsupported, ErrInvalid, ErrAccountSuspended, ErrManagedUser, ErrBlocked, &IPAllowListError{}, ErrAccessDenied, ErrUnverifiedEmail, ErrSignInFailed, ErrAppSuspended, &SSOError{}, ErrUnavailable, ErrBadCode, ErrAppCredentials, ErrRedirectURI,
		&RateLimitError{Until: time.Date(2026, 1, 2, 15, 4, 0, 0, time.UTC)},
		&RateLimitError{Until: time.Date(2026, 1, 2, 15, 4, 0, 0, time.UTC), Secondary: true},
		errors.New("something else"),
	} {
		sentence := Explain(fmt.Errorf("GET /user: token ghu_secret: %w", err))
		if !strings.HasSuffix(sentence, ".") || strings.Contains(sentence, "secret") || seen[sentence] {
			t.Errorf("%v is explained as %q", err, sentence)
		}
		seen[sentence] = true
		var limit *RateLimitError
		if errors.As(err, &limit) && !strings.Contains(sentence, "15:04 UTC") {
			t.Errorf("%q doesn't contain the time", sentence)
		}
	}
}

func TestR2WithheldOrganizationsAreParsed(t *testing.T) {
	for header, want := range map[string]string{
		"partial-results; organizations=21955855,20582480": "[21955855 20582480]",
		"partial-results; organizations=1":                 "[1]",
		"partial-results;organizations= 1 , 2,,x,-3,0,1":   "[1 2]",
		"partial-results; organizations=":                  "[]",
		"partial-results":                                  "[]",
		"partial-results; teams=1":                         "[]",
		"required; url=https://github.com/orgs/acme/sso":   "[]",
		"": "[]",
	} {
		if got := fmt.Sprint(withheld(http.Header{"X-Github-Sso": {header}})); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
}

func TestOnlyGitHubsOwnSingleSignOnPageIsALink(t *testing.T) {
	for _, c := range []struct{ header, requested, want string }{
		{"required; url=https://github.com/orgs/acme/sso?authorization_request=abc", "https://api.github.com/user", "https://github.com/orgs/acme/sso?authorization_request=abc"},
		{"required; url=https://ghe.example/orgs/acme/sso", "https://ghe.example/api/v3/user", "https://ghe.example/orgs/acme/sso"},
		{"required; url=https://evil.example/orgs/acme/sso", "https://api.github.com/user", ""},
		{"required; url=http://github.com/orgs/acme/sso", "https://api.github.com/user", ""},
		{"required; url=javascript:alert(1)", "https://api.github.com/user", ""},
		{"partial-results; organizations=1,2", "https://api.github.com/user", ""},
	} {
		requested, err := url.Parse(c.requested)
		if err != nil {
			t.Fatal(err)
		}
		if got := ssoURL(c.header, requested); got != c.want {
			t.Errorf("%s gives the link %q", c.header, got)
		}
	}
}
