package handlers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
)

// lines are the objects of an answer in NDJSON.
func (a answer) lines() (list []map[string]any) {
	a.t.Helper()
	for line := range strings.Lines(a.body) {
		var entry map[string]any
		must(a.t, json.Unmarshal([]byte(line), &entry))
		list = append(list, entry)
	}
	return list
}

func TestS8OperatorsReadTheAuditLog(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s, opal := run(t, databaseURL)
		ines := s.logIn("ines")
		ines.get("/app").status(http.StatusForbidden)
		ines.post("/logout", nil).status(http.StatusSeeOther)

		page := opal.get("/app/audit").status(http.StatusOK)
		for _, what := range []string{"ines", db.AuditSignIn, db.AuditSignOut, db.AuditRefuseOperatorPage, "127.0.0.1", db.ViaSession} {
			if !strings.Contains(page.text("#audit tbody"), what) {
				t.Errorf("the page says nothing of %s: %s", what, page.text("#audit"))
			}
		}
		all := opal.get("/api/app/audit").status(http.StatusOK).list()
		for _, entry := range all {
			isTime(t, entry, "at")
			if entry["ip"] != "127.0.0.1" || entry["request_id"] == nil {
				t.Errorf("from nowhere: %v", entry)
			}
		}
		out := all[0]
		is(t, out, "action", db.AuditSignOut)
		is(t, out, "github_login", "ines")
		is(t, out, "via", db.ViaSession)
		if len(opal.get("/api/app/audit?request_id="+out["request_id"].(string)).list()) != 1 {
			t.Error("the request isn't found")
		}

		tomorrow := url.QueryEscape(time.Now().Add(48 * time.Hour).Format(time.RFC3339))
		for query, want := range map[string]int{
			"login=INES": 3, "action=" + url.QueryEscape(db.AuditSignOut): 1, "ip=192.0.2.9": 0, "ip=127.0.0.1": len(all),
			"since=" + tomorrow: 0, "until=" + tomorrow: len(all), "login=ines&action=" + url.QueryEscape(db.AuditSignIn): 1,
		} {
			if list := opal.get("/api/app/audit?" + query).status(http.StatusOK).list(); len(list) != want {
				t.Errorf("%s lets through %v, want %d", query, list, want)
			}
			rows := opal.fragment("/app/audit?"+query, "audit").status(http.StatusOK).page().Find("#audit tbody tr").Length()
			if rows != want {
				t.Errorf("the page shows %d rows under %s, want %d", rows, query, want)
			}
		}
		for _, query := range []string{"after=x", "after=1&before=2", "since=soon", "per_page=1001", "who=ines"} {
			opal.get("/api/app/audit?" + query).status(http.StatusUnprocessableEntity).message()
		}
	})
}

func TestS8TheAuditLogIsExportedWithACursor(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s, opal := run(t, databaseURL)
		const written = 1200 // more than two batches
		for i := range written {
			must(t, s.db.AddAudit(t.Context(), db.AuditEntry{Action: "test", Subject: fmt.Sprint(i), IP: "=1+1"}))
		}
		if list := opal.get("/api/app/audit?after=0&action=test").list(); len(list) != 0 {
			t.Errorf("what was just written may be followed by entries with smaller ids: %v", list[0])
		}
		s.clock.advance(10 * time.Second)
		ndjson := http.Header{"Accept": {"application/x-ndjson"}}
		var seen []string
		cursor := "0"
		for range written {
			a := opal.do(http.MethodGet, "/api/app/audit?action=test&per_page=500&after="+cursor, "", "", ndjson).status(http.StatusOK)
			if a.header("Content-Type") != "application/x-ndjson" {
				t.Fatalf("Content-Type %s", a.header("Content-Type"))
			}
			page := a.lines()
			for _, entry := range page {
				seen = append(seen, entry["subject"].(string))
				cursor = fmt.Sprintf("%.0f", entry["id"])
			}
			if (a.header("Link") != "") != (len(page) == 500) {
				t.Errorf("after %s: Link %q", cursor, a.header("Link"))
			}
			if len(page) < 500 {
				break
			}
		}
		if len(seen) != written || seen[0] != "0" || seen[written-1] != fmt.Sprint(written-1) {
			t.Errorf("%d entries in pages", len(seen))
		}
		whole := opal.get("/api/app/audit.ndjson?action=test").status(http.StatusOK)
		if n := len(whole.lines()); n != written || !strings.Contains(whole.header("Content-Disposition"), "audit.ndjson") {
			t.Errorf("%d entries in the file, %v", n, whole.Header)
		}
		if table := opal.get("/api/app/audit.csv?action=test&per_page=1").body; !strings.Contains(table, `"'=1+1"`) {
			t.Errorf("the table is %s", table)
		}
		// The latest first, by default.
		page := opal.get("/api/app/audit?action=test&per_page=2")
		if list := page.list(); list[0]["subject"] != fmt.Sprint(written-1) || !strings.Contains(page.header("Link"), "before=") {
			t.Errorf("%v, Link %s", list, page.header("Link"))
		}
		opal.do(http.MethodGet, "/api/app/audit?action=test&per_page=2", "", "", http.Header{"If-None-Match": {page.header("ETag")}}).status(http.StatusNotModified)
	})
}

func TestS8UsersSeeTheirOwnSecurityLog(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := openOn(t, workshop(), databaseURL)
		anna, bert := s.logIn("anna"), s.logIn("bert")
		id, token := anna.newToken(`{"name":"ci","expires_in_days":30,"scope":"read"}`)
		page := anna.get("/account/security-log").status(http.StatusOK)
		if text := page.text("#security-log tbody"); !strings.Contains(text, db.AuditCreateAPIToken) || !strings.Contains(text, db.AuditSignIn) {
			t.Errorf("the page says %s", text)
		}
		mine := anna.get("/api/users/me/security_log").status(http.StatusOK).list()
		if len(mine) != 2 || mine[0]["action"] != db.AuditCreateAPIToken || !strings.HasPrefix(mine[0]["subject"].(string), "token "+id) {
			t.Errorf("the log is %v", mine)
		}
		for _, entry := range mine {
			is(t, entry, "github_login", "anna")
		}
		if his := bert.get("/api/users/me/security_log").list(); len(his) != 1 || his[0]["github_login"] != "bert" {
			t.Errorf("another's log is %v", his)
		}
		first := anna.get("/api/users/me/security_log?per_page=1")
		next, _, _ := strings.Cut(strings.TrimPrefix(first.header("Link"), "<"), ">")
		if list := anna.get(anna.path(next)).list(); len(list) != 1 || list[0]["action"] != db.AuditSignIn {
			t.Errorf("the next page of %s is %v", next, list)
		}
		bert.get("/api/users/" + anna.me() + "/security_log").status(http.StatusNotFound)
		bert.get("/api/app/audit").status(http.StatusForbidden)
		s.bearer(token).get("/api/users/me/security_log").status(http.StatusForbidden)
	})
}

func TestS8ARefusedOperatorIsNotedWithTheirAddress(t *testing.T) {
	t.Parallel()
	s := openRunBy(t, office(), dbtest.SQLite(t), "", []string{"omar"})
	s.logIn("omar")
	// Another account takes the login over.
	_, err := s.db.SignIn(db.WithClient(t.Context(), db.Client{IP: "192.0.2.7", RequestID: "request"}), db.Profile{GitHubID: 987654, Login: "omar"}, db.Token{Access: "a", Refresh: "b"})
	must(t, err)
	list, err := s.db.ListAudit(t.Context(), db.AuditFilter{Action: db.AuditRefuseOperator}, 10)
	must(t, err)
	if len(list) != 1 || list[0].IP != "192.0.2.7" || list[0].RequestID != "request" || list[0].GitHubID != 987654 {
		t.Errorf("noted %+v", list)
	}
}
