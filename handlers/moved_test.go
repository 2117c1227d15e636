package handlers_test

import (
	"net/http"
	"testing"

	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
)

// Old URLs of pages redirect permanently, with their parameters and query. Forms keep their
// method.
func TestOldURLsRedirect(t *testing.T) {
	s := handlerstest.OpenAs(t, handlerstest.TwoOrganizations(), dbtest.SQLite(t), "")
	mira := s.LogIn("mira")
	for former, path := range map[string]string{
		"/scripts":                                 "/tokens",
		"/scripts/tokens/7/rotation":               "/tokens/7/rotation",
		"/doctor?repository=quay%2Fcrane":          "/access?repository=quay%2Fcrane",
		"/installations/arrival?installation_id=9": "/installations/new?installation_id=9",
		"/installations/3/manage":                  "/installations/3/settings",
		"/installations/3/automatic?mode=all":      "/installations/3/auto-import?mode=all",
		"/installations/%2f%2fevil.example/manage": "/installations/%2f%2fevil.example/settings",
		"/installations/a%20b/manage":              "/installations/a%20b/settings",
	} {
		if to := mira.Get(former).Status(http.StatusPermanentRedirect).Header.Get("Location"); to != path {
			t.Errorf("GET %s redirects to %s", former, to)
		}
	}
	if to := mira.Post("/scripts/sessions/abc/ending", nil).Status(http.StatusPermanentRedirect).Header.Get("Location"); to != "/account/sessions/abc/revocation" {
		t.Errorf("the form redirects to %s", to)
	}
}
