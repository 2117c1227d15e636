package handlers_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
	"neptun/sandbox"
)

func gitHubError(status int, message string) *sandbox.Fault {
	return &sandbox.Fault{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: `{"message":"` + message + `"}`}
}

func TestTheAccountPageShowsTheAuthorizationAndTheRateLimit(t *testing.T) {
	s := handlerstest.Open(t, handlerstest.Workshop())
	v := s.LogIn("anna")
	if link, ok := v.Get("/installations").Page().Find(`.account a[href="/account"]`).Attr("href"); !ok {
		t.Errorf("the menu links to %q", link)
	}
	page := v.Get("/account").Status(http.StatusOK)
	if page.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("Cache-Control is %q", page.Header.Get("Cache-Control"))
	}
	for _, want := range []string{"Neptun (sandbox)", "renewed automatically", "requests left until", "takes about 2 requests"} {
		if !strings.Contains(page.Text("main"), want) {
			t.Errorf("the page doesn't show %q: %s", want, page.Text("main"))
		}
	}
	json := v.Get("/api/users/me/authorization").Status(http.StatusOK)
	handlerstest.WantField(t, json.Object(), "app_name", "Neptun (sandbox)")
	for _, field := range []string{"created_at", "updated_at", "expires_at"} {
		handlerstest.WantTime(t, json.Object(), field)
	}
	token, err := s.DB.GitHubToken(t.Context(), v.Me())
	handlerstest.Must(t, err)
	for _, body := range []string{page.Body, json.Body} {
		if strings.Contains(body, token.Access) || strings.Contains(body, token.Access[len(token.Access)-8:]) || strings.Contains(body, token.Refresh) {
			t.Error("the page shows a token")
		}
	}
	s.Visit().Get("/account").Status(http.StatusUnauthorized)
	v.Get("/api/users/other/authorization").Status(http.StatusNotFound)
}

func TestTheAccountPageDuringAnOutage(t *testing.T) {
	s := handlerstest.Open(t, handlerstest.Workshop())
	v := s.LogIn("anna")
	s.FailRequests("/token", sandbox.BadGateway(http.StatusBadGateway))
	page := v.Get("/account").Status(http.StatusOK)
	if text := page.Text("main"); !strings.Contains(text, "isn't responding properly") || !strings.Contains(text, "requests left") {
		t.Errorf("the page shows %s", text)
	}
	v.Get("/api/users/me/authorization").Status(http.StatusGatewayTimeout)
	s.FailRequests("/grant", sandbox.BadGateway(http.StatusBadGateway))
	v.Post("/account/disconnection", nil).Status(http.StatusGatewayTimeout)
	v.Get("/api/users/me").Status(http.StatusOK)
}

func TestRateLimit(t *testing.T) {
	s := handlerstest.Open(t, handlerstest.Workshop())
	v := s.LogIn("anna")
	for _, path := range []string{"/api/users/me/rate_limit", "/api/users/me/installations/" + v.Record("workshop") + "/rate_limit"} {
		limit := v.Get(path).Status(http.StatusOK).Object()
		handlerstest.WantField(t, limit, "limit", 5000.0)
		handlerstest.WantField(t, limit, "sync_cost", 2.0)
		handlerstest.WantField(t, limit, "message", nil)
		handlerstest.WantTime(t, limit, "reset_at")
		if limit["remaining"].(float64)+limit["used"].(float64) != 5000 {
			t.Errorf("%s: %v", path, limit)
		}
	}
	if message := v.Get("/api/users/me/installations/9999/rate_limit").Status(http.StatusNotFound).Message(); message != "Installation not found" {
		t.Errorf("message %q", message)
	}

	s.FailRequests("/rate_limit", gitHubError(http.StatusNotFound, "Rate limiting is not enabled."))
	limit := v.Get("/api/users/me/rate_limit").Status(http.StatusOK).Object()
	handlerstest.WantField(t, limit, "message", "Rate limiting is turned off on this GitHub server")
	handlerstest.WantField(t, limit, "remaining", nil)
	if page := v.Get("/account").Status(http.StatusOK); !strings.Contains(page.Text("main"), "Rate limiting is turned off") {
		t.Errorf("the page shows %s", page.Text("main"))
	}
}

func TestResettingTheAuthorizationOnThePageAndInJSON(t *testing.T) {
	s := handlerstest.Open(t, handlerstest.Workshop())
	v := s.LogIn("anna")
	first, err := s.DB.GitHubToken(t.Context(), v.Me())
	handlerstest.Must(t, err)
	back := v.Post("/account/authorization", nil).Status(http.StatusSeeOther)
	if page := v.Get(back.Header.Get("Location")); !strings.Contains(page.Text("#notices"), "Token reset") {
		t.Errorf("the page shows %q", page.Text("#notices"))
	}
	second, err := s.DB.GitHubToken(t.Context(), v.Me())
	handlerstest.Must(t, err)
	json := v.PostJSON("/api/users/me/authorization", "").Status(http.StatusOK)
	third, err := s.DB.GitHubToken(t.Context(), v.Me())
	handlerstest.Must(t, err)
	if first.Access == second.Access || second.Access == third.Access || first.Refresh != third.Refresh || strings.Contains(json.Body, third.Access) {
		t.Error("the token wasn't replaced, or is shown")
	}
	if audit := s.Audit(); audit != "anna reset authorization anna\nanna reset authorization anna" {
		t.Errorf("audit log: %s", audit)
	}
	v.Post("/installations/sync", nil).Status(http.StatusSeeOther)
	v.Settle()
	if n := len(v.Get("/api/users/me/installations").List()); n != 1 {
		t.Errorf("%d installations after the reset", n)
	}
}

func TestRevokingTheAuthorizationKeepsOnlyTheImports(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"page", "JSON"} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, databaseURL string) {
				disconnect := map[string]func(*handlerstest.Visitor) handlerstest.Answer{
					"page": func(v *handlerstest.Visitor) handlerstest.Answer {
						return v.Post("/account/disconnection", nil).Status(http.StatusOK)
					},
					"JSON": func(v *handlerstest.Visitor) handlerstest.Answer {
						return v.Do(http.MethodDelete, "/api/users/me/authorization", "", "", nil).Status(http.StatusNoContent)
					},
				}[name]
				s := handlerstest.OpenOn(t, handlerstest.Workshop(), databaseURL)
				v, elsewhere, bert := s.LogIn("anna"), s.LogIn("anna"), s.LogIn("bert")
				v.PostJSON("/api/users/me/installations/"+v.Record("workshop")+"/imports", `{"repository_ids":[501]}`).Status(http.StatusOK)
				me := v.Me()
				token, err := s.DB.GitHubToken(t.Context(), me)
				handlerstest.Must(t, err)

				shown := disconnect(v)
				if name == "page" && (!strings.Contains(shown.Text("main"), "Authorization revoked") || v.Session() != "") {
					t.Errorf("the page shows %s", shown.Text("main"))
				}
				for _, gone := range []*handlerstest.Visitor{v, elsewhere} {
					gone.Get("/api/users/me").Status(http.StatusUnauthorized)
				}
				bert.Get("/api/users/me").Status(http.StatusOK)
				if _, err := s.DB.GitHubToken(t.Context(), me); !errors.Is(err, db.ErrNotFound) {
					t.Errorf("a token is left: %v", err)
				}
				if !strings.HasPrefix(s.Audit(), "anna disconnect anna") || strings.Contains(s.Audit(), token.Access) {
					t.Errorf("audit log: %s", s.Audit())
				}
				again := s.LogIn("anna")
				if imports := again.Get("/api/users/me/imports").List(); len(imports) != 1 {
					t.Errorf("%d imports are accessible again", len(imports))
				}
			})
		})
	}
}

func TestSigningOutRevokesNothing(t *testing.T) {
	s := handlerstest.Open(t, handlerstest.Workshop())
	v := s.LogIn("anna")
	s.GitHub.ResetRequests()
	v.Post("/logout", nil).Status(http.StatusSeeOther)
	for _, request := range s.GitHub.Requests() {
		if request.Path != "/api/v3/app" { // which Neptun requests regularly
			t.Errorf("unexpected request to GitHub: %s %s", request.Method, request.Path)
		}
	}
}

// P31: each of GitHub's errors has its own status and message.
func TestP31GitHubsErrorsAreDistinguished(t *testing.T) {
	s := handlerstest.Open(t, handlerstest.Workshop())
	v := s.LogIn("anna")
	sso := gitHubError(http.StatusForbidden, "Resource protected by organization SAML enforcement.")
	sso.Header.Set("X-GitHub-SSO", "required; url=https://evil.example/sso")
	limit := sandbox.SecondaryLimit(http.StatusForbidden, 30*time.Second)
	for name, c := range map[string]struct {
		fault  *sandbox.Fault
		status int
		words  string
	}{
		"403":       {gitHubError(http.StatusForbidden, "Resource not accessible by integration"), http.StatusForbidden, "don't have permission"},
		"SSO":       {sso, http.StatusForbidden, "single sign-on"},
		"suspended": {gitHubError(http.StatusForbidden, "This installation has been suspended"), http.StatusConflict, "suspended"},
		"limit":     {limit, http.StatusServiceUnavailable, "UTC"},
		"410":       {gitHubError(http.StatusGone, "Gone"), http.StatusGone, "no longer supports"},
		"415":       {gitHubError(http.StatusUnsupportedMediaType, "Unsupported Media Type"), http.StatusNotImplemented, "doesn't support"},
		"422":       {gitHubError(http.StatusUnprocessableEntity, "Validation Failed"), http.StatusUnprocessableEntity, "rejected the request"},
		"502":       {sandbox.BadGateway(http.StatusBadGateway), http.StatusGatewayTimeout, "isn't responding properly"},
		"HTML":      {&sandbox.Fault{Status: http.StatusOK, Header: http.Header{"Content-Type": {"text/html"}}, Body: "<html>"}, http.StatusGatewayTimeout, "isn't responding properly"},
		"nothing":   {&sandbox.Fault{Drop: true}, http.StatusGatewayTimeout, "isn't responding properly"},
	} {
		s.FailRequests("/rate_limit", c.fault)
		if message := v.Get("/api/users/me/rate_limit").Status(c.status).Message(); !strings.Contains(message, c.words) {
			t.Errorf("%s: %q", name, message)
		}
	}
	// This ends the session, so it comes last.
	s.GitHub.Revoke("anna")
	s.FailRequests("/rate_limit", gitHubError(http.StatusUnauthorized, "Bad credentials"))
	s.Clock.Advance(time.Hour) // a 401 for a new token would be checked again
	if message := v.Get("/api/users/me/rate_limit").Status(http.StatusUnauthorized).Message(); !strings.Contains(message, "Sign in again") {
		t.Errorf("401: %q", message)
	}
}
