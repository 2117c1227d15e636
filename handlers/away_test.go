package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
	"neptun/sandbox"

	"github.com/PuerkitoBio/goquery"
)

// If GitHub fails, requests that depend on it get a status, a message and a link to continue:
// as a page, as a fragment and as JSON.
func TestGitHubsFailuresInEveryFormat(t *testing.T) {
	s, opal := handlerstest.OpenRun(t, dbtest.SQLite(t))
	s.World.Apps.SetHookURL(s.URL + "/webhooks/github")
	s.World.Accounts.AddMember("office", "opal", sandbox.RoleMember)
	s.World.Repositories.SetPermission(43, "opal", sandbox.Pull)
	opal.SyncAll()
	own := parts(opal.Record("office"), opal.GitHubID("office"))
	for name, c := range map[string]struct {
		fault  *sandbox.Fault
		status int
	}{
		"away":              {&sandbox.Fault{Drop: true}, http.StatusGatewayTimeout},
		"a page in between": {&sandbox.Fault{Status: http.StatusOK, Header: http.Header{"Content-Type": {"text/html"}}, Body: "<html>maintenance</html>"}, http.StatusGatewayTimeout},
		"broken":            {gitHubError(http.StatusInternalServerError, "oops"), http.StatusGatewayTimeout},
		"at its limit":      {sandbox.SecondaryLimit(http.StatusTooManyRequests, 60e9), http.StatusServiceUnavailable},
		"no right":          {gitHubError(http.StatusForbidden, "Resource not accessible by integration"), http.StatusForbidden},
		"no longer":         {gitHubError(http.StatusGone, "gone"), http.StatusGone},
	} {
		s.Clock.Advance(2 * time.Minute) // past the rate limit of the previous case
		s.GitHub.Fault(func(*http.Request) *sandbox.Fault { return c.fault })
		for _, path := range []string{
			"/app?kind=org&asked=office", "/app/installations/:github_installation_id/reach", "/app/hook", "/app/deliveries/1",
		} {
			path = own.Replace(path)
			page := opal.Get(path).Status(c.status)
			if page.Text("main h1") == "" || len(page.Text("main")) < 60 || page.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s, %s: %s", name, path, page.Text("main"))
			}
			again := page.Page().Find("main a").FilterFunction(func(_ int, a *goquery.Selection) bool { return a.AttrOr("href", "") == path }).Length()
			if worth := c.status >= http.StatusInternalServerError; again == 1 != worth {
				t.Errorf("%s, %s: %d links to try again", name, path, again)
			}
			if part := opal.Fragment(path, "main").Status(c.status); strings.Contains(part.Body, "<html") || part.Page().Find(".notice.error").Length() != 1 {
				t.Errorf("%s, %s, the fragment: %.200s", name, path, part.Body)
			}
		}
		for _, path := range []string{
			"/api/users/me/rate_limit", "/api/users/me/authorization",
			"/api/app/installation?org=office", "/api/app/installation?repository=office/kitchen", "/api/app/hook",
			"/api/app/deliveries", "/api/app/deliveries/1", "/api/app/installations/:github_installation_id/reach",
		} {
			refused := opal.Get(own.Replace(path)).Status(c.status)
			if message := refused.Message(); strings.HasSuffix(message, ".") || refused.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s, %s: %q, Cache-Control %q", name, path, message, refused.Header.Get("Cache-Control"))
			}
		}
		// That GitHub is unavailable is a verdict of the access check.
		check := own.Replace("/access?repository=office/kitchen")
		if c.status == http.StatusGatewayTimeout {
			opal.Get(check).Status(http.StatusOK)
			if verdict := opal.Get("/api/users/me/doctor?repository=office/kitchen").Status(http.StatusOK).Object()["verdict"]; verdict != "unavailable" {
				t.Errorf("%s: the access check returns %v", name, verdict)
			}
		} else {
			opal.Get(check).Status(c.status)
		}
		// Other requests don't need GitHub, or show on their page what is missing.
		for _, path := range []string{"/installations", "/installations/:installation_id", "/imports", "/app/installations", "/app/deliveries", "/account", "/app/self-test"} {
			opal.Get(own.Replace(path)).Status(http.StatusOK)
		}
	}
}
