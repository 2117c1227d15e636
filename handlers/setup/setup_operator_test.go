package setup_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
)

// Signing in where the app was set up doesn't make an operator: an attacker could plant a sign-in
// attempt in that browser.
func TestS2AButtonNamesAndAddsTheOperator(t *testing.T) {
	t.Parallel()
	s := handlerstest.OpenEmpty(t, dbtest.SQLite(t))
	v := s.EnterSetup()
	v.Get(v.Register("Tidal", "ada")).Status(http.StatusSeeOther)
	// Another user's attempt in the marked browser.
	v.LogIn("bob")
	operators, err := s.DB.ListOperators(t.Context())
	handlerstest.Must(t, err)
	for _, operator := range operators {
		if operator.Reason == db.BySetup {
			t.Fatalf("signing in made %+v an operator", operator)
		}
	}
	page := v.Get("/setup").Status(http.StatusOK)
	if !strings.Contains(page.Text("main"), "signed in as bob") {
		t.Errorf("the page has no account name: %s", page.Text("main"))
	}
	bobs := page.Page().Find(`input[name="github_id"]`).AttrOr("value", "")
	v.LogIn("ada")
	v.Post("/setup/operator", url.Values{"github_id": {bobs}}).Status(http.StatusConflict)
	elsewhere := s.Visit()
	elsewhere.LogIn("ada")
	adas := v.Get("/setup").Page().Find(`input[name="github_id"]`).AttrOr("value", "")
	elsewhere.Post("/setup/operator", url.Values{"github_id": {adas}}).Status(http.StatusForbidden)
	s.Visit().Post("/setup/operator", url.Values{"github_id": {adas}}).Status(http.StatusUnauthorized)
	v.BecomeOperator()
	v.Get("/app").Status(http.StatusOK)
	if to := v.Get("/setup").Status(http.StatusSeeOther).Header.Get("Location"); to != "/" {
		t.Errorf("the setup redirects to %s", to)
	}
	v.Post("/setup/operator", url.Values{"github_id": {adas}}).Status(http.StatusForbidden)
}
