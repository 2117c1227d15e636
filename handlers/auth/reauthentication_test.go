package auth_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
)

func TestS10CreatingATokenRequiresARecentSignInAndKeepsTheForm(t *testing.T) {
	t.Parallel()
	s := handlerstest.Open(t, handlerstest.Shop())
	v := s.LogIn("anna")
	form := url.Values{"name": {"nightly build"}, "scope": {"write"}, "expires": {"90"}, "access": {"all"}, "request": {"r1"}}
	v.Post("/tokens", form).Status(http.StatusOK)
	s.Clock.Advance(16 * time.Minute)
	form.Set("request", "r2")
	refused := v.Post("/tokens", form).Status(http.StatusForbidden)
	again := refused.Page().Find(`a[href^="/auth/github?"]`).AttrOr("href", "")
	if again == "" {
		t.Fatalf("the page has no link to continue: %s", refused.Body)
	}
	for _, request := range []struct{ method, path, body string }{
		{http.MethodPost, "/api/users/me/tokens", `{"name":"ci","expires_in_days":30,"scope":"read"}`},
		{http.MethodDelete, "/api/users/me/installations/" + v.Record("shop"), `{"account":"shop"}`},
	} {
		a := v.Do(request.method, request.path, "application/json", request.body, nil).Status(http.StatusForbidden)
		data, _ := a.Object()["data"].(map[string]any)
		if data["code"] != "reauthentication_required" || !strings.HasPrefix(data["url"].(string), s.URL+"/auth/github?return_to=") {
			t.Errorf("%s %s: %v", request.method, request.path, data)
		}
	}
	// Revoking tokens and ending sessions never requires it.
	tokens, err := s.DB.ListAPITokens(t.Context(), v.Me())
	handlerstest.Must(t, err)
	v.Post("/account/sessions/revocation", nil).Status(http.StatusSeeOther)

	to := v.Get(v.Path(v.Approve(v.Get(again).Status(http.StatusSeeOther).Header.Get("Location"), "anna"))).Status(http.StatusSeeOther).Header.Get("Location")
	if to != "/tokens" {
		t.Fatalf("the sign-in redirects to %s", to)
	}
	page := v.Get(to).Status(http.StatusOK).Page()
	if got := page.Find(`input[name="name"]`).AttrOr("value", ""); got != "nightly build" {
		t.Errorf("the name in the form is %q", got)
	}
	if page.Find(`[name="scope"][value="write"][checked], [name="scope"] option[value="write"][selected]`).Length() == 0 {
		t.Error("the form lost the permission")
	}
	if got := v.Get(to).Page().Find(`input[name="name"]`).AttrOr("value", ""); got != "" {
		t.Errorf("the form is restored twice: %q", got)
	}
	form.Set("request", page.Find(`input[name="request"]`).AttrOr("value", ""))
	v.Post("/tokens", form).Status(http.StatusOK)
	v.Post("/tokens/"+strconv.FormatInt(tokens[0].ID, 10)+"/revocation", nil).Status(http.StatusSeeOther)
	if list, err := s.DB.ListAPITokens(t.Context(), v.Me()); err != nil || len(list) != 1 {
		t.Errorf("tokens are %+v, %v", list, err)
	}
}

func TestS8SixtyTokensPerHourCanBeCreated(t *testing.T) {
	t.Parallel()
	s := handlerstest.Open(t, handlerstest.Shop())
	v := s.LogIn("anna")
	me := v.Me()
	user := v.Get("/api/users/me").Object()
	for range 59 {
		handlerstest.Must(t, s.DB.AddAudit(t.Context(), db.AuditEntry{GitHubID: int64(user["github_id"].(float64)), Login: "anna", Action: db.AuditCreateAPIToken}))
	}
	v.PostJSON("/api/users/"+me+"/tokens", `{"name":"last","expires_in_days":30,"scope":"read"}`).Status(http.StatusCreated)
	if a := v.PostJSON("/api/users/"+me+"/tokens", `{"name":"more","expires_in_days":30,"scope":"read"}`).Status(http.StatusTooManyRequests); a.Header.Get("Retry-After") == "" {
		t.Error("Retry-After is missing")
	}
}

func TestS8ActionsAreAudited(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := handlerstest.OpenOn(t, handlerstest.Shop(), databaseURL)
		s.Secrets = []string{"a secret of webhooks"}
		s.Instance(databaseURL)
		v := s.LogIn("anna")
		v.PostJSON("/api/users/me/installations/"+v.Record("shop")+"/imports", `{"filter":{}}`).Status(http.StatusOK)
		for range 5 {
			s.Visit().Do(http.MethodPost, "/webhooks/github", "application/json", "{}", http.Header{"X-Hub-Signature-256": {"sha256=" + strings.Repeat("0", 64)}}).Status(http.StatusUnauthorized)
			s.Visit().Do(http.MethodPost, "/webhooks/github", "application/json", "{}", http.Header{"X-Hub-Signature-256": {"sha1=0"}}).Status(http.StatusUnauthorized)
		}
		v.Post("/logout", nil).Status(http.StatusSeeOther)
		list, err := s.DB.ListAudit(t.Context(), db.AuditFilter{}, 100)
		handlerstest.Must(t, err)
		noted := map[string]db.AuditEntry{}
		for _, entry := range list {
			noted[entry.Action] = entry
			if entry.IP == "" || entry.RequestID == "" {
				t.Errorf("without an address: %+v", entry)
			}
		}
		if len(list) != 4 || noted["sign in"].Login != "anna" || noted["sign out"].Login != "anna" ||
			noted["import repositories"].Subject != "shop: 3" || noted["import repositories"].Via != db.ViaSession ||
			noted["refuse webhook signature"].Login != "" {
			t.Errorf("audit log: %+v", list)
		}
	})
}

func TestS10UninstallingKeepsTheForm(t *testing.T) {
	t.Parallel()
	s := handlerstest.Open(t, handlerstest.Workshop())
	boss := s.LogIn("boss")
	record := boss.Record("workshop")
	settings, uninstall := "/installations/"+record+"/settings", "/installations/"+record+"/uninstalled"
	s.Clock.Advance(16 * time.Minute)
	to := boss.ThroughGitHub(boss.Post(uninstall, url.Values{"account": {"Workshop"}}), "boss")
	if to != settings {
		t.Fatalf("the sign-in redirects to %s", to)
	}
	entered := func() string {
		return boss.Get(settings).Page().Find("#confirm-uninstall").AttrOr("value", "")
	}
	if got := boss.Get(settings).Page().Find("#confirm-suspend").AttrOr("value", ""); got != "" {
		t.Errorf("the form to suspend has %q", got)
	}
	if got := entered(); got != "" {
		t.Errorf("the form is restored twice: %q", got)
	}
	s.Clock.Advance(16 * time.Minute)
	boss.ThroughGitHub(boss.Post(uninstall, url.Values{"account": {"Workshop"}}), "boss")
	boss.Get("/tokens").Status(http.StatusOK) // a page without this form
	if got := entered(); got != "Workshop" {
		t.Errorf("the form has %q", got)
	}
	boss.Post(uninstall, url.Values{"account": {"Workshop"}}).Status(http.StatusSeeOther)
}

func TestS10RotatingKeepsTheForm(t *testing.T) {
	t.Parallel()
	s := handlerstest.Open(t, handlerstest.Shop())
	v := s.LogIn("anna")
	id, _ := v.NewToken(`{"name":"ci","expires_in_days":30,"scope":"read"}`)
	s.Clock.Advance(16 * time.Minute)
	path := "/tokens/" + id + "/rotation"
	v.ThroughGitHub(v.Post(path, url.Values{"overlap_hours": {"168"}}), "anna")
	page := v.Get("/tokens").Page()
	form := page.Find(`form[action="` + path + `"]`)
	if got := form.Find("option[selected]").AttrOr("value", ""); got != "168" || form.Closest("details[open]").Length() != 1 {
		t.Errorf("the form has %q", got)
	}
	if page.Find(`form[action="/tokens"] input[name="request"]`).AttrOr("value", "") == "" {
		t.Error("the form for a new token lost its defaults")
	}
	v.Post(path, url.Values{"overlap_hours": {"168"}}).Status(http.StatusOK)
}

func TestS10GitHubTokensRequireARecentSignIn(t *testing.T) {
	t.Parallel()
	s := handlerstest.Allowing(t, handlerstest.Workshop())
	v := s.LogIn("anna")
	path := "/api/users/me/installations/" + v.Record("workshop") + "/access_tokens"
	const body = `{"repository_ids":[502],"permissions":{"contents":"read"}}`
	token, _ := v.PostJSON(path, body).Status(http.StatusCreated).Object()["token"].(string)
	_, script := v.NewToken(`{"name":"ci","expires_in_days":30,"scope":"access_tokens"}`)
	s.Clock.Advance(16 * time.Minute)
	data, _ := v.PostJSON(path, body).Status(http.StatusForbidden).Object()["data"].(map[string]any)
	if data["code"] != "reauthentication_required" || !strings.HasPrefix(data["url"].(string), s.URL+"/auth/github?return_to=") {
		t.Errorf("refused with %v", data)
	}
	// An API token with the scope was created after a recent sign-in. Revoking never requires one.
	s.Bearer(script).PostJSON(path, body).Status(http.StatusCreated)
	v.DeleteJSON(path, `{"token":"`+token+`"}`).Status(http.StatusNoContent)
}

func TestS8GitHubTokensCountAsWell(t *testing.T) {
	t.Parallel()
	s := handlerstest.Allowing(t, handlerstest.Workshop())
	v := s.LogIn("anna")
	path := "/api/users/me/installations/" + v.Record("workshop") + "/access_tokens"
	const body = `{"repository_ids":[502],"permissions":{"contents":"read"}}`
	user := v.Get("/api/users/me").Object()
	for i := range 59 {
		action := []string{db.AuditCreateAPIToken, db.AuditRotateAPIToken, db.AuditCreateAccessToken}[i%3]
		handlerstest.Must(t, s.DB.AddAudit(t.Context(), db.AuditEntry{GitHubID: int64(user["github_id"].(float64)), Login: "anna", Action: action}))
	}
	v.PostJSON(path, body).Status(http.StatusCreated)
	if a := v.PostJSON(path, body).Status(http.StatusTooManyRequests); a.Header.Get("Retry-After") == "" {
		t.Error("Retry-After is missing")
	}
	v.PostJSON("/api/users/me/tokens", `{"name":"ci","expires_in_days":30,"scope":"read"}`).Status(http.StatusTooManyRequests)
	s.LogIn("bert").PostJSON("/api/users/me/tokens", `{"name":"ci","expires_in_days":30,"scope":"read"}`).Status(http.StatusCreated)
}
