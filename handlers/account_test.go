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

func refusal(status int, message string) *sandbox.Fault {
	return &sandbox.Fault{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: `{"message":"` + message + `"}`}
}

func TestTheAccountPageShowsTheAuthorizationAndTheBudget(t *testing.T) {
	s := handlerstest.Open(t, handlerstest.Workshop())
	v := s.LogIn("anna")
	if link, ok := v.Get("/installations").Page().Find(`.account a[href="/account"]`).Attr("href"); !ok {
		t.Errorf("the menu leads to %q", link)
	}
	page := v.Get("/account").Status(http.StatusOK)
	if page.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("Cache-Control is %q", page.Header.Get("Cache-Control"))
	}
	for _, want := range []string{"Neptun (sandbox)", "renewed automatically", "requests left until", "takes about 2 requests"} {
		if !strings.Contains(page.Text("main"), want) {
			t.Errorf("the page doesn't say %q: %s", want, page.Text("main"))
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
			t.Error("a token is shown")
		}
	}
	s.Visit().Get("/account").Status(http.StatusUnauthorized)
	v.Get("/api/users/other/authorization").Status(http.StatusNotFound)
}

func TestTheAccountPageOutlivesAnOutage(t *testing.T) {
	s := handlerstest.Open(t, handlerstest.Workshop())
	v := s.LogIn("anna")
	s.Spoil("/token", sandbox.BadGateway(http.StatusBadGateway))
	page := v.Get("/account").Status(http.StatusOK)
	if text := page.Text("main"); !strings.Contains(text, "isn't responding properly") || !strings.Contains(text, "requests left") {
		t.Errorf("the page says %s", text)
	}
	v.Get("/api/users/me/authorization").Status(http.StatusGatewayTimeout)
	s.Spoil("/grant", sandbox.BadGateway(http.StatusBadGateway))
	v.Post("/account/disconnection", nil).Status(http.StatusGatewayTimeout)
	v.Get("/api/users/me").Status(http.StatusOK)
}

func TestTheBudget(t *testing.T) {
	s := handlerstest.Open(t, handlerstest.Workshop())
	v := s.LogIn("anna")
	for _, path := range []string{"/api/users/me/rate_limit", "/api/users/me/installations/" + v.Record("workshop") + "/rate_limit"} {
		budget := v.Get(path).Status(http.StatusOK).Object()
		handlerstest.WantField(t, budget, "limit", 5000.0)
		handlerstest.WantField(t, budget, "sync_cost", 2.0)
		handlerstest.WantField(t, budget, "message", nil)
		handlerstest.WantTime(t, budget, "reset_at")
		if budget["remaining"].(float64)+budget["used"].(float64) != 5000 {
			t.Errorf("%s: %v", path, budget)
		}
	}
	if message := v.Get("/api/users/me/installations/9999/rate_limit").Status(http.StatusNotFound).Message(); message != "Installation not found" {
		t.Errorf("message %q", message)
	}

	s.Spoil("/rate_limit", refusal(http.StatusNotFound, "Rate limiting is not enabled."))
	budget := v.Get("/api/users/me/rate_limit").Status(http.StatusOK).Object()
	handlerstest.WantField(t, budget, "message", "Rate limiting is turned off on this GitHub server")
	handlerstest.WantField(t, budget, "remaining", nil)
	if page := v.Get("/account").Status(http.StatusOK); !strings.Contains(page.Text("main"), "Rate limiting is turned off") {
		t.Errorf("the page says %s", page.Text("main"))
	}
}

func TestAResetOnThePageAndInJSON(t *testing.T) {
	s := handlerstest.Open(t, handlerstest.Workshop())
	v := s.LogIn("anna")
	first, err := s.DB.GitHubToken(t.Context(), v.Me())
	handlerstest.Must(t, err)
	back := v.Post("/account/authorization", nil).Status(http.StatusSeeOther)
	if page := v.Get(back.Header.Get("Location")); !strings.Contains(page.Text("#notices"), "Token reset") {
		t.Errorf("the page says %q", page.Text("#notices"))
	}
	second, err := s.DB.GitHubToken(t.Context(), v.Me())
	handlerstest.Must(t, err)
	json := v.PostJSON("/api/users/me/authorization", "").Status(http.StatusOK)
	third, err := s.DB.GitHubToken(t.Context(), v.Me())
	handlerstest.Must(t, err)
	if first.Access == second.Access || second.Access == third.Access || first.Refresh != third.Refresh || strings.Contains(json.Body, third.Access) {
		t.Error("the token was not replaced, or was shown")
	}
	if audit := s.Audit(); audit != "anna reset authorization anna\nanna reset authorization anna" {
		t.Errorf("noted: %s", audit)
	}
	v.Post("/installations/sync", nil).Status(http.StatusSeeOther)
	v.Settle()
	if n := len(v.Get("/api/users/me/installations").List()); n != 1 {
		t.Errorf("%d installations after the reset", n)
	}
}

func TestDisconnectingEndsEverythingButTheImports(t *testing.T) {
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

				said := disconnect(v)
				if name == "page" && (!strings.Contains(said.Text("main"), "Authorization revoked") || v.Session() != "") {
					t.Errorf("the page says %s", said.Text("main"))
				}
				for _, gone := range []*handlerstest.Visitor{v, elsewhere} {
					gone.Get("/api/users/me").Status(http.StatusUnauthorized)
				}
				bert.Get("/api/users/me").Status(http.StatusOK)
				if _, err := s.DB.GitHubToken(t.Context(), me); !errors.Is(err, db.ErrNotFound) {
					t.Errorf("a token is left: %v", err)
				}
				if !strings.HasPrefix(s.Audit(), "anna disconnect anna") || strings.Contains(s.Audit(), token.Access) {
					t.Errorf("noted: %s", s.Audit())
				}
				again := s.LogIn("anna")
				if imports := again.Get("/api/users/me/imports").List(); len(imports) != 1 {
					t.Errorf("%d imports came back", len(imports))
				}
			})
		})
	}
}

func TestLoggingOutRevokesNothing(t *testing.T) {
	s := handlerstest.Open(t, handlerstest.Workshop())
	v := s.LogIn("anna")
	s.GitHub.ResetRequests()
	v.Post("/logout", nil).Status(http.StatusSeeOther)
	for _, request := range s.GitHub.Requests() {
		if request.Path != "/api/v3/app" { // which is read now and then
			t.Errorf("GitHub was asked for %s %s", request.Method, request.Path)
		}
	}
}

// P31: each of GitHub's refusals has its own status and its own sentence.
func TestP31GitHubsRefusalsAreToldApart(t *testing.T) {
	s := handlerstest.Open(t, handlerstest.Workshop())
	v := s.LogIn("anna")
	sso := refusal(http.StatusForbidden, "Resource protected by organization SAML enforcement.")
	sso.Header.Set("X-GitHub-SSO", "required; url=https://evil.example/sso")
	limit := sandbox.SecondaryLimit(http.StatusForbidden, 30*time.Second)
	for name, c := range map[string]struct {
		fault  *sandbox.Fault
		status int
		words  string
	}{
		"403":       {refusal(http.StatusForbidden, "Resource not accessible by integration"), http.StatusForbidden, "don't have permission"},
		"SSO":       {sso, http.StatusForbidden, "single sign-on"},
		"suspended": {refusal(http.StatusForbidden, "This installation has been suspended"), http.StatusConflict, "suspended"},
		"limit":     {limit, http.StatusServiceUnavailable, "UTC"},
		"410":       {refusal(http.StatusGone, "Gone"), http.StatusGone, "no longer supports"},
		"415":       {refusal(http.StatusUnsupportedMediaType, "Unsupported Media Type"), http.StatusNotImplemented, "doesn't support"},
		"422":       {refusal(http.StatusUnprocessableEntity, "Validation Failed"), http.StatusUnprocessableEntity, "rejected the request"},
		"502":       {sandbox.BadGateway(http.StatusBadGateway), http.StatusGatewayTimeout, "isn't responding properly"},
		"HTML":      {&sandbox.Fault{Status: http.StatusOK, Header: http.Header{"Content-Type": {"text/html"}}, Body: "<html>"}, http.StatusGatewayTimeout, "isn't responding properly"},
		"nothing":   {&sandbox.Fault{Drop: true}, http.StatusGatewayTimeout, "isn't responding properly"},
	} {
		s.Spoil("/rate_limit", c.fault)
		if message := v.Get("/api/users/me/rate_limit").Status(c.status).Message(); !strings.Contains(message, c.words) {
			t.Errorf("%s: %q", name, message)
		}
	}
	// It ends the login, and comes last.
	s.GitHub.Revoke("anna")
	s.Spoil("/rate_limit", refusal(http.StatusUnauthorized, "Bad credentials"))
	s.Clock.Advance(time.Hour) // the token isn't young, so that GitHub's word on it counts at once
	if message := v.Get("/api/users/me/rate_limit").Status(http.StatusUnauthorized).Message(); !strings.Contains(message, "Sign in again") {
		t.Errorf("401: %q", message)
	}
}
