package handlers_test

import (
	"database/sql"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/handlers"
	"neptun/sandbox"
	"neptun/sessions"
)

// dump is the content of every table, as text.
func dump(t *testing.T, databaseURL string) string {
	t.Helper()
	driver, address := "pgx", databaseURL
	tables := "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
	if file, ok := db.SQLiteFile(databaseURL); ok {
		driver, address, tables = "sqlite", "file:"+file+"?_pragma=busy_timeout(5000)", "SELECT name FROM sqlite_master WHERE type = 'table'"
	}
	pool, err := sql.Open(driver, address)
	must(t, err)
	defer pool.Close()
	var names []string
	rows, err := pool.QueryContext(t.Context(), tables)
	must(t, err)
	for rows.Next() {
		var name string
		must(t, rows.Scan(&name))
		names = append(names, name)
	}
	must(t, rows.Err())
	must(t, rows.Close())
	var out strings.Builder
	for _, name := range names {
		rows, err := pool.QueryContext(t.Context(), `SELECT * FROM "`+name+`"`)
		must(t, err)
		columns, err := rows.Columns()
		must(t, err)
		for rows.Next() {
			values, targets := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				targets[i] = &values[i]
			}
			must(t, rows.Scan(targets...))
			fmt.Fprintf(&out, "%s %s\n", name, values)
			for _, value := range values {
				if content, ok := value.([]byte); ok {
					out.Write(content)
				}
			}
		}
		must(t, rows.Err())
		must(t, rows.Close())
	}
	return out.String()
}

// After the whole way, from the setup to tokens, no secret is in the log, in the
// database's file, in a dump of it, on a page or in an address.
func TestS12NoSecretIsLeftAnywhere(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		logs := &logBook{}
		s := &stage{
			t: t, world: withoutApp(), clock: &clock{}, appless: true, logs: logs, operators: []string{"ada"},
			configure: []func(*handlers.Config){func(c *handlers.Config) { c.AllowAccessTokens, c.AllowPersonalTokens = true, true }},
		}
		s.world.AddRepository("acme", sandbox.Repository{ID: 501, Name: "hammer", Private: true})
		s.start(databaseURL, "")
		t.Cleanup(s.gitHub.Close)

		secrets := map[string]string{}
		code := s.setupCode()
		secrets["the setup code"] = code
		v := s.visit()
		v.post("/setup", url.Values{"code": {code}}).status(http.StatusSeeOther)
		v.get(v.register("Tidal", "ada")).status(http.StatusSeeOther)
		app := s.gitHub.App()
		secrets["the client secret"] = app.ClientSecret
		secrets["the private key"] = app.PrivateKeyPEM[100:140]
		s.world.Install("acme", sandbox.SelectSome, 501)
		back := v.path(v.approve(v.get("/auth/github").header("Location"), "ada"))
		callback, err := url.Parse(back)
		must(t, err)
		secrets["GitHub's code"] = callback.Query().Get("code")
		v.get(back).status(http.StatusSeeOther)
		v.settle()
		v.becomeOperator()
		secrets["the session"] = v.session()

		record := v.record("acme")
		v.postJSON("/api/users/me/installations/"+record+"/imports", `{"filter":{}}`).status(http.StatusOK)
		_, secrets["the API token"] = v.newToken(`{"name":"ci","expires_in_days":30,"scope":"write"}`)
		script := s.bearer(secrets["the API token"])
		script.get("/api/users/me/imports").status(http.StatusOK)
		script.get("/api/users/me/nothing").status(http.StatusNotFound)
		s.script(secrets["the API token"]).get("/installations").status(http.StatusUnauthorized)
		for _, kind := range []string{"user", "installation"} {
			made := v.postJSON("/api/users/me/installations/"+record+"/access_tokens", `{"kind":"`+kind+`","repository_ids":[501],"permissions":{"metadata":"read"}}`).status(http.StatusCreated)
			secrets["the token of the kind "+kind], _ = made.object()["token"].(string)
		}
		secrets["the personal token"] = s.world.AddPersonalToken("ada")
		v.do(http.MethodPut, "/api/users/me/installations/"+record+"/repositories/501", "", "", http.Header{"X-GitHub-Token": {secrets["the personal token"]}})
		s.visit().do(http.MethodPost, "/webhooks/github", "application/json", `{"zen":"`+secrets["the client secret"][:4]+`"}`, http.Header{"X-Hub-Signature-256": {"sha256=" + strings.Repeat("0", 64)}})
		token, err := s.db.GitHubToken(t.Context(), v.me())
		must(t, err)
		secrets["GitHub's token"], secrets["GitHub's refresh token"] = token.Access, token.Refresh
		v.post("/account/authorization", nil).status(http.StatusSeeOther)
		if token, err = s.db.GitHubToken(t.Context(), v.me()); err != nil || token.Access == secrets["GitHub's token"] {
			t.Fatalf("the token is the same: %v", err)
		}
		secrets["GitHub's second token"] = token.Access

		places := map[string]string{"the dump": dump(t, databaseURL)}
		own := parts(record, v.gitHubID("acme"))
		for _, path := range s.addresses(http.MethodGet, own) {
			if path == "/events" || path == "/auth/github/callback" || strings.HasPrefix(path, "/static") {
				continue
			}
			a := v.get(path)
			places["GET "+path] = a.body + "\n" + a.header("Location") + a.header("Link")
		}
		if file, ok := db.SQLiteFile(databaseURL); ok {
			for _, name := range []string{file, file + "-wal"} {
				content, err := os.ReadFile(name)
				must(t, err)
				places["the file "+name] = string(content)
			}
		}
		places["the log"] = logs.String()
		if !strings.Contains(places["the log"], "/auth/github/callback") || !strings.Contains(places["the dump"], "hammer") || len(secrets) != 12 || len(places) < 60 {
			t.Fatalf("%d secrets looked for in %d places", len(secrets), len(places))
		}
		for what, secret := range secrets {
			if len(secret) < 16 {
				t.Errorf("%s is %q", what, secret)
				continue
			}
			for place, content := range places {
				if strings.Contains(content, secret) {
					t.Errorf("%s is in %s", what, place)
				}
			}
		}
		if hash := sessions.HashSetupCode(code); strings.Contains(places["the log"], hash) {
			t.Error("the hash of the setup code is in the log")
		}
	})
}
