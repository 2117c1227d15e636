package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
)

// R12: an installation that a user removes from Neptun stays installed on GitHub, and out of
// lists, syncs and webhooks until they add it again.
func TestR12ARemovedInstallationStaysRemovedUntilItIsAdded(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		w, _ := handlerstest.Harbor()
		s := handlerstest.OpenOn(t, w, databaseURL)
		olga, mats := s.LogIn("olga"), s.LogIn("mats")
		record, _ := olga.Imported("harbor")
		mats.Imported("harbor")
		gitHubID := olga.Get("/api/users/me/installations").List()[0]["github_installation_id"].(string)
		api := "/api/users/me/installations/" + record
		before := mats.Get("/api/users/me/imports").Body

		removal := api + "/removal"
		s.Visit().Do(http.MethodPost, removal, "", "", nil).Status(http.StatusUnauthorized)
		mats.Do(http.MethodPost, removal, "", "", nil).Status(http.StatusNotFound).Message()
		olga.Do(http.MethodPost, "/api/users/me/installations/x/removal", "", "", nil).Status(http.StatusNotFound).Message()
		olga.Do(http.MethodPost, removal, "", "", nil).Status(http.StatusNoContent)
		olga.Do(http.MethodPost, removal, "", "", nil).Status(http.StatusNotFound).Message()
		if len(s.Changes()) != 0 {
			t.Errorf("unexpected changes on GitHub: %v", s.Changes())
		}
		expectHidden := func(when string) {
			t.Helper()
			for _, path := range []string{"/api/users/me/installations", "/api/users/me/imports", "/api/users/me/installations?github_installation_id=" + gitHubID} {
				if list := olga.Get(path).Status(http.StatusOK).List(); len(list) != 0 {
					t.Errorf("%s %s lists %v", when, path, list)
				}
			}
			for _, path := range []string{api, api + "/repositories", api + "/imports", api + "/history"} {
				olga.Get(path).Status(http.StatusNotFound)
			}
		}
		expectHidden("after the removal")
		handlerstest.Must(t, s.DB.QueueSync(t.Context(), db.SyncInstallations{UserID: olga.Me()}))
		olga.Settle()
		expectHidden("after a sync")
		if now := mats.Get("/api/users/me/imports").Body; now != before {
			t.Errorf("another user's imports are %s, before %s", now, before)
		}
		page := olga.Get("/installations").Status(http.StatusOK)
		if text := page.Text("#removed"); !strings.Contains(text, "harbor") || page.Page().Find("#add-"+gitHubID).Length() != 1 {
			t.Errorf("the page shows %q", text)
		}
		// The user returns from the installation's page on GitHub.
		back := olga.Get("/auth/github/setup?installation_id=" + gitHubID + "&setup_action=update").Status(http.StatusSeeOther)
		back = olga.Get(back.Header.Get("Location")).Status(http.StatusSeeOther)
		if text := olga.Get(back.Header.Get("Location")).Text("#notices"); !strings.Contains(text, "You removed harbor") {
			t.Errorf("back from GitHub the page shows %q", text)
		}

		list := olga.Get("/api/users/me/removed-installations").Status(http.StatusOK).List()
		if len(list) != 1 || list[0]["github_installation_id"] != gitHubID || list[0]["github_account_login"] != "harbor" {
			t.Fatalf("the removed installations are %v", list)
		}
		handlerstest.WantTime(t, list[0], "removed_at")
		if list := mats.Get("/api/users/me/removed-installations").List(); len(list) != 0 {
			t.Errorf("another user's removed installations are %v", list)
		}
		add := "/api/users/me/removed-installations/"
		mats.Do(http.MethodDelete, add+gitHubID, "", "", nil).Status(http.StatusNotFound).Message()
		olga.Do(http.MethodDelete, add+"x", "", "", nil).Status(http.StatusNotFound).Message()
		olga.Do(http.MethodDelete, add+gitHubID, "", "", nil).Status(http.StatusNoContent)
		olga.Do(http.MethodDelete, add+gitHubID, "", "", nil).Status(http.StatusNotFound).Message()
		olga.Settle()
		again := olga.Get("/api/users/me/installations").List()[0]
		if handlerstest.Digits(again["id"]) == record || again["import_count"] != 0.0 || again["repository_count"] == 0.0 {
			t.Errorf("after adding it is %v", again)
		}
		if rows := olga.Get("/api/users/me/installations/" + handlerstest.Digits(again["id"]) + "/history").Status(http.StatusOK).Body; strings.Contains(rows, `"person"`) {
			t.Errorf("the history still has %s", rows)
		}
	})
}

// R12: the settings offer to remove besides uninstall, to members as well, and require the
// account's name.
func TestR12ThePageRemovesAndAddsAgain(t *testing.T) {
	t.Parallel()
	w, _ := handlerstest.Harbor()
	s := handlerstest.OpenOn(t, w, dbtest.SQLite(t))
	mats := s.LogIn("mats")
	record, _ := mats.Imported("harbor")
	gitHubID := mats.Get("/api/users/me/installations").List()[0]["github_installation_id"].(string)
	settings := mats.Get("/installations/" + record + "/settings").Status(http.StatusOK)
	if text := settings.Text("#removal"); !strings.Contains(text, "Remove from Neptun") || !strings.Contains(text, "1 import") || !strings.Contains(text, "stays installed on GitHub") {
		t.Errorf("the page shows %q", text)
	}
	mats.Post("/installations/"+record+"/removal", handlerstest.Form("account", "pia")).Status(http.StatusUnprocessableEntity)
	next := mats.Post("/installations/"+record+"/removal", handlerstest.Form("account", "Harbor")).Status(http.StatusSeeOther).Header.Get("Location")
	page := mats.Get(next).Status(http.StatusOK)
	if text := page.Text("#notices"); !strings.Contains(text, "still installed on GitHub") {
		t.Errorf("the page shows %q", text)
	}
	next = mats.Post("/removed-installations/"+gitHubID+"/addition", url.Values{}).Status(http.StatusSeeOther).Header.Get("Location")
	if text := mats.Get(next).Status(http.StatusOK).Text("h1"); !strings.Contains(text, "harbor") {
		t.Errorf("%s shows %q", next, text)
	}
	mats.Post("/removed-installations/"+gitHubID+"/addition", url.Values{}).Status(http.StatusNotFound)
}

// R2: the page and the JSON of a user name the organizations that GitHub omits from its list,
// and where to sign in.
func TestR2OrganizationsThatGitHubOmitsAreNamed(t *testing.T) {
	t.Parallel()
	w, _ := handlerstest.Harbor()
	s := handlerstest.OpenOn(t, w, dbtest.SQLite(t))
	mats := s.LogIn("mats")
	mats.Record("harbor")
	if list := mats.Get("/api/users/me").Status(http.StatusOK).Object()["withheld_organizations"]; len(list.([]any)) != 0 {
		t.Errorf("initially omitted are %v", list)
	}
	w.Accounts.RequireSSO("harbor")
	handlerstest.Must(t, s.DB.QueueSync(t.Context(), db.SyncInstallations{UserID: mats.Me()}))
	mats.Settle()
	organizations := mats.Get("/api/users/me").Status(http.StatusOK).Object()["withheld_organizations"].([]any)
	if len(organizations) != 1 {
		t.Fatalf("omitted are %v", organizations)
	}
	one := organizations[0].(map[string]any)
	sso := s.GitHubURL + "/orgs/harbor/sso"
	if one["login"] != "harbor" || int64(one["github_id"].(float64)) != w.Accounts.IDOf("harbor") || one["sso_url"] != sso {
		t.Errorf("it is omitted as %v", one)
	}
	page := mats.Get("/installations").Status(http.StatusOK)
	if text := page.Text("#withheld"); !strings.Contains(text, "1 organization requires single sign-on") || page.Page().Find(`#withheld a[href="`+sso+`"]`).Length() != 1 {
		t.Errorf("the page shows %q", text)
	}
}
