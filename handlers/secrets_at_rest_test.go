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
	"neptun/handlers/handlerstest"
	"neptun/sandbox"
	"neptun/sessions"
)

// dump returns the content of every table as text.
func dump(t *testing.T, databaseURL string) string {
	t.Helper()
	driver, address := "pgx", databaseURL
	tables := "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
	if file, ok := db.SQLiteFile(databaseURL); ok {
		driver, address, tables = "sqlite", "file:"+file+"?_pragma=busy_timeout(5000)", "SELECT name FROM sqlite_master WHERE type = 'table'"
	}
	pool, err := sql.Open(driver, address)
	handlerstest.Must(t, err)
	defer pool.Close()
	var names []string
	rows, err := pool.QueryContext(t.Context(), tables)
	handlerstest.Must(t, err)
	defer rows.Close()
	for rows.Next() {
		var name string
		handlerstest.Must(t, rows.Scan(&name))
		names = append(names, name)
	}
	handlerstest.Must(t, rows.Err())
	var out strings.Builder
	for _, name := range names {
		dumpTable(t, pool, name, &out)
	}
	return out.String()
}

func dumpTable(t *testing.T, pool *sql.DB, name string, out *strings.Builder) {
	t.Helper()
	rows, err := pool.QueryContext(t.Context(), `SELECT * FROM "`+name+`"`)
	handlerstest.Must(t, err)
	defer rows.Close()
	columns, err := rows.Columns()
	handlerstest.Must(t, err)
	for rows.Next() {
		values, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		handlerstest.Must(t, rows.Scan(targets...))
		fmt.Fprintf(out, "%s %s\n", name, values)
		for _, value := range values {
			if content, ok := value.([]byte); ok {
				out.Write(content)
			}
		}
	}
	handlerstest.Must(t, rows.Err())
}

// After a whole life cycle, from the setup to tokens, no secret is in the log, in the
// database's file, in a dump of it, on a page or in a URL.
func TestS12NoSecretIsLeftAnywhere(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		logs := &handlerstest.LogBook{}
		s := &handlerstest.Stage{
			T: t, World: handlerstest.WithoutApp(), Clock: &handlerstest.Clock{}, Appless: true, Logs: logs, Operators: []string{"ada"},
			Configure: []func(*handlers.Config){func(c *handlers.Config) { c.AllowAccessTokens, c.AllowPersonalTokens = true, true }},
		}
		s.World.Repositories.Add("acme", sandbox.Repository{ID: 501, Name: "hammer", Private: true})
		s.Start(databaseURL, "")
		t.Cleanup(s.GitHub.Close)

		secrets := map[string]string{}
		code := s.SetupCode()
		secrets["the setup code"] = code
		v := s.Visit()
		v.Post("/setup", url.Values{"code": {code}}).Status(http.StatusSeeOther)
		v.Get(v.Register("Tidal", "ada")).Status(http.StatusSeeOther)
		app := s.GitHub.App()
		secrets["the client secret"] = app.ClientSecret
		secrets["the private key"] = app.PrivateKeyPEM[100:140]
		s.World.Installations.Install("acme", sandbox.SelectSome, 501)
		back := v.Path(v.Approve(v.Get("/auth/github").Header.Get("Location"), "ada"))
		callback, err := url.Parse(back)
		handlerstest.Must(t, err)
		secrets["GitHub's code"] = callback.Query().Get("code")
		v.Get(back).Status(http.StatusSeeOther)
		v.Settle()
		v.BecomeOperator()
		secrets["the session"] = v.Session()

		record := v.Record("acme")
		v.PostJSON("/api/users/me/installations/"+record+"/imports", `{"filter":{}}`).Status(http.StatusOK)
		_, secrets["the API token"] = v.NewToken(`{"name":"ci","expires_in_days":30,"scope":"write"}`)
		script := s.Bearer(secrets["the API token"])
		script.Get("/api/users/me/imports").Status(http.StatusOK)
		script.Get("/api/users/me/nothing").Status(http.StatusNotFound)
		s.Cookie(secrets["the API token"]).Get("/installations").Status(http.StatusUnauthorized)
		for _, kind := range []string{"user", "installation"} {
			created := v.PostJSON("/api/users/me/installations/"+record+"/access_tokens", `{"kind":"`+kind+`","repository_ids":[501],"permissions":{"metadata":"read"}}`).Status(http.StatusCreated)
			secrets["the token of the kind "+kind], _ = created.Object()["token"].(string)
		}
		secrets["the personal token"] = s.World.Accounts.AddPersonalToken("ada")
		v.Do(http.MethodPut, "/api/users/me/installations/"+record+"/repositories/501", "", "", http.Header{"X-GitHub-Token": {secrets["the personal token"]}})
		s.Visit().Do(http.MethodPost, "/webhooks/github", "application/json", `{"zen":"`+secrets["the client secret"][:4]+`"}`, http.Header{"X-Hub-Signature-256": {"sha256=" + strings.Repeat("0", 64)}})
		token, err := s.DB.GitHubToken(t.Context(), v.Me())
		handlerstest.Must(t, err)
		secrets["GitHub's token"], secrets["GitHub's refresh token"] = token.Access, token.Refresh
		v.Post("/account/authorization", nil).Status(http.StatusSeeOther)
		if token, err = s.DB.GitHubToken(t.Context(), v.Me()); err != nil || token.Access == secrets["GitHub's token"] {
			t.Fatalf("the token is the same: %v", err)
		}
		secrets["GitHub's second token"] = token.Access

		places := map[string]string{"the dump": dump(t, databaseURL)}
		own := parts(record, v.GitHubID("acme"))
		for _, path := range addresses(s, http.MethodGet, own) {
			if path == "/events" || path == "/auth/github/callback" || strings.HasPrefix(path, "/static") {
				continue
			}
			a := v.Get(path)
			places["GET "+path] = a.Body + "\n" + a.Header.Get("Location") + a.Header.Get("Link")
		}
		if file, ok := db.SQLiteFile(databaseURL); ok {
			for _, name := range []string{file, file + "-wal"} {
				content, err := os.ReadFile(name)
				handlerstest.Must(t, err)
				places["the file "+name] = string(content)
			}
		}
		places["the log"] = logs.String()
		if !strings.Contains(places["the log"], "/auth/github/callback") || !strings.Contains(places["the dump"], "hammer") || len(secrets) != 12 || len(places) < 60 {
			t.Fatalf("only %d secrets and %d places", len(secrets), len(places))
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
