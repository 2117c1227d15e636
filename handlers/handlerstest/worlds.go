package handlerstest

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"neptun/sandbox"
)

// TwoOrganizations has two organizations with repositories and a member, mira.
func TwoOrganizations() *sandbox.World {
	w := sandbox.NewWorld()
	w.Accounts.AddUser(sandbox.User{Login: "mira"})
	for id, org := range map[int64]string{1: "quay", 2: "vault"} {
		w.Accounts.AddOrganization(sandbox.Organization{Login: org})
		w.Accounts.AddMember(org, "mira", sandbox.RoleMember)
		for n := range int64(3) {
			w.Repositories.Add(org, sandbox.Repository{ID: id*100 + n, Name: fmt.Sprintf("%s-%d", org, n), Private: true})
			w.Repositories.SetPermission(id*100+n, "mira", sandbox.Push)
		}
		w.Installations.Install(org, sandbox.SelectAll)
	}
	return w
}

// OpenTwoOrganizations opens it with mira, who has imported everything.
func OpenTwoOrganizations(t *testing.T, databaseURL string) (s *Stage, mira *Visitor, quay, vault string) {
	t.Helper()
	s = OpenOn(t, TwoOrganizations(), databaseURL)
	mira = s.LogIn("mira")
	quay, vault = mira.Record("quay"), mira.Record("vault")
	for _, record := range []string{quay, vault} {
		mira.PostJSON("/api/users/me/installations/"+record+"/imports", `{"filter":{}}`).Status(http.StatusOK)
	}
	return s, mira, quay, vault
}

// Workshop has an organization with two repositories. anna is admin of the first and can read the
// second; bert has access to neither.
func Workshop() *sandbox.World {
	w := sandbox.NewWorld()
	w.Accounts.AddOrganization(sandbox.Organization{Login: "workshop"})
	for _, login := range []string{"boss", "anna", "bert"} {
		w.Accounts.AddUser(sandbox.User{Login: login})
		w.Accounts.AddMember("workshop", login, sandbox.RoleMember)
	}
	w.Accounts.AddMember("workshop", "boss", sandbox.RoleAdmin)
	w.Repositories.Add("workshop", sandbox.Repository{ID: 501, Name: "Lathe", Private: true})
	w.Repositories.Add("workshop", sandbox.Repository{ID: 502, Name: "press", Private: true})
	w.Repositories.Add("workshop", sandbox.Repository{ID: 503, Name: "bench", Private: true})
	w.Repositories.SetPermission(501, "anna", sandbox.Admin)
	w.Repositories.SetPermission(502, "anna", sandbox.Pull)
	w.Repositories.SetPermission(503, "bert", sandbox.Admin)
	w.Apps.SetPermissions(map[string]string{"metadata": "read", "members": "read", "contents": "write"})
	w.Installations.Install("workshop", sandbox.SelectAll)
	return w
}

// OpenRun opens an office with an operator, opal, who isn't a member: GitHub shows her nothing of
// it.
func OpenRun(t *testing.T, databaseURL string) (s *Stage, opal *Visitor) {
	t.Helper()
	world := Office()
	world.Accounts.AddUser(sandbox.User{Login: "opal"})
	s = OpenRunBy(t, world, databaseURL, "", []string{"opal"})
	t.Cleanup(s.GitHub.Close)
	opal = s.LogIn("opal")
	opal.UntilField("/api/app/readings", "state", "idle")
	opal.Post("/app/readings", nil).Status(http.StatusSeeOther)
	opal.UntilField("/api/app/readings", "state", "idle")
	return s, opal
}

// Shop is a small world: anna owns the organization shop with three repositories, one of which has
// all fields and one only the required ones.
func Shop() *sandbox.World {
	w := sandbox.NewWorld()
	w.Accounts.AddUser(sandbox.User{Login: "anna", Name: "Anna Bell"})
	w.Accounts.AddOrganization(sandbox.Organization{Login: "shop"})
	w.Accounts.AddMember("shop", "anna", sandbox.RoleAdmin)
	w.Repositories.Add("shop", sandbox.Repository{
		ID: 3000000001, Name: "till", Description: "Rings <b>up</b> & adds", Homepage: "https://till.example", Language: "Go", License: "mit",
		Topics: []string{"cash", "point-of-sale"}, Private: true, Size: 1234, DefaultBranch: "trunk", PushedAt: Day,
	})
	w.Repositories.Add("shop", sandbox.Repository{ID: 3000000002, Name: "bare"})
	w.Repositories.Add("shop", sandbox.Repository{ID: 3000000003, Name: "Old", Archived: true, Template: true, PushedAt: Day.AddDate(-1, 0, 0)})
	w.Installations.Install("shop", sandbox.SelectAll)
	return w
}

// Harbor has an organization with two owners and a member who sees one of its repositories and has
// an account of her own. The second owner has no other access.
func Harbor() (w *sandbox.World, installation int64) {
	w = sandbox.NewWorld()
	for _, login := range []string{"olga", "otto", "mats", "pia"} {
		w.Accounts.AddUser(sandbox.User{Login: login})
	}
	w.Accounts.AddOrganization(sandbox.Organization{Login: "harbor"})
	w.Accounts.AddMember("harbor", "olga", sandbox.RoleAdmin)
	w.Accounts.AddMember("harbor", "otto", sandbox.RoleAdmin)
	w.Accounts.AddMember("harbor", "mats", sandbox.RoleMember)
	crane := w.Repositories.Add("harbor", sandbox.Repository{Name: "crane", Private: true})
	w.Repositories.Add("harbor", sandbox.Repository{Name: "quay", Private: true})
	w.Repositories.SetPermission(crane.ID, "mats", sandbox.Push)
	w.Repositories.Add("pia", sandbox.Repository{Name: "dinghy"})
	w.Installations.Install("pia", sandbox.SelectAll)
	return w, w.Installations.Install("harbor", sandbox.SelectAll)
}

// Office has an organization with two members, each of whom sees a repository that the other
// doesn't.
func Office() *sandbox.World {
	w := sandbox.NewWorld()
	w.Accounts.AddUser(sandbox.User{Login: "ines"})
	w.Accounts.AddUser(sandbox.User{Login: "omar"})
	w.Accounts.AddOrganization(sandbox.Organization{Login: "office"})
	w.Accounts.AddMember("office", "ines", sandbox.RoleMember)
	w.Accounts.AddMember("office", "omar", sandbox.RoleMember)
	for id, name := range map[int64]string{41: "payroll-of-ines", 42: "secrets-of-omar", 43: "kitchen"} {
		w.Repositories.Add("office", sandbox.Repository{ID: id, Name: name, Description: "about " + name, Language: "Lang" + name, Private: true})
	}
	w.Repositories.SetPermission(41, "ines", sandbox.Admin)
	w.Repositories.SetPermission(42, "omar", sandbox.Push)
	w.Repositories.SetPermission(43, "ines", sandbox.Pull)
	w.Repositories.SetPermission(43, "omar", sandbox.Triage)
	w.Installations.Install("office", sandbox.SelectAll)
	return w
}

// Day is when everything in a world happened.
var Day = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
