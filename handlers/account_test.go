package handlers_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/handlers"
	"neptun/sandbox"
)

// workshop has an organization with two repositories, of which anna is admin of
// the first and may read the second, and bert of neither.
func workshop() *sandbox.World {
	w := sandbox.NewWorld()
	w.AddOrganization(sandbox.Organization{Login: "workshop"})
	for _, login := range []string{"boss", "anna", "bert"} {
		w.AddUser(sandbox.User{Login: login})
		w.AddMember("workshop", login, sandbox.RoleMember)
	}
	w.AddMember("workshop", "boss", sandbox.RoleAdmin)
	w.AddRepository("workshop", sandbox.Repository{ID: 501, Name: "Lathe", Private: true})
	w.AddRepository("workshop", sandbox.Repository{ID: 502, Name: "press", Private: true})
	w.AddRepository("workshop", sandbox.Repository{ID: 503, Name: "bench", Private: true})
	w.SetPermission(501, "anna", sandbox.Admin)
	w.SetPermission(502, "anna", sandbox.Pull)
	w.SetPermission(503, "bert", sandbox.Admin)
	w.SetAppPermissions(map[string]string{"metadata": "read", "members": "read", "contents": "write"})
	w.Install("workshop", sandbox.SelectAll)
	return w
}

// allowing is a Neptun with both switches on.
func allowing(t *testing.T, world *sandbox.World) *stage {
	t.Helper()
	return openAs(t, world, dbtest.SQLite(t), "", func(c *handlers.Config) { c.AllowAccessTokens, c.AllowPersonalTokens = true, true })
}

// spoil has every request to a path spoilt.
func (s *stage) spoil(path string, fault *sandbox.Fault) {
	s.gitHub.Fault(func(r *http.Request) *sandbox.Fault {
		if strings.HasSuffix(r.URL.Path, path) {
			return fault
		}
		return nil
	})
}

// actions are the entries of the audit log, the latest first, but for what is only
// coming, going and using.
func (s *stage) actions() []db.AuditEntry {
	s.t.Helper()
	list, err := s.db.ListAudit(s.t.Context(), db.AuditFilter{}, 100)
	must(s.t, err)
	return slices.DeleteFunc(list, func(entry db.AuditEntry) bool {
		return slices.Contains([]string{"sign in", "sign out", "accept setup code", "refuse setup code", "import repositories", "start server", db.AuditUseAPIToken}, entry.Action)
	})
}

// audit is actions as text.
func (s *stage) audit() string {
	s.t.Helper()
	var lines []string
	for _, note := range s.actions() {
		lines = append(lines, note.Login+" "+note.Action+" "+note.Subject)
	}
	return strings.Join(lines, "\n")
}

func refusal(status int, message string) *sandbox.Fault {
	return &sandbox.Fault{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: `{"message":"` + message + `"}`}
}

func TestTheAccountPageShowsTheAuthorizationAndTheBudget(t *testing.T) {
	s := open(t, workshop())
	v := s.logIn("anna")
	if link, ok := v.get("/installations").page().Find(`.account a[href="/account"]`).Attr("href"); !ok {
		t.Errorf("the menu leads to %q", link)
	}
	page := v.get("/account").status(http.StatusOK)
	if page.header("Cache-Control") != "no-store" {
		t.Errorf("Cache-Control is %q", page.header("Cache-Control"))
	}
	for _, want := range []string{"Neptun (sandbox)", "renewed automatically", "requests left until", "takes about 2 requests"} {
		if !strings.Contains(page.text("main"), want) {
			t.Errorf("the page doesn't say %q: %s", want, page.text("main"))
		}
	}
	json := v.get("/api/users/me/authorization").status(http.StatusOK)
	is(t, json.object(), "app_name", "Neptun (sandbox)")
	for _, field := range []string{"created_at", "updated_at", "expires_at"} {
		isTime(t, json.object(), field)
	}
	token, err := s.db.GitHubToken(t.Context(), v.me())
	must(t, err)
	for _, body := range []string{page.body, json.body} {
		if strings.Contains(body, token.Access) || strings.Contains(body, token.Access[len(token.Access)-8:]) || strings.Contains(body, token.Refresh) {
			t.Error("a token is shown")
		}
	}
	s.visit().get("/account").status(http.StatusUnauthorized)
	v.get("/api/users/other/authorization").status(http.StatusNotFound)
}

func TestTheAccountPageOutlivesAnOutage(t *testing.T) {
	s := open(t, workshop())
	v := s.logIn("anna")
	s.spoil("/token", sandbox.BadGateway(http.StatusBadGateway))
	page := v.get("/account").status(http.StatusOK)
	if text := page.text("main"); !strings.Contains(text, "isn't responding properly") || !strings.Contains(text, "requests left") {
		t.Errorf("the page says %s", text)
	}
	v.get("/api/users/me/authorization").status(http.StatusGatewayTimeout)
	s.spoil("/grant", sandbox.BadGateway(http.StatusBadGateway))
	v.post("/account/disconnection", nil).status(http.StatusGatewayTimeout)
	v.get("/api/users/me").status(http.StatusOK)
}

func TestTheBudget(t *testing.T) {
	s := open(t, workshop())
	v := s.logIn("anna")
	for _, path := range []string{"/api/users/me/rate_limit", "/api/users/me/installations/" + v.record("workshop") + "/rate_limit"} {
		budget := v.get(path).status(http.StatusOK).object()
		is(t, budget, "limit", 5000.0)
		is(t, budget, "sync_cost", 2.0)
		is(t, budget, "message", nil)
		isTime(t, budget, "reset_at")
		if budget["remaining"].(float64)+budget["used"].(float64) != 5000 {
			t.Errorf("%s: %v", path, budget)
		}
	}
	if message := v.get("/api/users/me/installations/9999/rate_limit").status(http.StatusNotFound).message(); message != "Installation not found" {
		t.Errorf("message %q", message)
	}

	s.spoil("/rate_limit", refusal(http.StatusNotFound, "Rate limiting is not enabled."))
	budget := v.get("/api/users/me/rate_limit").status(http.StatusOK).object()
	is(t, budget, "message", "Rate limiting is turned off on this GitHub server")
	is(t, budget, "remaining", nil)
	if page := v.get("/account").status(http.StatusOK); !strings.Contains(page.text("main"), "Rate limiting is turned off") {
		t.Errorf("the page says %s", page.text("main"))
	}
}

func TestAResetOnThePageAndInJSON(t *testing.T) {
	s := open(t, workshop())
	v := s.logIn("anna")
	first, err := s.db.GitHubToken(t.Context(), v.me())
	must(t, err)
	back := v.post("/account/authorization", nil).status(http.StatusSeeOther)
	if page := v.get(back.header("Location")); !strings.Contains(page.text("#notices"), "Token reset") {
		t.Errorf("the page says %q", page.text("#notices"))
	}
	second, err := s.db.GitHubToken(t.Context(), v.me())
	must(t, err)
	json := v.postJSON("/api/users/me/authorization", "").status(http.StatusOK)
	third, err := s.db.GitHubToken(t.Context(), v.me())
	must(t, err)
	if first.Access == second.Access || second.Access == third.Access || first.Refresh != third.Refresh || strings.Contains(json.body, third.Access) {
		t.Error("the token was not replaced, or was shown")
	}
	if audit := s.audit(); audit != "anna reset authorization anna\nanna reset authorization anna" {
		t.Errorf("noted: %s", audit)
	}
	v.post("/installations/sync", nil).status(http.StatusSeeOther)
	v.settle()
	if n := len(v.get("/api/users/me/installations").list()); n != 1 {
		t.Errorf("%d installations after the reset", n)
	}
}

func TestDisconnectingEndsEverythingButTheImports(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"page", "JSON"} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, databaseURL string) {
				disconnect := map[string]func(*visitor) answer{
					"page": func(v *visitor) answer { return v.post("/account/disconnection", nil).status(http.StatusOK) },
					"JSON": func(v *visitor) answer {
						return v.do(http.MethodDelete, "/api/users/me/authorization", "", "", nil).status(http.StatusNoContent)
					},
				}[name]
				s := openOn(t, workshop(), databaseURL)
				v, elsewhere, bert := s.logIn("anna"), s.logIn("anna"), s.logIn("bert")
				v.postJSON("/api/users/me/installations/"+v.record("workshop")+"/imports", `{"repository_ids":[501]}`).status(http.StatusOK)
				me := v.me()
				token, err := s.db.GitHubToken(t.Context(), me)
				must(t, err)

				said := disconnect(v)
				if name == "page" && (!strings.Contains(said.text("main"), "Authorization revoked") || v.session() != "") {
					t.Errorf("the page says %s", said.text("main"))
				}
				for _, gone := range []*visitor{v, elsewhere} {
					gone.get("/api/users/me").status(http.StatusUnauthorized)
				}
				bert.get("/api/users/me").status(http.StatusOK)
				if _, err := s.db.GitHubToken(t.Context(), me); !errors.Is(err, db.ErrNotFound) {
					t.Errorf("a token is left: %v", err)
				}
				if !strings.HasPrefix(s.audit(), "anna disconnect anna") || strings.Contains(s.audit(), token.Access) {
					t.Errorf("noted: %s", s.audit())
				}
				again := s.logIn("anna")
				if imports := again.get("/api/users/me/imports").list(); len(imports) != 1 {
					t.Errorf("%d imports came back", len(imports))
				}
			})
		})
	}
}

func TestLoggingOutRevokesNothing(t *testing.T) {
	s := open(t, workshop())
	v := s.logIn("anna")
	s.gitHub.ResetRequests()
	v.post("/logout", nil).status(http.StatusSeeOther)
	for _, request := range s.gitHub.Requests() {
		if request.Path != "/api/v3/app" { // which is read now and then
			t.Errorf("GitHub was asked for %s %s", request.Method, request.Path)
		}
	}
}

// P31: each of GitHub's refusals has its own status and its own sentence.
func TestP31GitHubsRefusalsAreToldApart(t *testing.T) {
	s := open(t, workshop())
	v := s.logIn("anna")
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
		s.spoil("/rate_limit", c.fault)
		if message := v.get("/api/users/me/rate_limit").status(c.status).message(); !strings.Contains(message, c.words) {
			t.Errorf("%s: %q", name, message)
		}
	}
	// It ends the login, and comes last.
	s.gitHub.Revoke("anna")
	s.spoil("/rate_limit", refusal(http.StatusUnauthorized, "Bad credentials"))
	s.clock.advance(time.Hour) // the token isn't young, so that GitHub's word on it counts at once
	if message := v.get("/api/users/me/rate_limit").status(http.StatusUnauthorized).message(); !strings.Contains(message, "Sign in again") {
		t.Errorf("401: %q", message)
	}
}
