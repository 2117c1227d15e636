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
