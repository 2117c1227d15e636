package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
)

// becomeOperator presses the button of the page that names the account.
func (v *visitor) becomeOperator() answer {
	v.s.t.Helper()
	page := v.get("/setup").status(http.StatusOK).page()
	id := page.Find(`form[action="/setup/operator"] input[name="github_id"]`).AttrOr("value", "")
	return v.post("/setup/operator", url.Values{"github_id": {id}}).status(http.StatusSeeOther)
}

// Signing in where the app was set up makes nobody an operator by itself: an
// attempt that somebody planted in that browser would make its owner one.
func TestS2AnOperatorIsNamedAndMadeByAButton(t *testing.T) {
	t.Parallel()
	s := openEmpty(t, dbtest.SQLite(t))
	v := s.enterSetup()
	v.get(v.register("Tidal", "ada")).status(http.StatusSeeOther)
	// The attempt of somebody else, in the marked browser.
	v.logIn("bob")
	operators, err := s.db.ListOperators(t.Context())
	must(t, err)
	for _, operator := range operators {
		if operator.Reason == db.BySetup {
			t.Fatalf("signing in made %+v an operator", operator)
		}
	}
	page := v.get("/setup").status(http.StatusOK)
	if !strings.Contains(page.text("main"), "signed in as bob") {
		t.Errorf("the page names nobody: %s", page.text("main"))
	}
	bobs := page.page().Find(`input[name="github_id"]`).AttrOr("value", "")
	v.logIn("ada")
	v.post("/setup/operator", url.Values{"github_id": {bobs}}).status(http.StatusConflict)
	elsewhere := s.visit()
	elsewhere.logIn("ada")
	adas := v.get("/setup").page().Find(`input[name="github_id"]`).AttrOr("value", "")
	elsewhere.post("/setup/operator", url.Values{"github_id": {adas}}).status(http.StatusForbidden)
	s.visit().post("/setup/operator", url.Values{"github_id": {adas}}).status(http.StatusUnauthorized)
	v.becomeOperator()
	v.get("/app").status(http.StatusOK)
	if to := v.get("/setup").status(http.StatusSeeOther).header("Location"); to != "/" {
		t.Errorf("the setup leads to %s", to)
	}
	v.post("/setup/operator", url.Values{"github_id": {adas}}).status(http.StatusForbidden)
}
