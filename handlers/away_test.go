package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"neptun/db/dbtest"
	"neptun/sandbox"

	"github.com/PuerkitoBio/goquery"
)

// What can't be answered without GitHub, while GitHub answers something else: a
// status, a sentence and a way on for pages, their parts and JSON alike.
func TestWhatGitHubAnswersInsteadIsToldInEveryForm(t *testing.T) {
	s, opal := run(t, dbtest.SQLite(t))
	s.world.SetHookURL(s.url + "/webhooks/github")
	s.world.AddMember("office", "opal", sandbox.RoleMember)
	s.world.SetPermission(43, "opal", sandbox.Pull)
	opal.syncAll()
	own := parts(opal.record("office"), opal.gitHubID("office"))
	for name, c := range map[string]struct {
		fault  *sandbox.Fault
		status int
	}{
		"away":              {&sandbox.Fault{Drop: true}, http.StatusGatewayTimeout},
		"a page in between": {&sandbox.Fault{Status: http.StatusOK, Header: http.Header{"Content-Type": {"text/html"}}, Body: "<html>maintenance</html>"}, http.StatusGatewayTimeout},
		"broken":            {refusal(http.StatusInternalServerError, "oops"), http.StatusGatewayTimeout},
		"at its limit":      {sandbox.SecondaryLimit(http.StatusTooManyRequests, 60e9), http.StatusServiceUnavailable},
		"no right":          {refusal(http.StatusForbidden, "Resource not accessible by integration"), http.StatusForbidden},
		"no longer":         {refusal(http.StatusGone, "gone"), http.StatusGone},
	} {
		s.clock.advance(2 * time.Minute) // past the limit of the case before
		s.gitHub.Fault(func(*http.Request) *sandbox.Fault { return c.fault })
		for _, path := range []string{
			"/app?kind=org&asked=office", "/app/installations/:github_installation_id/reach", "/app/hook", "/app/deliveries/1",
		} {
			path = own.Replace(path)
			page := opal.get(path).status(c.status)
			if page.text("main h1") == "" || len(page.text("main")) < 60 || page.header("Cache-Control") != "no-store" {
				t.Errorf("%s, %s: %s", name, path, page.text("main"))
			}
			again := page.page().Find("main a").FilterFunction(func(_ int, a *goquery.Selection) bool { return a.AttrOr("href", "") == path }).Length()
			if worth := c.status >= http.StatusInternalServerError; again == 1 != worth {
				t.Errorf("%s, %s: another try is offered %d times", name, path, again)
			}
			if part := opal.fragment(path, "main").status(c.status); strings.Contains(part.body, "<html") || part.page().Find(".notice.error").Length() != 1 {
				t.Errorf("%s, %s, the fragment: %.200s", name, path, part.body)
			}
		}
		for _, path := range []string{
			"/api/users/me/rate_limit", "/api/users/me/authorization",
			"/api/app/installation?org=office", "/api/app/installation?repository=office/kitchen", "/api/app/hook",
			"/api/app/deliveries", "/api/app/deliveries/1", "/api/app/installations/:github_installation_id/reach",
		} {
			refused := opal.get(own.Replace(path)).status(c.status)
			if message := refused.message(); strings.HasSuffix(message, ".") || refused.header("Cache-Control") != "no-store" {
				t.Errorf("%s, %s: %q, Cache-Control %q", name, path, message, refused.header("Cache-Control"))
			}
		}
		// That GitHub can't be reached is a verdict of the access check.
		check := own.Replace("/access?repository=office/kitchen")
		if c.status == http.StatusGatewayTimeout {
			opal.get(check).status(http.StatusOK)
			if verdict := opal.get("/api/users/me/doctor?repository=office/kitchen").status(http.StatusOK).object()["verdict"]; verdict != "unavailable" {
				t.Errorf("%s: the access check says %v", name, verdict)
			}
		} else {
			opal.get(check).status(c.status)
		}
		// The rest needs no GitHub, or says on its page what it couldn't ask.
		for _, path := range []string{"/installations", "/installations/:installation_id", "/imports", "/app/installations", "/app/deliveries", "/account", "/app/self-test"} {
			opal.get(own.Replace(path)).status(http.StatusOK)
		}
	}
}
