package sandbox_test

import (
	"fmt"
	"sync"
	"testing"

	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

// reached returns the repositories that the user sees through the installation, with their permissions.
func (s *site) reached(token string, installation int64) map[string]map[string]bool {
	s.Helper()
	all := map[string]map[string]bool{}
	for page := 1; ; page++ {
		got := s.list(fmt.Sprintf("/user/installations/%d/repositories?per_page=100&page=%d", installation, page), token)
		for _, r := range got.Repositories {
			all[r.FullName] = r.Permissions
		}
		if len(got.Repositories) == 0 {
			if len(all) != got.Total {
				s.Errorf("%d repositories, total_count %d", len(all), got.Total)
			}
			return all
		}
	}
}

func TestTwoMembersSeeWhatEachMay(t *testing.T) {
	world := sandbox.NewWorld()
	for _, login := range []string{"ada", "bob", "out"} {
		world.Accounts.AddUser(sandbox.User{Login: login})
	}
	world.Accounts.AddOrganization(sandbox.Organization{Login: "acme"})
	world.Accounts.AddMember("acme", "ada", sandbox.RoleMember)
	world.Accounts.AddMember("acme", "bob", sandbox.RoleMember)
	a := world.Repositories.Add("acme", sandbox.Repository{Name: "for-ada", Private: true})
	b := world.Repositories.Add("acme", sandbox.Repository{Name: "for-bob", Private: true})
	world.Repositories.Add("acme", sandbox.Repository{Name: "open"})
	world.Repositories.SetPermission(a.ID, "ada", sandbox.Triage)
	world.Repositories.SetPermission(b.ID, "bob", sandbox.Admin)
	id := world.Installations.Install("acme", sandbox.SelectAll)
	s := open(t, world)
	ada, bob, out := s.token("ada"), s.token("bob"), s.token("out")

	seen := s.reached(ada, id)
	if len(seen) != 2 || seen["acme/for-bob"] != nil || !seen["acme/for-ada"]["triage"] || seen["acme/for-ada"]["push"] {
		t.Errorf("ada sees %v", seen)
	}
	if open := seen["acme/open"]; !open["pull"] || open["triage"] {
		t.Errorf("the public repository gives ada %v", open)
	}
	if seen := s.reached(bob, id); len(seen) != 2 || seen["acme/for-ada"] != nil || !seen["acme/for-bob"]["admin"] {
		t.Errorf("bob sees %v", seen)
	}
	if s.get("/repos/acme/for-bob", ada).Status != 404 || s.get("/repos/acme/for-bob", bob).Status != 200 {
		t.Error("looking it up shows what the list omits")
	}
	if s.list("/user/installations", out).Total != 0 || s.get(fmt.Sprintf("/user/installations/%d/repositories", id), out).Status != 404 {
		t.Error("a public repository alone makes the installation visible")
	}

	world.Repositories.SetPermission(a.ID, "ada", sandbox.None)
	if s.list("/user/installations", ada).Total != 0 {
		t.Error("ada still sees the installation")
	}
	world.Accounts.AddMember("acme", "ada", sandbox.RoleAdmin)
	if seen := s.reached(ada, id); len(seen) != 3 || !seen["acme/for-bob"]["admin"] {
		t.Errorf("an owner sees %v", seen)
	}
	world.Accounts.RemoveMember("acme", "bob")
	if s.list("/user/installations", bob).Total != 0 {
		t.Error("a removed member still sees the installation")
	}
}

func TestBasePermissionReachesMembers(t *testing.T) {
	world := sandbox.NewWorld()
	world.Accounts.AddUser(sandbox.User{Login: "ada"})
	world.Accounts.AddOrganization(sandbox.Organization{Login: "acme", BasePermission: "read"})
	world.Accounts.AddMember("acme", "ada", sandbox.RoleMember)
	world.Repositories.Add("acme", sandbox.Repository{Name: "one", Private: true})
	two := world.Repositories.Add("acme", sandbox.Repository{Name: "two", Private: true})
	id := world.Installations.Install("acme", sandbox.SelectSome, two.ID)
	s := open(t, world)
	seen := s.reached(s.token("ada"), id)
	if len(seen) != 1 || !seen["acme/two"]["pull"] || seen["acme/two"]["triage"] {
		t.Errorf("sees %v", seen)
	}
	if s.get("/repos/acme/one", s.token("ada")).Status != 404 {
		t.Error("a token from the App opens what is not selected")
	}
}

func TestSuspension(t *testing.T) {
	s := open(t, sandboxtest.LargeWorld(2))
	token := s.token("ada")
	id := s.list("/user/installations", token).Installations[0].ID
	s.world.Installations.Suspend(id, "ada")
	if got := s.list("/user/installations", token); got.Total != 1 || got.Installations[0].SuspendedAt == nil {
		t.Errorf("listed as %+v", got)
	}
	if r := s.get(fmt.Sprintf("/user/installations/%d/repositories", id), token); r.Status != 403 || r.message(t) != "This installation has been suspended" {
		t.Errorf("repositories: %d %s", r.Status, r.Body)
	}
	s.world.Installations.Unsuspend(id)
	if s.list("/user/installations", token).Installations[0].SuspendedAt != nil || len(s.reached(token, id)) != 2 {
		t.Error("not unsuspended")
	}
	s.world.Installations.Uninstall(id)
	if s.list("/user/installations", token).Total != 0 || s.world.Installations.Install("atlas", sandbox.SelectAll) == id {
		t.Error("uninstalled in part, or reinstalled under the old id")
	}
}

func TestMembershipIsReadThroughAnInstallation(t *testing.T) {
	world := sandbox.NewWorld()
	world.Accounts.AddUser(sandbox.User{Login: "ada"})
	world.Accounts.AddOrganization(sandbox.Organization{Login: "acme"})
	world.Accounts.AddMember("acme", "ada", sandbox.RoleAdmin)
	s := open(t, world)
	token, path := s.token("ada"), "/user/memberships/orgs/acme"
	if got := s.get(path, token).Status; got != 403 {
		t.Errorf("not installed: %d", got)
	}
	id := world.Installations.Install("acme", sandbox.SelectAll)
	var membership struct{ Role, State string }
	s.get(path, token).into(t, &membership)
	if membership.Role != "admin" || membership.State != "active" {
		t.Errorf("got %+v", membership)
	}
	world.Installations.Suspend(id, "ada")
	if got := s.get(path, token).Status; got != 403 {
		t.Errorf("suspended: %d", got)
	}
}

func TestRenamesRedirect(t *testing.T) {
	s := open(t, sandboxtest.LargeWorld(2))
	token, stranger := s.token("ada"), ""
	r := s.world.Repositories.List("atlas")[0] // private
	s.world.Repositories.Rename(r.ID, "renamed")
	s.world.Accounts.AddOrganization(sandbox.Organization{Login: "else"})
	moved := s.get("/repos/atlas/service-00001", token)
	to := fmt.Sprintf("%s/api/v3/repositories/%d", s.url, r.ID)
	if moved.Status != 301 || moved.Header.Get("Location") != to || moved.message(t) != "Moved Permanently" {
		t.Errorf("%d to %s", moved.Status, moved.Header.Get("Location"))
	}
	if s.get("/repos/atlas/service-00001", stranger).Status != 404 {
		t.Error("the redirect reveals to other users that it exists")
	}
	var now struct {
		FullName string `json:"full_name"`
	}
	s.get(fmt.Sprintf("/repositories/%d", r.ID), token).into(t, &now)
	if now.FullName != "atlas/renamed" {
		t.Errorf("leads to %s", now.FullName)
	}

	s.world.Accounts.Rename("atlas", "globe")
	if s.get("/repos/atlas/renamed", token).Status != 301 || s.get("/users/atlas", token).Status != 404 || s.get("/repos/globe/renamed", token).Status != 200 {
		t.Error("the account's old name")
	}
	s.world.Repositories.Transfer(r.ID, "else")
	if s.get("/repos/globe/renamed", token).Status != 404 {
		t.Error("still listed after a transfer to an account without the App")
	}
	s.world.Repositories.SetPrivate(r.ID, false)
	if s.get("/repos/globe/renamed", token).Status != 301 || s.get("/repos/else/renamed", token).Status != 200 {
		t.Error("a transferred public repository does not redirect")
	}
	s.world.Repositories.Delete(r.ID)
	if s.get("/repos/globe/renamed", token).Status != 404 || s.get("/repos/else/renamed", token).Status != 404 {
		t.Error("still listed after it was deleted")
	}
}

func TestDemoWorldIsTheSameEveryTime(t *testing.T) {
	one, two := sandbox.DemoWorld(), sandbox.DemoWorld()
	total := 0
	for _, owner := range []string{"tidewater-labs", "kelp-and-co", "marin", "aiko-n"} {
		a, b := one.Repositories.List(owner), two.Repositories.List(owner)
		if fmt.Sprint(a) != fmt.Sprint(b) {
			t.Errorf("%s differs", owner)
		}
		for _, r := range a {
			if total++; r.ID <= 1<<31 {
				t.Errorf("repository id %d", r.ID)
			}
		}
	}
	if total < 390 || total > 430 {
		t.Errorf("%d repositories", total)
	}
}

func TestDemoUsersDiffer(t *testing.T) {
	s := open(t, sandbox.DemoWorld())
	counts := map[string]int{}
	for _, login := range []string{"marin", "jonas-l", "aiko-n", "sena-y"} {
		token := s.token(login)
		for _, i := range s.list("/user/installations", token).Installations {
			if i.SuspendedAt == nil {
				counts[login] += len(s.reached(token, i.ID))
			}
		}
	}
	if !(counts["marin"] > counts["aiko-n"] && counts["aiko-n"] > counts["jonas-l"] && counts["jonas-l"] > 0 && counts["sena-y"] == 0) {
		t.Errorf("they see %v", counts)
	}
}

func TestTheWorldChangesWhileItIsRead(t *testing.T) {
	s := open(t, sandboxtest.LargeWorld(50))
	token := s.token("ada")
	id := s.list("/user/installations", token).Installations[0].ID
	all := s.world.Repositories.List("atlas")
	var both sync.WaitGroup
	both.Go(func() {
		for i, r := range all {
			s.world.Repositories.Rename(r.ID, fmt.Sprint("again-", i))
			s.world.Repositories.Archive(r.ID, true)
		}
	})
	both.Go(func() {
		for range 10 {
			s.list(fmt.Sprintf("/user/installations/%d/repositories", id), token)
			s.page(s.browser(), "/atlas")
		}
	})
	both.Wait()
}

func TestMembersReadInternalRepositories(t *testing.T) {
	world, id, repositories := acme()
	world.Installations.Select(id, sandbox.SelectAll)
	world.Accounts.AddUser(sandbox.User{Login: "out"})
	s := open(t, world)
	receiver := s.receive()
	bob, two := s.token("bob"), repositories[1].ID
	world.Repositories.MakeInternal(two)
	if got := receiver.take(s); len(got) != 0 {
		t.Errorf("GitHub documents no event for it, and sent %v", got)
	}
	if seen := s.reached(bob, id); !seen["acme/two"]["pull"] || seen["acme/two"]["triage"] {
		t.Errorf("bob sees %v", seen)
	}
	var shown struct {
		Private    bool
		Visibility string
	}
	s.get("/repos/acme/two", bob).into(t, &shown)
	if !shown.Private || shown.Visibility != "internal" || s.get("/repos/acme/two", s.token("out")).Status != 404 {
		t.Errorf("shown as %+v", shown)
	}
	world.Repositories.SetPrivate(two, true)
	if got := fmt.Sprint(receiver.take(s)); got != "[repository privatized]" || s.reached(bob, id)["acme/two"] != nil {
		t.Errorf("private again: %s", got)
	}
	three := world.Repositories.Add("acme", sandbox.Repository{Name: "four", Internal: true})
	world.Repositories.Transfer(three.ID, "ada")
	if r := world.Repositories.List("ada")[0]; r.Internal || !r.Private {
		t.Errorf("a person's is %+v", r)
	}
}
