package handlers_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
)

func TestS10CreatingATokenNeedsARecentSignInAndKeepsTheForm(t *testing.T) {
	t.Parallel()
	s := open(t, shop())
	v := s.logIn("anna")
	form := url.Values{"name": {"nightly build"}, "scope": {"write"}, "expires": {"90"}, "access": {"all"}, "request": {"r1"}}
	v.post("/tokens", form).status(http.StatusOK)
	s.clock.advance(16 * time.Minute)
	form.Set("request", "r2")
	refused := v.post("/tokens", form).status(http.StatusForbidden)
	again := refused.page().Find(`a[href^="/auth/github?"]`).AttrOr("href", "")
	if again == "" {
		t.Fatalf("the page offers no way on: %s", refused.body)
	}
	for _, request := range []struct{ method, path, body string }{
		{http.MethodPost, "/api/users/me/tokens", `{"name":"ci","expires_in_days":30,"scope":"read"}`},
		{http.MethodDelete, "/api/users/me/installations/" + v.record("shop"), `{"account":"shop"}`},
	} {
		a := v.do(request.method, request.path, "application/json", request.body, nil).status(http.StatusForbidden)
		data, _ := a.object()["data"].(map[string]any)
		if data["code"] != "reauthentication_required" || !strings.HasPrefix(data["url"].(string), s.url+"/auth/github?return_to=") {
			t.Errorf("%s %s: %v", request.method, request.path, data)
		}
	}
	// Revoking and ending never need it.
	tokens, err := s.db.ListAPITokens(t.Context(), v.me())
	must(t, err)
	v.post("/account/sessions/revocation", nil).status(http.StatusSeeOther)

	to := v.get(v.path(v.approve(v.get(again).status(http.StatusSeeOther).header("Location"), "anna"))).status(http.StatusSeeOther).header("Location")
	if to != "/tokens" {
		t.Fatalf("the sign-in leads to %s", to)
	}
	page := v.get(to).status(http.StatusOK).page()
	if got := page.Find(`input[name="name"]`).AttrOr("value", ""); got != "nightly build" {
		t.Errorf("the name entered is %q", got)
	}
	if page.Find(`[name="scope"][value="write"][checked], [name="scope"] option[value="write"][selected]`).Length() == 0 {
		t.Error("the permission chosen is lost")
	}
	if got := v.get(to).page().Find(`input[name="name"]`).AttrOr("value", ""); got != "" {
		t.Errorf("the form is kept for good: %q", got)
	}
	form.Set("request", page.Find(`input[name="request"]`).AttrOr("value", ""))
	v.post("/tokens", form).status(http.StatusOK)
	v.post("/tokens/"+strconv.FormatInt(tokens[0].ID, 10)+"/revocation", nil).status(http.StatusSeeOther)
	if list, err := s.db.ListAPITokens(t.Context(), v.me()); err != nil || len(list) != 1 {
		t.Errorf("tokens are %+v, %v", list, err)
	}
}

func TestS8TokensAreCreatedSixtyTimesAnHourAtMost(t *testing.T) {
	t.Parallel()
	s := open(t, shop())
	v := s.logIn("anna")
	me := v.me()
	user := v.get("/api/users/me").object()
	for range 59 {
		must(t, s.db.AddAudit(t.Context(), db.AuditEntry{GitHubID: int64(user["github_id"].(float64)), Login: "anna", Action: db.AuditCreateAPIToken}))
	}
	v.postJSON("/api/users/"+me+"/tokens", `{"name":"last","expires_in_days":30,"scope":"read"}`).status(http.StatusCreated)
	if a := v.postJSON("/api/users/"+me+"/tokens", `{"name":"more","expires_in_days":30,"scope":"read"}`).status(http.StatusTooManyRequests); a.header("Retry-After") == "" {
		t.Error("nobody says how long to wait")
	}
}

func TestS8WhatPeopleDoIsNoted(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := openOn(t, shop(), databaseURL)
		s.secrets = []string{"a secret of webhooks"}
		s.instance(databaseURL)
		v := s.logIn("anna")
		v.postJSON("/api/users/me/installations/"+v.record("shop")+"/imports", `{"filter":{}}`).status(http.StatusOK)
		for range 5 {
			s.visit().do(http.MethodPost, "/webhooks/github", "application/json", "{}", http.Header{"X-Hub-Signature-256": {"sha256=" + strings.Repeat("0", 64)}}).status(http.StatusUnauthorized)
			s.visit().do(http.MethodPost, "/webhooks/github", "application/json", "{}", http.Header{"X-Hub-Signature-256": {"sha1=0"}}).status(http.StatusUnauthorized)
		}
		v.post("/logout", nil).status(http.StatusSeeOther)
		list, err := s.db.ListAudit(t.Context(), db.AuditFilter{}, 100)
		must(t, err)
		noted := map[string]db.AuditEntry{}
		for _, entry := range list {
			noted[entry.Action] = entry
			if entry.IP == "" || entry.RequestID == "" {
				t.Errorf("from nowhere: %+v", entry)
			}
		}
		if len(list) != 4 || noted["sign in"].Login != "anna" || noted["sign out"].Login != "anna" ||
			noted["import repositories"].Subject != "shop: 3" || noted["import repositories"].Via != db.ViaSession ||
			noted["refuse webhook signature"].Login != "" {
			t.Errorf("noted %+v", list)
		}
	})
}

// throughGitHub signs in again where a refusal leads to, and answers with where that
// leads back to.
func (v *visitor) throughGitHub(refused answer, login string) string {
	v.s.t.Helper()
	again := refused.status(http.StatusForbidden).page().Find(`a[href^="/auth/github?"]`).AttrOr("href", "")
	return v.get(v.path(v.approve(v.get(again).status(http.StatusSeeOther).header("Location"), login))).status(http.StatusSeeOther).header("Location")
}

func TestS10UninstallingKeepsWhatWasEntered(t *testing.T) {
	t.Parallel()
	s := open(t, workshop())
	boss := s.logIn("boss")
	record := boss.record("workshop")
	settings, uninstall := "/installations/"+record+"/settings", "/installations/"+record+"/uninstalled"
	s.clock.advance(16 * time.Minute)
	to := boss.throughGitHub(boss.post(uninstall, url.Values{"account": {"Workshop"}}), "boss")
	if to != settings {
		t.Fatalf("the sign-in leads to %s", to)
	}
	entered := func() string {
		return boss.get(settings).page().Find("#confirm-uninstall").AttrOr("value", "")
	}
	if got := boss.get(settings).page().Find("#confirm-suspend").AttrOr("value", ""); got != "" {
		t.Errorf("suspending is filled in with %q", got)
	}
	if got := entered(); got != "" {
		t.Errorf("the form is kept for good: %q", got)
	}
	s.clock.advance(16 * time.Minute)
	boss.throughGitHub(boss.post(uninstall, url.Values{"account": {"Workshop"}}), "boss")
	boss.get("/tokens").status(http.StatusOK) // another form is none of its
	if got := entered(); got != "Workshop" {
		t.Errorf("what was entered is %q", got)
	}
	boss.post(uninstall, url.Values{"account": {"Workshop"}}).status(http.StatusSeeOther)
}

func TestS10RotatingKeepsWhatWasEntered(t *testing.T) {
	t.Parallel()
	s := open(t, shop())
	v := s.logIn("anna")
	id, _ := v.newToken(`{"name":"ci","expires_in_days":30,"scope":"read"}`)
	s.clock.advance(16 * time.Minute)
	path := "/tokens/" + id + "/rotation"
	v.throughGitHub(v.post(path, url.Values{"overlap_hours": {"168"}}), "anna")
	page := v.get("/tokens").page()
	form := page.Find(`form[action="` + path + `"]`)
	if got := form.Find("option[selected]").AttrOr("value", ""); got != "168" || form.Closest("details[open]").Length() != 1 {
		t.Errorf("what was entered is %q", got)
	}
	if page.Find(`form[action="/tokens"] input[name="request"]`).AttrOr("value", "") == "" {
		t.Error("the form for a new token is broken")
	}
	v.post(path, url.Values{"overlap_hours": {"168"}}).status(http.StatusOK)
}

func TestS10GitHubTokensNeedARecentSignIn(t *testing.T) {
	t.Parallel()
	s := allowing(t, workshop())
	v := s.logIn("anna")
	path := "/api/users/me/installations/" + v.record("workshop") + "/access_tokens"
	const body = `{"repository_ids":[502],"permissions":{"contents":"read"}}`
	token, _ := v.postJSON(path, body).status(http.StatusCreated).object()["token"].(string)
	_, script := v.newToken(`{"name":"ci","expires_in_days":30,"scope":"access_tokens"}`)
	s.clock.advance(16 * time.Minute)
	data, _ := v.postJSON(path, body).status(http.StatusForbidden).object()["data"].(map[string]any)
	if data["code"] != "reauthentication_required" || !strings.HasPrefix(data["url"].(string), s.url+"/auth/github?return_to=") {
		t.Errorf("refused with %v", data)
	}
	// An API token that may was created by somebody who had signed in. Revoking never needs it.
	s.bearer(script).postJSON(path, body).status(http.StatusCreated)
	v.deleteJSON(path, `{"token":"`+token+`"}`).status(http.StatusNoContent)
}

func TestS8GitHubTokensCountAsWell(t *testing.T) {
	t.Parallel()
	s := allowing(t, workshop())
	v := s.logIn("anna")
	path := "/api/users/me/installations/" + v.record("workshop") + "/access_tokens"
	const body = `{"repository_ids":[502],"permissions":{"contents":"read"}}`
	user := v.get("/api/users/me").object()
	for i := range 59 {
		action := []string{db.AuditCreateAPIToken, db.AuditRotateAPIToken, db.AuditCreateAccessToken}[i%3]
		must(t, s.db.AddAudit(t.Context(), db.AuditEntry{GitHubID: int64(user["github_id"].(float64)), Login: "anna", Action: action}))
	}
	v.postJSON(path, body).status(http.StatusCreated)
	if a := v.postJSON(path, body).status(http.StatusTooManyRequests); a.header("Retry-After") == "" {
		t.Error("nobody says how long to wait")
	}
	v.postJSON("/api/users/me/tokens", `{"name":"ci","expires_in_days":30,"scope":"read"}`).status(http.StatusTooManyRequests)
	s.logIn("bert").postJSON("/api/users/me/tokens", `{"name":"ci","expires_in_days":30,"scope":"read"}`).status(http.StatusCreated)
}
