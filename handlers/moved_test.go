package handlers_test

import (
	"net/http"
	"testing"

	"neptun/db/dbtest"
)

// Former addresses of pages redirect for good, with their parameters and query,
// and forms keep their method.
func TestFormerAddressesRedirect(t *testing.T) {
	s := openAs(t, harbour(), dbtest.SQLite(t), "")
	mira := s.logIn("mira")
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
		if to := mira.get(former).status(http.StatusPermanentRedirect).header("Location"); to != path {
			t.Errorf("GET %s leads to %s", former, to)
		}
	}
	if to := mira.post("/scripts/sessions/abc/ending", nil).status(http.StatusPermanentRedirect).header("Location"); to != "/account/sessions/abc/revocation" {
		t.Errorf("the form leads to %s", to)
	}
}
