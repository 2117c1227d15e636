package handlers_test

import (
	"database/sql"
	"net/http"
	"slices"
	"strings"
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/handlers"
	"neptun/sandbox"
)

// S8: operators' installation tokens count among the sixty of an hour, and one whose
// creation can't be audited is revoked.
func TestS8OperatorsTokensAreCountedAndAudited(t *testing.T) {
	t.Parallel()
	databaseURL := dbtest.SQLite(t)
	s := openRunBy(t, workshop(), databaseURL, "", []string{"anna"}, func(c *handlers.Config) { c.AllowAppTokens, c.AllowAccessTokens = true, true })
	v := s.logIn("anna")
	record := v.record("workshop")
	anna := int64(v.get("/api/users/me").object()["github_id"].(float64))
	addresses := []string{"/api/app/installations/" + v.gitHubID("workshop") + "/access_tokens", "/api/users/me/installations/" + record + "/access_tokens"}
	const body = `{"repository_ids":[501],"permissions":{"contents":"read"}}`

	file, _ := db.SQLiteFile(databaseURL)
	pool, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(5000)")
	must(t, err)
	defer pool.Close()
	_, err = pool.ExecContext(t.Context(), `CREATE TRIGGER refuse BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no audit'); END`)
	must(t, err)
	for _, address := range addresses {
		s.gitHub.ResetRequests()
		if a := v.postJSON(address, body); a.StatusCode != http.StatusInternalServerError || strings.Contains(a.body, "gh") {
			t.Errorf("%s answers %d without an audit log: %s", address, a.StatusCode, a.body)
		}
		revoked := func(r sandbox.Request) bool {
			return r.Method == http.MethodDelete && strings.HasSuffix(r.Path, "/token")
		}
		if !slices.ContainsFunc(s.gitHub.Requests(), revoked) {
			t.Errorf("%s leaves a token that isn't in the audit log", address)
		}
	}
	_, err = pool.ExecContext(t.Context(), `DROP TRIGGER refuse`)
	must(t, err)

	for range 59 {
		must(t, s.db.AddAudit(t.Context(), db.AuditEntry{GitHubID: anna, Login: "anna", Action: db.AuditCreateAppToken}))
	}
	v.postJSON(addresses[0], body).status(http.StatusCreated)
	for _, address := range addresses {
		if a := v.postJSON(address, body).status(http.StatusTooManyRequests); a.header("Retry-After") == "" {
			t.Errorf("%s doesn't say how long to wait", address)
		}
	}
}
