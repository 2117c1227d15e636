package operators_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
)

func TestS8OperatorsReadTheAuditLog(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s, opal := handlerstest.OpenRun(t, databaseURL)
		ines := s.LogIn("ines")
		ines.Get("/app").Status(http.StatusForbidden)
		ines.Post("/logout", nil).Status(http.StatusSeeOther)

		page := opal.Get("/app/audit").Status(http.StatusOK)
		for _, what := range []string{"ines", db.AuditSignIn, db.AuditSignOut, db.AuditRefuseOperatorPage, "127.0.0.1", db.ViaSession} {
			if !strings.Contains(page.Text("#audit tbody"), what) {
				t.Errorf("the page lacks %s: %s", what, page.Text("#audit"))
			}
		}
		all := opal.Get("/api/app/audit").Status(http.StatusOK).List()
		for _, entry := range all {
			handlerstest.WantTime(t, entry, "at")
			if entry["ip"] != "127.0.0.1" || entry["request_id"] == nil {
				t.Errorf("without an address: %v", entry)
			}
		}
		out := all[0]
		handlerstest.WantField(t, out, "action", db.AuditSignOut)
		handlerstest.WantField(t, out, "github_login", "ines")
		handlerstest.WantField(t, out, "via", db.ViaSession)
		if len(opal.Get("/api/app/audit?request_id="+out["request_id"].(string)).List()) != 1 {
			t.Error("the request isn't found")
		}

		tomorrow := url.QueryEscape(time.Now().Add(48 * time.Hour).Format(time.RFC3339))
		for query, want := range map[string]int{
			"login=INES": 3, "action=" + url.QueryEscape(db.AuditSignOut): 1, "ip=192.0.2.9": 0, "ip=127.0.0.1": len(all),
			"since=" + tomorrow: 0, "until=" + tomorrow: len(all), "login=ines&action=" + url.QueryEscape(db.AuditSignIn): 1,
		} {
			if list := opal.Get("/api/app/audit?" + query).Status(http.StatusOK).List(); len(list) != want {
				t.Errorf("%s matches %v, want %d", query, list, want)
			}
			rows := opal.Fragment("/app/audit?"+query, "audit").Status(http.StatusOK).Page().Find("#audit tbody tr").Length()
			if rows != want {
				t.Errorf("the page shows %d rows under %s, want %d", rows, query, want)
			}
		}
		for _, query := range []string{"after=x", "after=1&before=2", "since=soon", "per_page=1001", "who=ines"} {
			opal.Get("/api/app/audit?" + query).Status(http.StatusUnprocessableEntity).Message()
		}
	})
}

func TestS8TheAuditLogIsExportedWithACursor(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s, opal := handlerstest.OpenRun(t, databaseURL)
		const written = 1200 // more than two batches
		for i := range written {
			handlerstest.Must(t, s.DB.AddAudit(t.Context(), db.AuditEntry{Action: "test", Subject: fmt.Sprint(i), IP: "=1+1"}))
		}
		if list := opal.Get("/api/app/audit?after=0&action=test").List(); len(list) != 0 {
			t.Errorf("a new entry is listed before those with smaller ids may be committed: %v", list[0])
		}
		s.Clock.Advance(10 * time.Second)
		ndjson := http.Header{"Accept": {"application/x-ndjson"}}
		var seen []string
		cursor := "0"
		for range written {
			a := opal.Do(http.MethodGet, "/api/app/audit?action=test&per_page=500&after="+cursor, "", "", ndjson).Status(http.StatusOK)
			if a.Header.Get("Content-Type") != "application/x-ndjson" {
				t.Fatalf("Content-Type %s", a.Header.Get("Content-Type"))
			}
			page := a.Lines()
			for _, entry := range page {
				seen = append(seen, entry["subject"].(string))
				cursor = fmt.Sprintf("%.0f", entry["id"])
			}
			if (a.Header.Get("Link") != "") != (len(page) == 500) {
				t.Errorf("after %s: Link %q", cursor, a.Header.Get("Link"))
			}
			if len(page) < 500 {
				break
			}
		}
		if len(seen) != written || seen[0] != "0" || seen[written-1] != fmt.Sprint(written-1) {
			t.Errorf("%d entries in pages", len(seen))
		}
		whole := opal.Get("/api/app/audit.ndjson?action=test").Status(http.StatusOK)
		if n := len(whole.Lines()); n != written || !strings.Contains(whole.Header.Get("Content-Disposition"), "audit.ndjson") {
			t.Errorf("%d entries in the file, %v", n, whole.Header)
		}
		if table := opal.Get("/api/app/audit.csv?action=test&per_page=1").Body; !strings.Contains(table, `"'=1+1"`) {
			t.Errorf("the table is %s", table)
		}
		// By default, newest first.
		page := opal.Get("/api/app/audit?action=test&per_page=2")
		if list := page.List(); list[0]["subject"] != fmt.Sprint(written-1) || !strings.Contains(page.Header.Get("Link"), "before=") {
			t.Errorf("%v, Link %s", list, page.Header.Get("Link"))
		}
		opal.Do(http.MethodGet, "/api/app/audit?action=test&per_page=2", "", "", http.Header{"If-None-Match": {page.Header.Get("ETag")}}).Status(http.StatusNotModified)
	})
}

func TestS8UsersSeeTheirOwnSecurityLog(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := handlerstest.OpenOn(t, handlerstest.Workshop(), databaseURL)
		anna, bert := s.LogIn("anna"), s.LogIn("bert")
		id, token := anna.NewToken(`{"name":"ci","expires_in_days":30,"scope":"read"}`)
		page := anna.Get("/account/security-log").Status(http.StatusOK)
		if text := page.Text("#security-log tbody"); !strings.Contains(text, db.AuditCreateAPIToken) || !strings.Contains(text, db.AuditSignIn) {
			t.Errorf("the page shows %s", text)
		}
		annaLog := anna.Get("/api/users/me/security_log").Status(http.StatusOK).List()
		if len(annaLog) != 2 || annaLog[0]["action"] != db.AuditCreateAPIToken || !strings.HasPrefix(annaLog[0]["subject"].(string), "token "+id) {
			t.Errorf("the log is %v", annaLog)
		}
		for _, entry := range annaLog {
			handlerstest.WantField(t, entry, "github_login", "anna")
		}
		if bertLog := bert.Get("/api/users/me/security_log").List(); len(bertLog) != 1 || bertLog[0]["github_login"] != "bert" {
			t.Errorf("another user's log is %v", bertLog)
		}
		first := anna.Get("/api/users/me/security_log?per_page=1")
		next, _, _ := strings.Cut(strings.TrimPrefix(first.Header.Get("Link"), "<"), ">")
		if list := anna.Get(anna.Path(next)).List(); len(list) != 1 || list[0]["action"] != db.AuditSignIn {
			t.Errorf("the next page of %s is %v", next, list)
		}
		bert.Get("/api/users/" + anna.Me() + "/security_log").Status(http.StatusNotFound)
		bert.Get("/api/app/audit").Status(http.StatusForbidden)
		s.Bearer(token).Get("/api/users/me/security_log").Status(http.StatusForbidden)
	})
}

func TestS8ARejectedOperatorIsAuditedWithTheirAddress(t *testing.T) {
	t.Parallel()
	s := handlerstest.OpenRunBy(t, handlerstest.Office(), dbtest.SQLite(t), "", []string{"omar"})
	s.LogIn("omar")
	// Another account gets the login.
	_, err := s.DB.SignIn(db.WithClient(t.Context(), db.Client{IP: "192.0.2.7", RequestID: "request"}), db.Profile{GitHubID: 987654, Login: "omar"}, db.Token{Access: "a", Refresh: "b"})
	handlerstest.Must(t, err)
	list, err := s.DB.ListAudit(t.Context(), db.AuditFilter{Action: db.AuditRefuseOperator}, 10)
	handlerstest.Must(t, err)
	if len(list) != 1 || list[0].IP != "192.0.2.7" || list[0].RequestID != "request" || list[0].GitHubID != 987654 {
		t.Errorf("audit log: %+v", list)
	}
}

// S8: the end of an authorization is in the audit log, wherever the user revoked it, and in their
// own log when they return.
func TestS8ARevokedAuthorizationIsAudited(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		revoke  func(s *handlerstest.Stage, anna *handlerstest.Visitor)
		action  string
		via, ip any
	}{
		"on GitHub": {func(s *handlerstest.Stage, _ *handlerstest.Visitor) {
			s.GitHub.Revoke("anna")
			s.Applied()
		}, db.AuditRevokedOnGitHub, db.ViaWebhook, nil},
		"on the page": {func(_ *handlerstest.Stage, anna *handlerstest.Visitor) {
			anna.Post("/account/disconnection", nil).Status(http.StatusOK)
		}, db.AuditDisconnect, db.ViaSession, "127.0.0.1"},
		"by a script": {func(_ *handlerstest.Stage, anna *handlerstest.Visitor) {
			anna.DeleteJSON("/api/users/me/authorization", "").Status(http.StatusNoContent)
		}, db.AuditDisconnect, db.ViaSession, "127.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := handlerstest.Listening(t, handlerstest.Workshop(), dbtest.SQLite(t))
			anna := s.LogIn("anna")
			c.revoke(s, anna)
			anna.Get("/api/users/me").Status(http.StatusUnauthorized)
			back := s.LogIn("anna")
			var revoked []map[string]any
			for _, entry := range back.Get("/api/users/me/security_log").Status(http.StatusOK).List() {
				if entry["action"] != db.AuditSignIn {
					revoked = append(revoked, entry)
				}
			}
			if len(revoked) != 1 {
				t.Fatalf("audit log: %v", revoked)
			}
			for field, want := range map[string]any{"action": c.action, "via": c.via, "ip": c.ip, "github_login": "anna", "count": 1.0} {
				handlerstest.WantField(t, revoked[0], field, want)
			}
			handlerstest.WantTime(t, revoked[0], "at")
			if revoked[0]["request_id"] == nil {
				t.Error("the entry has neither a request nor a delivery")
			}
		})
	}
}
