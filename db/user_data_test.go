package db_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"neptun/db"
)

func TestO16ExportAndDeletion(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		got(bound(w, "https://github.com", "app-1"))(t)
		u, through := w.member(4711, "ada-lovelace", acme, repos(1, 3, acme)...)
		other, theirs := w.member(2, "bob", acme, repos(1, 3, acme)...)
		w.imports(through, 1, 2)
		w.imports(theirs, 1)
		w.session(u)
		ok(t, w.AddAudit(ctx, db.AuditEntry{GitHubID: u.GitHubID, Login: u.Login, Action: "disconnect", Subject: u.Login, IP: "198.51.100.7"}))
		ok(t, w.AddAudit(ctx, db.AuditEntry{GitHubID: other.GitHubID, Login: other.Login, Action: "disconnect", Subject: other.Login, IP: "198.51.100.8"}))

		exported := got(json.Marshal(got(w.ExportUser(ctx, u))(t)))(t)
		var data map[string][]map[string]any
		ok(t, json.Unmarshal(exported, &data))
		for part, n := range map[string]int{"user": 1, "github_token": 1, "sessions": 1, "installations": 1, "access": 3, "imports": 2, "audit": 1} {
			if len(data[part]) != n {
				t.Errorf("%d rows of %s, want %d", len(data[part]), part, n)
			}
		}
		for _, secret := range []string{"token_hash", "access_token\"", "refresh_token\"", "bob"} {
			if strings.Contains(string(exported), secret) {
				t.Errorf("the export has %s: %s", secret, exported)
			}
		}
		if at := fmt.Sprint(data["user"][0]["created_at"]); !strings.HasPrefix(at, "2026-03-20T10:00:00") {
			t.Errorf("created at %s", at)
		}

		ok(t, w.DeleteUser(ctx, u))
		for _, table := range got(w.Tables(ctx))(t) {
			for _, row := range wholeRows(t, w, table) {
				for _, trace := range []string{u.ID, "ada-lovelace", "4711", "198.51.100.7"} {
					if strings.Contains(row, trace) {
						t.Errorf("%s still has %s: %s", table, trace, row)
					}
				}
			}
		}
		if entries := column(t, w.raw(), `SELECT action FROM audit WHERE login = 'deleted user'`); len(entries) != 1 {
			t.Errorf("%d audit entries of the deleted user", len(entries))
		}
		if kept := got(w.ExportUser(ctx, other))(t); len(kept["imports"]) != 1 || len(kept["access"]) != 3 || len(kept["audit"]) != 1 {
			t.Errorf("somebody else has left %d imports, %d repositories, %d audit entries", len(kept["imports"]), len(kept["access"]), len(kept["audit"]))
		}
		if again := w.login(4711, "ada-lovelace"); again.ID == u.ID {
			t.Error("signing in again continues the deleted account")
		}
	})
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
