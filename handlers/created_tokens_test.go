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
	"neptun/handlers/handlerstest"
	"neptun/sandbox"
)

// S8: operators' installation tokens count towards the limit of sixty per hour, and a token
// is revoked if its creation can't be audited.
func TestS8OperatorsTokensAreCountedAndAudited(t *testing.T) {
	t.Parallel()
	databaseURL := dbtest.SQLite(t)
	s := handlerstest.OpenRunBy(t, handlerstest.Workshop(), databaseURL, "", []string{"anna"}, func(c *handlers.Config) { c.AllowAppTokens, c.AllowAccessTokens = true, true })
	v := s.LogIn("anna")
	record := v.Record("workshop")
	anna := int64(v.Get("/api/users/me").Object()["github_id"].(float64))
	addresses := []string{"/api/app/installations/" + v.GitHubID("workshop") + "/access_tokens", "/api/users/me/installations/" + record + "/access_tokens"}
	const body = `{"repository_ids":[501],"permissions":{"contents":"read"}}`

	file, _ := db.SQLiteFile(databaseURL)
	pool, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(5000)")
	handlerstest.Must(t, err)
	defer pool.Close()
	_, err = pool.ExecContext(t.Context(), `CREATE TRIGGER refuse BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no audit'); END`)
	handlerstest.Must(t, err)
	for _, address := range addresses {
		s.GitHub.ResetRequests()
		if a := v.PostJSON(address, body); a.StatusCode != http.StatusInternalServerError || strings.Contains(a.Body, "gh") {
			t.Errorf("%s : %d without an audit log: %s", address, a.StatusCode, a.Body)
		}
		revoked := func(r sandbox.Request) bool {
			return r.Method == http.MethodDelete && strings.HasSuffix(r.Path, "/token")
		}
		if !slices.ContainsFunc(s.GitHub.Requests(), revoked) {
			t.Errorf("%s left a token that isn't in the audit log", address)
		}
	}
	_, err = pool.ExecContext(t.Context(), `DROP TRIGGER refuse`)
	handlerstest.Must(t, err)

	for range 59 {
		handlerstest.Must(t, s.DB.AddAudit(t.Context(), db.AuditEntry{GitHubID: anna, Login: "anna", Action: db.AuditCreateAppToken}))
	}
	v.PostJSON(addresses[0], body).Status(http.StatusCreated)
	for _, address := range addresses {
		if a := v.PostJSON(address, body).Status(http.StatusTooManyRequests); a.Header.Get("Retry-After") == "" {
			t.Errorf("%s has no Retry-After", address)
		}
	}
}
