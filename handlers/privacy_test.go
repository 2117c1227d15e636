package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"neptun/db/dbtest"
	"neptun/sandbox"
)

// office is an organization with two members, each of whom sees what the other
// doesn't.
func office() *sandbox.World {
	w := sandbox.NewWorld()
	w.AddUser(sandbox.User{Login: "ines"})
	w.AddUser(sandbox.User{Login: "omar"})
	w.AddOrganization(sandbox.Organization{Login: "office"})
	w.AddMember("office", "ines", sandbox.RoleMember)
	w.AddMember("office", "omar", sandbox.RoleMember)
	for id, name := range map[int64]string{41: "payroll-of-ines", 42: "secrets-of-omar", 43: "kitchen"} {
		w.AddRepository("office", sandbox.Repository{ID: id, Name: name, Description: "about " + name, Language: "Lang" + name, Private: true})
	}
	w.SetPermission(41, "ines", sandbox.Admin)
	w.SetPermission(42, "omar", sandbox.Push)
	w.SetPermission(43, "ines", sandbox.Pull)
	w.SetPermission(43, "omar", sandbox.Triage)
	w.Install("office", sandbox.SelectAll)
	return w
}

func TestNobodySeesWhatGitHubShowsAnother(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := openOn(t, office(), databaseURL)
		ines, omar := s.logIn("ines"), s.logIn("omar")
		hers, his := ines.record("office"), omar.record("office")
		ines.postJSON("/api/users/me/installations/"+hers+"/imports", `{"filter":{}}`).status(http.StatusOK)
		omar.postJSON("/api/users/me/installations/"+his+"/imports", `{"filter":{}}`).status(http.StatusOK)

		for _, person := range []struct {
			v             *visitor
			record, alien string
			own, secret   string
		}{
			{ines, hers, his, "payroll-of-ines", "secrets-of-omar"},
			{omar, his, hers, "secrets-of-omar", "payroll-of-ines"},
		} {
			api := "/api/users/me/installations/" + person.record
			shown := ""
			for _, path := range []string{
				"/installations", "/installations/" + person.record, "/imports",
				"/installations/" + person.record + "?q=" + person.secret, "/imports?q=" + person.secret,
				"/api/users/me/installations", api, api + "/imports", api + "/repositories", "/api/users/me/imports",
				api + "/repositories?q=about", api + "/repositories?language=Lang" + person.secret, api + "/sync",
			} {
				a := person.v.get(path).status(http.StatusOK)
				// What was searched for is in addresses and in the page's title.
				if body := strings.NewReplacer("q="+person.secret, "", "“"+person.secret+"”", "").Replace(a.body); leaks(body, path, person.secret) {
					t.Errorf("%s shows what only the other may see", path)
				}
				shown += a.body
			}
			for _, part := range []string{"repositories", "results", "sync"} {
				a := person.v.fragment("/installations/"+person.record, part).status(http.StatusOK)
				if strings.Contains(a.body, person.secret) {
					t.Errorf("the fragment %s shows what only the other may see", part)
				}
			}
			if !strings.Contains(shown, person.own) {
				t.Errorf("nothing shows the person's own %s", person.own)
			}

			// What is the other's answers like what isn't there.
			for _, path := range []string{"", "/imports", "/repositories", "/sync"} {
				theirs := person.v.get("/api/users/me/installations/" + person.alien + path).status(http.StatusNotFound)
				nobodys := person.v.get("/api/users/me/installations/999999" + path).status(http.StatusNotFound)
				if theirs.body != nobodys.body || theirs.message() != "Installation not found" {
					t.Errorf("%s: theirs %s, nobody's %s", path, theirs.body, nobodys.body)
				}
			}
			person.v.get("/installations/" + person.alien).status(http.StatusNotFound)
			person.v.post("/installations/"+person.alien+"/imports", form("repository_ids", "43")).status(http.StatusNotFound)
			person.v.post("/installations/"+person.alien+"/sync", nil).status(http.StatusNotFound)
		}
	})
}

// leaks tells whether a body shows a secret other than in the search field that
// the person filled with it.
func leaks(body, path, secret string) bool {
	if strings.Contains(path, secret) {
		body = strings.ReplaceAll(body, `value="`+secret+`"`, "")
		body = strings.ReplaceAll(body, `q=`+secret, "")
	}
	return strings.Contains(body, secret)
}

func TestNobodyImportsOrRemovesWhatIsAnothers(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := openOn(t, office(), databaseURL)
		ines, omar := s.logIn("ines"), s.logIn("omar")
		hers, his := ines.record("office"), omar.record("office")

		results := ines.postJSON("/api/users/me/installations/"+hers+"/imports", `{"repository_ids":[42,999]}`).status(http.StatusOK).body
		if want := `{"results":[{"repository_id":42,"status":"not_found"},{"repository_id":999,"status":"not_found"}]}`; strings.TrimSpace(results) != want {
			t.Errorf("importing omar's and nobody's: %s, want %s", results, want)
		}
		omar.postJSON("/api/users/me/installations/"+his+"/imports", `{"repository_ids":[42,43]}`).status(http.StatusOK)
		kept := omar.get("/api/users/me/imports").list()
		for _, item := range kept {
			path := "/api/users/me/installations/" + hers + "/imports/" + digits(item["id"])
			ines.do(http.MethodDelete, path, "", "", nil).status(http.StatusNotFound)
		}
		ines.post("/removals", form("repository_ids", "42", "repository_ids", "43")).status(http.StatusSeeOther)
		if left := omar.get("/api/users/me/imports").list(); len(left) != len(kept) {
			t.Errorf("ines removed omar's imports: %d of %d are left", len(left), len(kept))
		}
	})
}

func TestUserIDsOfOthersAreNotFound(t *testing.T) {
	s := open(t, office())
	ines, omar := s.logIn("ines"), s.logIn("omar")
	for _, path := range []string{"", "/installations", "/imports", "/installations/1", "/installations/1/repositories"} {
		theirs := ines.get("/api/users/" + omar.me() + path).status(http.StatusNotFound)
		nobodys := ines.get("/api/users/nobody" + path).status(http.StatusNotFound)
		if theirs.body != nobodys.body {
			t.Errorf("%s tells whether a user exists", path)
		}
		if want := "not found"; !strings.Contains(theirs.message(), want) {
			t.Errorf("%s: %s", path, theirs.message())
		}
	}
	if message := ines.get("/api/users/nobody/installations").message(); message != "User not found" {
		t.Errorf("message %q", message)
	}
}

func TestAccessThatGitHubNoLongerConfirmsIsNotShown(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := openOn(t, office(), databaseURL)
		v := s.logIn("ines")
		record := v.record("office")
		v.postJSON("/api/users/me/installations/"+record+"/imports", `{"filter":{}}`).status(http.StatusOK)
		before := v.get("/api/users/me/imports").body
		tag := v.get("/api/users/me/installations").header("ETag")

		s.clock.advance(169 * time.Hour)
		const want = "Sign in again: GitHub no longer confirms your access"
		for _, path := range []string{"/api/users/me", "/api/users/me/installations", "/api/users/me/installations/" + record + "/imports", "/api/users/me/imports"} {
			if message := v.get(path).status(http.StatusUnauthorized).message(); message != want {
				t.Errorf("%s: %q", path, message)
			}
		}
		v.do(http.MethodGet, "/api/users/me/installations", "", "", http.Header{"If-None-Match": {tag}}).status(http.StatusUnauthorized)
		page := v.get("/installations/" + record).status(http.StatusUnauthorized)
		if !strings.Contains(page.text("main"), want) || strings.Contains(page.body, "payroll") {
			t.Errorf("the page says %q", page.text("main"))
		}

		// Logging in shows nothing that GitHub hasn't confirmed, then everything
		// under its old ids.
		v.logIn("ines")
		v.settle()
		if after := v.get("/api/users/me/imports").body; after != before {
			t.Errorf("imports before %s and after %s", before, after)
		}
	})
}

func TestP12ARemovedMemberSeesNothingAnyMore(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := openOn(t, office(), databaseURL)
		v := s.logIn("ines")
		record := v.record("office")
		v.postJSON("/api/users/me/installations/"+record+"/imports", `{"filter":{}}`).status(http.StatusOK)
		before := v.get("/api/users/me/imports").body

		s.world.SetPermission(41, "ines", sandbox.None)
		s.world.SetPermission(43, "ines", sandbox.None)
		s.world.RemoveMember("office", "ines")
		v.post("/installations/sync", nil).status(http.StatusSeeOther)
		v.settle()
		v.get("/installations/" + record).status(http.StatusNotFound)
		if list := v.get("/api/users/me/imports").body; strings.TrimSpace(list) != "[]" {
			t.Errorf("imports are still listed: %s", list)
		}

		s.world.AddMember("office", "ines", sandbox.RoleMember)
		s.world.SetPermission(41, "ines", sandbox.Admin)
		s.world.SetPermission(43, "ines", sandbox.Pull)
		v.post("/installations/sync", nil).status(http.StatusSeeOther)
		v.settle()
		if after := v.get("/api/users/me/imports").body; after != before {
			t.Errorf("imports came back as %s, were %s", after, before)
		}
	})
}
