package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
	"neptun/sandbox"
)

func TestNobodySeesWhatGitHubShowsOnlyToOthers(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := handlerstest.OpenOn(t, handlerstest.Office(), databaseURL)
		ines, omar := s.LogIn("ines"), s.LogIn("omar")
		inesRecord, omarRecord := ines.Record("office"), omar.Record("office")
		ines.PostJSON("/api/users/me/installations/"+inesRecord+"/imports", `{"filter":{}}`).Status(http.StatusOK)
		omar.PostJSON("/api/users/me/installations/"+omarRecord+"/imports", `{"filter":{}}`).Status(http.StatusOK)

		for _, person := range []struct {
			v             *handlerstest.Visitor
			record, alien string
			own, secret   string
		}{
			{ines, inesRecord, omarRecord, "payroll-of-ines", "secrets-of-omar"},
			{omar, omarRecord, inesRecord, "secrets-of-omar", "payroll-of-ines"},
		} {
			api := "/api/users/me/installations/" + person.record
			shown := ""
			for _, path := range []string{
				"/installations", "/installations/" + person.record, "/imports",
				"/installations/" + person.record + "?q=" + person.secret, "/imports?q=" + person.secret,
				"/api/users/me/installations", api, api + "/imports", api + "/repositories", "/api/users/me/imports",
				api + "/repositories?q=about", api + "/repositories?language=Lang" + person.secret, api + "/sync",
			} {
				a := person.v.Get(path).Status(http.StatusOK)
				// The page's title and URLs repeat the search term.
				if body := strings.NewReplacer("q="+person.secret, "", "“"+person.secret+"”", "").Replace(a.Body); leaks(body, path, person.secret) {
					t.Errorf("%s shows data of another user", path)
				}
				shown += a.Body
			}
			for _, part := range []string{"repositories", "results", "sync"} {
				a := person.v.Fragment("/installations/"+person.record, part).Status(http.StatusOK)
				if strings.Contains(a.Body, person.secret) {
					t.Errorf("the fragment %s shows data of another user", part)
				}
			}
			if !strings.Contains(shown, person.own) {
				t.Errorf("no page shows the user's own %s", person.own)
			}

			// Another user's resource gives the same response as one that doesn't exist.
			for _, path := range []string{"", "/imports", "/repositories", "/sync"} {
				foreign := person.v.Get("/api/users/me/installations/" + person.alien + path).Status(http.StatusNotFound)
				nobodys := person.v.Get("/api/users/me/installations/999999" + path).Status(http.StatusNotFound)
				if foreign.Body != nobodys.Body || foreign.Message() != "Installation not found" {
					t.Errorf("%s: the other user's %s, an unknown one %s", path, foreign.Body, nobodys.Body)
				}
			}
			person.v.Get("/installations/" + person.alien).Status(http.StatusNotFound)
			person.v.Post("/installations/"+person.alien+"/imports", handlerstest.Form("repository_ids", "43")).Status(http.StatusNotFound)
			person.v.Post("/installations/"+person.alien+"/sync", nil).Status(http.StatusNotFound)
		}
	})
}

// leaks reports whether a body has a secret other than in the search field that the user
// filled in.
func leaks(body, path, secret string) bool {
	if strings.Contains(path, secret) {
		body = strings.ReplaceAll(body, `value="`+secret+`"`, "")
		body = strings.ReplaceAll(body, `q=`+secret, "")
	}
	return strings.Contains(body, secret)
}

func TestNobodyImportsOrRemovesForOthers(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := handlerstest.OpenOn(t, handlerstest.Office(), databaseURL)
		ines, omar := s.LogIn("ines"), s.LogIn("omar")
		inesRecord, omarRecord := ines.Record("office"), omar.Record("office")

		results := ines.PostJSON("/api/users/me/installations/"+inesRecord+"/imports", `{"repository_ids":[42,999]}`).Status(http.StatusOK).Body
		if want := `{"results":[{"repository_id":42,"status":"not_found"},{"repository_id":999,"status":"not_found"}]}`; strings.TrimSpace(results) != want {
			t.Errorf("importing omar's and an unknown repository: %s, want %s", results, want)
		}
		omar.PostJSON("/api/users/me/installations/"+omarRecord+"/imports", `{"repository_ids":[42,43]}`).Status(http.StatusOK)
		before := omar.Get("/api/users/me/imports").List()
		for _, item := range before {
			path := "/api/users/me/installations/" + inesRecord + "/imports/" + handlerstest.Digits(item["id"])
			ines.Do(http.MethodDelete, path, "", "", nil).Status(http.StatusNotFound)
		}
		ines.Post("/removals", handlerstest.Form("repository_ids", "42", "repository_ids", "43")).Status(http.StatusSeeOther)
		if left := omar.Get("/api/users/me/imports").List(); len(left) != len(before) {
			t.Errorf("ines removed omar's imports: %d of %d are left", len(left), len(before))
		}
	})
}

func TestUserIDsOfOthersAreNotFound(t *testing.T) {
	s := handlerstest.Open(t, handlerstest.Office())
	ines, omar := s.LogIn("ines"), s.LogIn("omar")
	for _, path := range []string{"", "/installations", "/imports", "/installations/1", "/installations/1/repositories"} {
		foreign := ines.Get("/api/users/" + omar.Me() + path).Status(http.StatusNotFound)
		nobodys := ines.Get("/api/users/nobody" + path).Status(http.StatusNotFound)
		if foreign.Body != nobodys.Body {
			t.Errorf("%s reveals whether a user exists", path)
		}
		if want := "not found"; !strings.Contains(foreign.Message(), want) {
			t.Errorf("%s: %s", path, foreign.Message())
		}
	}
	if message := ines.Get("/api/users/nobody/installations").Message(); message != "User not found" {
		t.Errorf("message %q", message)
	}
}

func TestAccessThatGitHubNoLongerConfirmsIsNotShown(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := handlerstest.OpenOn(t, handlerstest.Office(), databaseURL)
		v := s.LogIn("ines")
		record := v.Record("office")
		v.PostJSON("/api/users/me/installations/"+record+"/imports", `{"filter":{}}`).Status(http.StatusOK)
		before := v.Get("/api/users/me/imports").Body
		tag := v.Get("/api/users/me/installations").Header.Get("ETag")

		s.Clock.Advance(169 * time.Hour)
		const want = "Sign in again: GitHub no longer confirms your access"
		for _, path := range []string{"/api/users/me", "/api/users/me/installations", "/api/users/me/installations/" + record + "/imports", "/api/users/me/imports"} {
			if message := v.Get(path).Status(http.StatusUnauthorized).Message(); message != want {
				t.Errorf("%s: %q", path, message)
			}
		}
		v.Do(http.MethodGet, "/api/users/me/installations", "", "", http.Header{"If-None-Match": {tag}}).Status(http.StatusUnauthorized)
		page := v.Get("/installations/" + record).Status(http.StatusUnauthorized)
		if !strings.Contains(page.Text("main"), want) || strings.Contains(page.Body, "payroll") {
			t.Errorf("the page shows %q", page.Text("main"))
		}

		// Signing in shows nothing that GitHub hasn't confirmed, and then everything with its old
		// ids.
		v.LogIn("ines")
		v.Settle()
		if after := v.Get("/api/users/me/imports").Body; after != before {
			t.Errorf("imports before %s and after %s", before, after)
		}
	})
}

func TestP12ARemovedMemberSeesNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := handlerstest.OpenOn(t, handlerstest.Office(), databaseURL)
		v := s.LogIn("ines")
		record := v.Record("office")
		v.PostJSON("/api/users/me/installations/"+record+"/imports", `{"filter":{}}`).Status(http.StatusOK)
		before := v.Get("/api/users/me/imports").Body

		s.World.Repositories.SetPermission(41, "ines", sandbox.None)
		s.World.Repositories.SetPermission(43, "ines", sandbox.None)
		s.World.Accounts.RemoveMember("office", "ines")
		v.Post("/installations/sync", nil).Status(http.StatusSeeOther)
		v.Settle()
		v.Get("/installations/" + record).Status(http.StatusNotFound)
		if list := v.Get("/api/users/me/imports").Body; strings.TrimSpace(list) != "[]" {
			t.Errorf("imports are still listed: %s", list)
		}

		s.World.Accounts.AddMember("office", "ines", sandbox.RoleMember)
		s.World.Repositories.SetPermission(41, "ines", sandbox.Admin)
		s.World.Repositories.SetPermission(43, "ines", sandbox.Pull)
		v.Post("/installations/sync", nil).Status(http.StatusSeeOther)
		v.Settle()
		if after := v.Get("/api/users/me/imports").Body; after != before {
			t.Errorf("the restored imports are %s, were %s", after, before)
		}
	})
}
