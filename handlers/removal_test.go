package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
)

// R12: what a user removes from Neptun stays installed on GitHub, and stays away from
// lists, syncs and webhooks until they add it again.
func TestR12ARemovedInstallationStaysAwayUntilItIsAdded(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		w, _ := harbor()
		s := openOn(t, w, databaseURL)
		olga, mats := s.logIn("olga"), s.logIn("mats")
		record, _ := olga.imported("harbor")
		mats.imported("harbor")
		gitHubID := olga.get("/api/users/me/installations").list()[0]["github_installation_id"].(string)
		api := "/api/users/me/installations/" + record
		before := mats.get("/api/users/me/imports").body

		removal := api + "/removal"
		s.visit().do(http.MethodPost, removal, "", "", nil).status(http.StatusUnauthorized)
		mats.do(http.MethodPost, removal, "", "", nil).status(http.StatusNotFound).message()
		olga.do(http.MethodPost, "/api/users/me/installations/x/removal", "", "", nil).status(http.StatusNotFound).message()
		olga.do(http.MethodPost, removal, "", "", nil).status(http.StatusNoContent)
		olga.do(http.MethodPost, removal, "", "", nil).status(http.StatusNotFound).message()
		if len(s.changes()) != 0 {
			t.Errorf("GitHub was asked for %v", s.changes())
		}
		gone := func(when string) {
			t.Helper()
			for _, path := range []string{"/api/users/me/installations", "/api/users/me/imports", "/api/users/me/installations?github_installation_id=" + gitHubID} {
				if list := olga.get(path).status(http.StatusOK).list(); len(list) != 0 {
					t.Errorf("%s %s lists %v", when, path, list)
				}
			}
			for _, path := range []string{api, api + "/repositories", api + "/imports", api + "/history"} {
				olga.get(path).status(http.StatusNotFound)
			}
		}
		gone("after the removal")
		must(t, s.db.QueueSync(t.Context(), db.SyncInstallations{UserID: olga.me()}))
		olga.settle()
		gone("after a sync")
		if now := mats.get("/api/users/me/imports").body; now != before {
			t.Errorf("another user's imports are %s, before %s", now, before)
		}
		page := olga.get("/installations").status(http.StatusOK)
		if said := page.text("#removed"); !strings.Contains(said, "harbor") || page.page().Find("#add-"+gitHubID).Length() != 1 {
			t.Errorf("the page says %q", said)
		}
		// Back from GitHub's page, where the installation was configured.
		back := olga.get("/auth/github/setup?installation_id=" + gitHubID + "&setup_action=update").status(http.StatusSeeOther)
		back = olga.get(back.header("Location")).status(http.StatusSeeOther)
		if said := olga.get(back.header("Location")).text("#notices"); !strings.Contains(said, "You removed harbor") {
			t.Errorf("back from GitHub the page says %q", said)
		}

		list := olga.get("/api/users/me/removed-installations").status(http.StatusOK).list()
		if len(list) != 1 || list[0]["github_installation_id"] != gitHubID || list[0]["github_account_login"] != "harbor" {
			t.Fatalf("removed are %v", list)
		}
		isTime(t, list[0], "removed_at")
		if list := mats.get("/api/users/me/removed-installations").list(); len(list) != 0 {
			t.Errorf("another user has removed %v", list)
		}
		add := "/api/users/me/removed-installations/"
		mats.do(http.MethodDelete, add+gitHubID, "", "", nil).status(http.StatusNotFound).message()
		olga.do(http.MethodDelete, add+"x", "", "", nil).status(http.StatusNotFound).message()
		olga.do(http.MethodDelete, add+gitHubID, "", "", nil).status(http.StatusNoContent)
		olga.do(http.MethodDelete, add+gitHubID, "", "", nil).status(http.StatusNotFound).message()
		olga.settle()
		again := olga.get("/api/users/me/installations").list()[0]
		if digits(again["id"]) == record || again["import_count"] != 0.0 || again["repository_count"] == 0.0 {
			t.Errorf("it comes back as %v", again)
		}
		if rows := olga.get("/api/users/me/installations/" + digits(again["id"]) + "/history").status(http.StatusOK).body; strings.Contains(rows, `"person"`) {
			t.Errorf("the history still has %s", rows)
		}
	})
}

// R12: the page removes beside where it uninstalls, for members too, once the account's
// name confirms it.
func TestR12ThePageRemovesAndAddsAgain(t *testing.T) {
	t.Parallel()
	w, _ := harbor()
	s := openOn(t, w, dbtest.SQLite(t))
	mats := s.logIn("mats")
	record, _ := mats.imported("harbor")
	gitHubID := mats.get("/api/users/me/installations").list()[0]["github_installation_id"].(string)
	settings := mats.get("/installations/" + record + "/settings").status(http.StatusOK)
	if said := settings.text("#removal"); !strings.Contains(said, "Remove from Neptun") || !strings.Contains(said, "1 import") || !strings.Contains(said, "stays installed on GitHub") {
		t.Errorf("the page says %q", said)
	}
	mats.post("/installations/"+record+"/removal", form("account", "pia")).status(http.StatusUnprocessableEntity)
	next := mats.post("/installations/"+record+"/removal", form("account", "Harbor")).status(http.StatusSeeOther).header("Location")
	page := mats.get(next).status(http.StatusOK)
	if said := page.text("#notices"); !strings.Contains(said, "still installed on GitHub") {
		t.Errorf("the page says %q", said)
	}
	next = mats.post("/removed-installations/"+gitHubID+"/addition", url.Values{}).status(http.StatusSeeOther).header("Location")
	if said := mats.get(next).status(http.StatusOK).text("h1"); !strings.Contains(said, "harbor") {
		t.Errorf("%s shows %q", next, said)
	}
	mats.post("/removed-installations/"+gitHubID+"/addition", url.Values{}).status(http.StatusNotFound)
}

// R2: the page and the JSON of a user say which organizations GitHub leaves out of a list
// that it answers with 200, and where to sign in.
func TestR2OrganizationsThatGitHubLeavesOutAreNamed(t *testing.T) {
	t.Parallel()
	w, _ := harbor()
	s := openOn(t, w, dbtest.SQLite(t))
	mats := s.logIn("mats")
	mats.record("harbor")
	if list := mats.get("/api/users/me").status(http.StatusOK).object()["withheld_organizations"]; len(list.([]any)) != 0 {
		t.Errorf("at first these are left out: %v", list)
	}
	w.RequireSSO("harbor")
	must(t, s.db.QueueSync(t.Context(), db.SyncInstallations{UserID: mats.me()}))
	mats.settle()
	organizations := mats.get("/api/users/me").status(http.StatusOK).object()["withheld_organizations"].([]any)
	if len(organizations) != 1 {
		t.Fatalf("these are left out: %v", organizations)
	}
	one := organizations[0].(map[string]any)
	sso := s.gitHubURL + "/orgs/harbor/sso"
	if one["login"] != "harbor" || int64(one["github_id"].(float64)) != w.IDOf("harbor") || one["sso_url"] != sso {
		t.Errorf("it is left out as %v", one)
	}
	page := mats.get("/installations").status(http.StatusOK)
	if said := page.text("#withheld"); !strings.Contains(said, "1 organization requires single sign-on") || page.page().Find(`#withheld a[href="`+sso+`"]`).Length() != 1 {
		t.Errorf("the page says %q", said)
	}
}
