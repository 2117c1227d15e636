package metrics

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
)

func TestO11OperationNamesAreBounded(t *testing.T) {
	for path, want := range map[string]string{
		"/user":                                     "GET /user",
		"/api/v3/user/installations":                "GET /user/installations",
		"/user/installations/42/repositories":       "GET /user/installations/{id}/repositories",
		"/repos/acme/installations":                 "GET /repos/{owner}/{repo}",
		"/repos/acme/api/installation":              "GET /repos/{owner}/{repo}/installation",
		"/repositories/12":                          "GET /repositories/{id}",
		"/orgs/acme/memberships/octocat":            "GET /orgs/{org}/memberships/{user}",
		"/users/octocat/installation":               "GET /users/{user}/installation",
		"/applications/Iv23abc/token":               "GET /applications/{client_id}/token",
		"/app-manifests/a1b2c3/conversions":         "GET /app-manifests/{code}/conversions",
		"/app/hook/deliveries/1234/attempts":        "GET /app/hook/deliveries/{id}/attempts",
		"/app/installations/1/Some-Secret_Value.42": "GET /app/installations/{id}/{value}",
	} {
		if got := operation(httptest.NewRequest(http.MethodGet, path, nil)); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
}

func TestO11RequestsToGitHubAreMeasured(t *testing.T) {
	gitHub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-RateLimit-Limit", "5000")
		w.Header().Set("X-RateLimit-Remaining", "1250")
	}))
	defer gitHub.Close()
	m := New("v1", "abc")
	client := &http.Client{Transport: m.GitHub(http.DefaultTransport)}
	for _, token := range []string{"Bearer ghu_x", "Bearer ghs_x", "Bearer eyJx", "Basic eDp5"} {
		request := httptest.NewRequest(http.MethodGet, gitHub.URL+"/user", nil)
		request.RequestURI = ""
		request.Header.Set("Authorization", token)
		answer, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
	}
	want := `
# HELP neptun_github_rate_limit_remaining_ratio The part of the rate limit that was left in GitHub's latest answer, by kind of token and resource.
# TYPE neptun_github_rate_limit_remaining_ratio gauge
neptun_github_rate_limit_remaining_ratio{resource="core",token="app"} 0.25
neptun_github_rate_limit_remaining_ratio{resource="core",token="client"} 0.25
neptun_github_rate_limit_remaining_ratio{resource="core",token="installation"} 0.25
neptun_github_rate_limit_remaining_ratio{resource="core",token="user"} 0.25
`
	if err := testutil.CollectAndCompare(m.gitHubRemaining, strings.NewReader(want)); err != nil {
		t.Error(err)
	}
	if n := testutil.ToFloat64(m.gitHubRequests.WithLabelValues("GET /user", "200")); n != 4 {
		t.Errorf("%v requests", n)
	}
}
