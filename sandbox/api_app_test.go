package sandbox_test

import (
	"fmt"
	"testing"
	"time"

	"neptun/sandbox"
)

// acme is a world in which ada owns the organization acme, bob is a member of it, and the App has access to two of
// its three private repositories.
func acme() (world *sandbox.World, installation int64, repositories []sandbox.Repository) {
	world = sandbox.NewWorld()
	world.Accounts.AddUser(sandbox.User{Login: "ada"})
	world.Accounts.AddUser(sandbox.User{Login: "bob"})
	world.Accounts.AddOrganization(sandbox.Organization{Login: "acme"})
	world.Accounts.AddMember("acme", "ada", sandbox.RoleAdmin)
	world.Accounts.AddMember("acme", "bob", sandbox.RoleMember)
	for _, name := range []string{"one", "two", "three"} {
		repositories = append(repositories, world.Repositories.Add("acme", sandbox.Repository{Name: name, Private: true}))
	}
	world.Repositories.SetPermission(repositories[0].ID, "bob", sandbox.Push)
	return world, world.Installations.Install("acme", sandbox.SelectSome, repositories[0].ID, repositories[1].ID), repositories
}

func (s *site) status(want int, r reply) reply {
	s.Helper()
	if r.Status != want {
		s.Errorf("answered %d, want %d: %.300s", r.Status, want, r.Body)
	}
	return r
}

func TestTheAppLooksUpInstallations(t *testing.T) {
	world, id, repositories := acme()
	s := open(t, world)
	app := s.appToken(nil)
	for path, status := range map[string]int{
		"/apps/neptun-sandbox":           200,
		"/apps/other":                    404,
		"/orgs/acme/installation":        200,
		"/orgs/ACME/installation":        200,
		"/orgs/ada/installation":         404,
		"/orgs/nobody/installation":      404,
		"/users/ada/installation":        404,
		"/users/acme/installation":       404,
		"/repos/acme/one/installation":   200,
		"/repos/acme/three/installation": 404,
		"/repos/acme/none/installation":  404,
	} {
		if r := s.get(path, app); r.Status != status {
			t.Errorf("%s answered %d, want %d", path, r.Status, status)
		}
	}
	for _, path := range []string{"/orgs/acme/installation", "/users/ada/installation", "/repos/acme/one/installation"} {
		s.status(401, s.get(path, s.token("ada")))
		s.status(401, s.get(path, ""))
	}
	s.status(200, s.get("/apps/neptun-sandbox", ""))

	world.Repositories.Rename(repositories[0].ID, "uno")
	world.Repositories.Rename(repositories[2].ID, "tres")
	moved := s.status(301, s.get("/repos/acme/one/installation", app))
	to := fmt.Sprintf("/repositories/%d/installation", repositories[0].ID)
	if moved.Header.Get("Location") != s.url+apiPrefix+to {
		t.Errorf("moved to %s", moved.Header.Get("Location"))
	}
	var found struct{ ID int64 }
	s.status(200, s.get(to, app)).into(t, &found)
	if found.ID != id {
		t.Errorf("found %d", found.ID)
	}
	s.status(404, s.get("/repos/acme/three/installation", app))
}

func TestAPrivateAppIsVisibleOnlyToItsOwner(t *testing.T) {
	world, _, _ := acme()
	world.Apps.SetPublic(false)
	world.Apps.SetOwner("acme")
	s := open(t, world)
	s.status(404, s.get("/apps/neptun-sandbox", ""))
	s.status(200, s.get("/apps/neptun-sandbox", s.appToken(nil)))
	bob := world.Accounts.AddPersonalToken("bob")
	s.status(404, s.get("/apps/neptun-sandbox", bob))
	s.status(200, s.get("/apps/neptun-sandbox", world.Accounts.AddPersonalToken("ada")))
}

func TestInstallationsSinceAndOutdated(t *testing.T) {
	world, id, repositories := acme()
	s := open(t, world)
	app := s.appToken(nil)
	world.Installations.Select(id, sandbox.SelectSome, repositories[0].ID)
	s.wait(time.Minute)
	other := world.Installations.Install("ada", sandbox.SelectAll)
	listed := func(query string) (ids []int64) {
		t.Helper()
		var items []struct{ ID int64 }
		s.status(200, s.get("/app/installations"+query, app)).into(t, &items)
		for _, item := range items {
			ids = append(ids, item.ID)
		}
		return ids
	}
	if got := listed("?since=2026-11-02T10:01:00Z"); len(got) != 1 || got[0] != other {
		t.Errorf("since: %v", got)
	}
	if got := listed("?outdated=true"); len(got) != 0 {
		t.Errorf("outdated: %v", got)
	}
	world.Apps.SetPermissions(map[string]string{"metadata": "read", "members": "read", "contents": "read"})
	world.Installations.AcceptPermissions(other)
	if got := listed("?outdated=true"); len(got) != 1 || got[0] != id {
		t.Errorf("outdated: %v", got)
	}
	s.status(422, s.get("/app/installations?since=yesterday", app))
}
