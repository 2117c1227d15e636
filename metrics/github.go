package metrics

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// GitHub measures the requests that a transport sends to GitHub.
func (m *Metrics) GitHub(base http.RoundTripper) http.RoundTripper {
	return gitHubTransport{m, base}
}

type gitHubTransport struct {
	metrics *Metrics
	base    http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (t gitHubTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	operation := operation(request)
	start := time.Now()
	response, err := t.base.RoundTrip(request)
	t.metrics.gitHubDuration.WithLabelValues(operation).Observe(time.Since(start).Seconds())
	if err != nil {
		t.metrics.gitHubRequests.WithLabelValues(operation, status(0)).Inc()
		return response, err
	}
	t.metrics.gitHubRequests.WithLabelValues(operation, status(response.StatusCode)).Inc()
	limit, _ := strconv.ParseFloat(response.Header.Get("X-RateLimit-Limit"), 64)
	remaining, err := strconv.ParseFloat(response.Header.Get("X-RateLimit-Remaining"), 64)
	if err == nil && limit > 0 {
		t.metrics.gitHubRemaining.WithLabelValues(tokenKind(request), resource(response)).Set(remaining / limit)
	}
	return response, nil
}

func status(code int) string { return strconv.Itoa(code) }

// names are the path segments after which the next segment is a value.
var names = map[string]string{
	"repos": "{owner}/{repo}", "orgs": "{org}", "users": "{user}", "enterprises": "{enterprise}", "memberships": "{user}", "teams": "{team}",
	"members": "{user}", "collaborators": "{user}", "applications": "{client_id}", "app-manifests": "{code}",
}

var (
	numeric = regexp.MustCompile(`^[0-9]+$`)
	// words matches path segments that are not values.
	words = regexp.MustCompile(`^[a-z][a-z_-]{0,30}$`)
)

// operation names the operation of a request. It replaces everything in the path that may
// be a value, so that there are as few names as operations.
func operation(request *http.Request) string {
	path := strings.TrimPrefix(request.URL.Path, "/api/v3")
	segments := strings.Split(strings.Trim(path, "/"), "/")
	var out []string
	for i := 0; i < len(segments); i++ {
		segment := segments[i]
		switch {
		case numeric.MatchString(segment):
			segment = "{id}"
		case !words.MatchString(segment):
			segment = "{value}"
		}
		out = append(out, segment)
		placeholder, ok := names[segment]
		if !ok || i+1 >= len(segments) || numeric.MatchString(segments[i+1]) {
			continue
		}
		out = append(out, placeholder)
		i += 1 + strings.Count(placeholder, "/")
	}
	return request.Method + " /" + strings.Join(out, "/")
}

// tokenKind returns whose rate limit a request counts against
// (https://docs.github.com/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats).
func tokenKind(request *http.Request) string {
	scheme, token, _ := strings.Cut(request.Header.Get("Authorization"), " ")
	switch {
	case strings.HasPrefix(token, "ghu_"):
		return "user"
	case strings.HasPrefix(token, "ghs_"):
		return "installation"
	case strings.HasPrefix(token, "eyJ"):
		return "app"
	case strings.EqualFold(scheme, "basic"):
		return "client"
	}
	return "other"
}

// resource returns the rate limit resource of a response.
func resource(response *http.Response) string {
	if name := response.Header.Get("X-RateLimit-Resource"); words.MatchString(name) {
		return name
	}
	return "core"
}
