package db_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
)

// The traces of the user who is deleted in these tests.
const (
	leavingID      = 4711
	leavingLogin   = "ada-lovelace"
	leavingName    = "Augusta Ada King"
	leavingAddress = "198.51.100.7"
)

// parts are the parts of an export by the table that they are read from.
var parts = map[string]string{
	"users": "user", "github_tokens": "github_token", "sessions": "sessions", "api_tokens": "api_tokens", "installation_records": "installations",
	"removed_installations": "removed_installations", "access": "access", "imports": "imports", "removed_imports": "removed_imports",
	"import_exclusions": "excluded_repositories", "actions": "actions", "bulk_actions": "bulk_actions", "views": "views", "history": "history",
	"sync_runs": "sync_runs", "install_requests": "install_requests", "operators": "operator", "audit": "audit",
}

// unexported are tables with rows of users but no information about them: GitHub's pages and limits,
// and the numbers of changes.
var unexported = []string{"installation_pages", "request_limits", "changes"}

// The test checks every table, including future ones.
func TestO16ExportAndDeletion(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		u, other := leaving(t, w)
		tables := got(w.Tables(ctx))(t)

		exported := got(w.ExportUser(ctx, u))(t)
		text := string(got(json.Marshal(exported))(t))
		for _, table := range tables {
			part, ok := parts[table]
			switch {
			case ok && len(exported[part]) == 0:
				t.Errorf("the export has no rows of %s", table)
			case !ok && slices.Contains(columnsOf(t, w, table), "user_id") && !slices.Contains(unexported, table):
				t.Errorf("%s has rows of users and isn't exported", table)
			}
		}
		for part, n := range map[string]int{"user": 1, "access": 3, "imports": 2, "api_token_networks": 1} {
			if len(exported[part]) != n {
				t.Errorf("%d rows of %s, want %d", len(exported[part]), part, n)
			}
		}
		for _, secret := range []string{"token_hash", `access_token"`, `refresh_token"`, "bob"} {
			if strings.Contains(text, secret) {
				t.Errorf("the export has %s: %s", secret, text)
			}
		}
		if at := fmt.Sprint(exported["user"][0]["created_at"]); !strings.HasPrefix(at, "2026-03-20T10:00:00") {
			t.Errorf("created at %s", at)
		}

		ok(t, w.DeleteUser(ctx, u))
		for _, table := range tables {
			for _, row := range wholeRows(t, w, table) {
				for _, trace := range []string{u.ID, leavingLogin, leavingName, fmt.Sprint(leavingID), leavingAddress} {
					if strings.Contains(row, trace) {
						t.Errorf("%s still has %s: %s", table, trace, row)
					}
				}
			}
		}
		if entries := column(t, w.raw(), `SELECT action FROM audit WHERE login = 'deleted user'`); len(entries) == 0 {
			t.Error("no audit entry of the deleted user is left")
		}
		if through := column(t, w.raw(), `SELECT suspended_through_login FROM installations WHERE suspended_through <> 0`); !slices.Equal(through, []string{"deleted user"}) {
			t.Errorf("suspended through Neptun by %q", through)
		}
		if remaining := got(w.ExportUser(ctx, other))(t); len(remaining["imports"]) != 1 || len(remaining["access"]) != 3 || len(remaining["audit"]) != 1 {
			t.Errorf("the other user has %d imports, %d repositories, %d audit entries", len(remaining["imports"]), len(remaining["access"]), len(remaining["audit"]))
		}
		if again := w.login(leavingID, leavingLogin); again.ID == u.ID {
			t.Error("signing in again continues the deleted account")
		}
	})
}

// The test reads the file, and SQLite's other files.
func TestO16DeletedBytesAreGoneFromTheFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.SQLite(t))
	u, _ := leaving(t, w)
	// Rows that grow, shrink and move leave copies in the pages.
	for i := range 200 {
		key := fmt.Sprint("session-", i)
		ok(t, w.PutSession(t.Context(), key, u.ID, []byte(strings.Repeat(leavingLogin, i%40)), w.clock.Now().Add(day)))
		ok(t, w.RecordUse(t.Context(), key, db.Client{IP: leavingAddress, UserAgent: strings.Repeat("agent of "+u.ID, i%7)}))
		if i%3 == 0 {
			ok(t, w.RevokeSession(t.Context(), fmt.Sprint("session-", i/2)))
			w.clock.Advance(4 * time.Hour)
			ok(t, w.CleanUp(t.Context()))
		}
	}
	file, _ := db.SQLiteFile(w.url)
	traces := func() map[string]int {
		found := map[string]int{}
		for _, suffix := range []string{"", "-wal"} {
			content := string(got(os.ReadFile(file + suffix))(t))
			for _, trace := range []string{u.ID, leavingLogin, leavingName, leavingAddress} {
				if n := strings.Count(content, trace); n > 0 {
					found[trace+" in neptun.db"+suffix] = n
				}
			}
		}
		return found
	}
	if len(traces()) == 0 {
		t.Fatal("nothing is found before the deletion")
	}
	ok(t, w.DeleteUser(t.Context(), u))
	if left := traces(); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// leaving is a user with rows in every table that has rows of users, and another one.
func leaving(t *testing.T, w *world) (u, other db.User) {
	t.Helper()
	ctx := t.Context()
	got(bound(w, "https://github.com", "app-1"))(t)
	_, through := w.member(leavingID, leavingLogin, acme, repos(1, 3, acme)...)
	other, bobs := w.member(2, "bob", acme, repos(1, 3, acme)...)
	u = got(w.SignIn(ctx, db.Profile{GitHubID: leavingID, Login: leavingLogin, Name: leavingName, AvatarURL: "https://avatars/4711"}, db.Token{Access: "token"}))(t)
	w.importRepositories(through, 1, 2)
	w.importRepositories(bobs, 1)
	for _, one := range []db.User{u, other} {
		ok(t, w.AddAudit(ctx, db.AuditEntry{GitHubID: one.GitHubID, Login: one.Login, Action: "disconnect", Subject: one.Login, IP: leavingAddress[:len(leavingAddress)-1] + fmt.Sprint(one.GitHubID%10+6)}))
	}
	guid := "authorization"
	ok(t, w.AddDelivery(ctx, db.Delivery{GUID: guid, Event: "github_app_authorization", Action: "revoked", Subject: fmt.Sprint("user/", leavingID)}))
	ok(t, w.FinishDelivery(ctx, guid, db.DeliveryApplied))
	job := got(w.Jobs().Claim(ctx, []string{db.ApplyDeliveries{}.Kind()}, time.Minute))(t)
	ok(t, w.Jobs().Finish(ctx, job))

	known := map[string]any{
		"user_id": u.ID, "github_id": leavingID, "requester_id": leavingID, "account_id": column(t, w.raw(), `SELECT id FROM accounts WHERE github_id = $1`, acme.GitHubID)[0], "repository_id": 3, "record_id": through.ID,
		"installation_id": 700, "seen_by": u.ID, "state": "done", "finished_at": 1,
	}
	for _, table := range append(got(w.Tables(ctx))(t), "") {
		columns := columnsOf(t, w, table)
		if table != "operators" && table != "install_requests" && (!slices.Contains(columns, "user_id") || hasRow(t, w, table, u.ID)) {
			continue
		}
		fill(t, w, table, known)
	}
	_, err := w.raw().ExecContext(ctx, `UPDATE installations SET suspended_through = $1, suspended_through_login = $2`, leavingID, leavingLogin)
	ok(t, err)
	_, err = w.raw().ExecContext(ctx, `INSERT INTO api_token_networks (token_id, network) SELECT id, $1 FROM api_tokens WHERE user_id = $2`, leavingAddress+"/32", u.ID)
	ok(t, err)
	return u, other
}

func hasRow(t *testing.T, w *world, table, userID string) bool {
	t.Helper()
	return len(column(t, w.raw(), `SELECT user_id FROM `+table+` WHERE user_id = $1`, userID)) > 0
}

func columnsOf(t *testing.T, w *world, table string) []string {
	t.Helper()
	if table == "" {
		return nil
	}
	rows := got(w.raw().QueryContext(t.Context(), `SELECT * FROM "`+table+`" WHERE 1 = 0`))(t)
	defer rows.Close()
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return got(rows.Columns())(t)
}

// fill inserts a row whose texts are the user's login, but for what is known.
func fill(t *testing.T, w *world, table string, known map[string]any) {
	t.Helper()
	types := columnTypes(t, w, table)
	var names, places []string
	var values []any
	for _, name := range slices.Sorted(maps.Keys(types)) {
		value, isKnown := known[name]
		switch {
		case isKnown:
		case name == "scope":
			value = "read"
		case types[name] == "TEXT":
			value = leavingLogin
		case types[name] == "BYTEA":
			value = []byte(leavingLogin)
		case types[name] == "BOOLEAN":
			value = false
		default:
			value = 1
		}
		names, values = append(names, `"`+name+`"`), append(values, value)
		places = append(places, fmt.Sprint("$", len(values)))
	}
	_, err := w.raw().ExecContext(t.Context(), `INSERT INTO "`+table+`" (`+strings.Join(names, ", ")+`) VALUES (`+strings.Join(places, ", ")+`)`, values...)
	if err != nil {
		t.Fatalf("give the user of this test a row in %s: %v", table, err)
	}
}

// columnTypes are the types of a table's columns, as migrations write them.
func columnTypes(t *testing.T, w *world, table string) map[string]string {
	t.Helper()
	query := `SELECT name || ' ' || type FROM pragma_table_info($1)`
	if onPostgres(w.url) {
		query = `SELECT column_name || ' ' || upper(data_type) FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1`
	}
	types := map[string]string{}
	for _, one := range column(t, w.raw(), query, table) {
		name, kind, _ := strings.Cut(one, " ")
		types[name] = kind
	}
	return types
}

// wholeRows are a table's rows as text.
func wholeRows(t *testing.T, w *world, table string) (list []string) {
	t.Helper()
	rows := got(w.raw().QueryContext(t.Context(), `SELECT * FROM "`+table+`"`))(t)
	defer rows.Close()
	columns := got(rows.Columns())(t)
	for rows.Next() {
		values, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		ok(t, rows.Scan(targets...))
		for i, value := range values {
			if bytes, isBytes := value.([]byte); isBytes {
				values[i] = string(bytes)
			}
		}
		list = append(list, fmt.Sprint(values...))
	}
	ok(t, rows.Err())
	return list
}
