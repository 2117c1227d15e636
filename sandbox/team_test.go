package sandbox_test

import (
	"strings"
	"testing"

	"neptun/sandbox"
)

func TestTeamsGiveAccess(t *testing.T) {
	world, id, repositories := acme()
	world.Installations.Select(id, sandbox.SelectAll)
	world.Accounts.AddUser(sandbox.User{Login: "cleo"})
	world.Accounts.AddMember("acme", "cleo", sandbox.RoleMember)
	s := open(t, world)
	bob, cleo := s.token("bob"), s.token("cleo")
	team := world.Teams.Add("acme", sandbox.Team{Name: "Sea & Sky"})
	if team.Slug != "sea-sky" || len(world.Teams.List("acme")) != 1 {
		t.Errorf("added %+v", team)
	}
	world.Teams.AddMember(team.ID, "bob")
	if seen := s.reached(bob, id); len(seen) != 1 {
		t.Errorf("an empty team gives bob %v", seen)
	}
	one, two := repositories[0].ID, repositories[1].ID
	world.Teams.SetPermission(team.ID, two, sandbox.Triage)
	world.Teams.SetPermission(team.ID, one, sandbox.Pull)
	seen := s.reached(bob, id)
	if len(seen) != 2 || !seen["acme/one"]["push"] || !seen["acme/two"]["triage"] || seen["acme/two"]["push"] {
		t.Errorf("direct and by team bob sees %v", seen)
	}
	if s.list("/user/installations", cleo).Total != 0 {
		t.Error("a team gives access to a user who isn't a member")
	}

	second := world.Teams.Add("acme", sandbox.Team{Name: "second", Secret: true})
	world.Teams.AddMember(second.ID, "bob")
	world.Teams.AddMember(second.ID, "cleo")
	world.Teams.SetPermission(second.ID, two, sandbox.Maintain)
	if seen := s.reached(bob, id); !seen["acme/two"]["maintain"] || seen["acme/two"]["admin"] {
		t.Errorf("the stronger of two teams gives bob %v", seen["acme/two"])
	}
	if seen := s.reached(cleo, id); len(seen) != 1 || !seen["acme/two"]["maintain"] {
		t.Errorf("cleo sees %v", seen)
	}
	world.Accounts.SetBasePermission("acme", "admin")
	if seen := s.reached(cleo, id); len(seen) != 3 || !seen["acme/two"]["admin"] {
		t.Errorf("the base permission gives cleo %v", seen)
	}
	world.Accounts.SetBasePermission("acme", "none")

	world.Teams.RemoveMember(second.ID, "bob")
	if seen := s.reached(bob, id); !seen["acme/two"]["triage"] || seen["acme/two"]["push"] {
		t.Errorf("out of one team bob sees %v", seen)
	}
	world.Teams.Delete(team.ID)
	if seen := s.reached(bob, id); len(seen) != 1 || !seen["acme/one"]["push"] {
		t.Errorf("without the other bob sees %v", seen)
	}
	world.Accounts.RemoveMember("acme", "cleo")
	world.Accounts.AddMember("acme", "cleo", sandbox.RoleMember)
	if s.list("/user/installations", cleo).Total != 0 || len(world.Teams.Members(second.ID)) != 0 {
		t.Error("the team's access remains without the membership")
	}
	world.Accounts.AddOrganization(sandbox.Organization{Login: "else"})
	world.Teams.AddMember(second.ID, "cleo")
	world.Repositories.Transfer(two, "else")
	world.Repositories.Transfer(two, "acme")
	if s.list("/user/installations", cleo).Total != 0 {
		t.Error("the team's permission remains after a transfer")
	}
}

func TestWebhooksOfTeamsAndCollaborators(t *testing.T) {
	world, id, repositories := acme()
	world.Accounts.AddUser(sandbox.User{Login: "eve"})
	s := open(t, world)
	receiver := s.receive()
	one, two, three := repositories[0].ID, repositories[1].ID, repositories[2].ID
	var team sandbox.Team
	for _, step := range []struct {
		name string
		do   func()
		want string
	}{
		{"create", func() { team = world.Teams.Add("acme", sandbox.Team{Name: "crew"}) }, "team created"},
		{"into the team", func() { world.Teams.AddMember(team.ID, "bob") }, "membership added"},
		{"again", func() { world.Teams.AddMember(team.ID, "bob") }, ""},
		{"give", func() { world.Teams.SetPermission(team.ID, one, sandbox.Pull) }, "team added_to_repository, team_add"},
		{"give more", func() { world.Teams.SetPermission(team.ID, one, sandbox.Admin) }, "team edited"},
		{"give the same", func() { world.Teams.SetPermission(team.ID, one, sandbox.Admin) }, ""},
		{"give what is out of reach", func() { world.Teams.SetPermission(team.ID, three, sandbox.Push) }, ""},
		{"take", func() { world.Teams.SetPermission(team.ID, one, sandbox.None) }, "team removed_from_repository"},
		{"edit", func() {
			world.Teams.Edit(team.ID, func(t *sandbox.Team) { t.Name, t.Description, t.Secret = "Deck crew", "On deck.", true })
		}, "team edited"},
		{"edit nothing", func() { world.Teams.Edit(team.ID, func(*sandbox.Team) {}) }, ""},
		{"out of the team", func() { world.Teams.RemoveMember(team.ID, "bob") }, "membership removed"},
		{"back", func() { world.Teams.AddMember(team.ID, "bob") }, "membership added"},
		{"delete", func() { world.Teams.Delete(team.ID) }, "team deleted"},
		{"promote", func() { world.Accounts.AddMember("acme", "bob", sandbox.RoleAdmin) }, ""},
		{"demote", func() { world.Accounts.AddMember("acme", "bob", sandbox.RoleMember) }, ""},
		{"base permission", func() { world.Accounts.SetBasePermission("acme", "read") }, ""},
		{"collaborator", func() { world.Repositories.SetPermission(two, "eve", sandbox.Triage) }, "member added"},
		{"more", func() { world.Repositories.SetPermission(two, "eve", sandbox.Maintain) }, "member edited"},
		{"the same", func() { world.Repositories.SetPermission(two, "eve", sandbox.Maintain) }, ""},
		{"none", func() { world.Repositories.SetPermission(two, "eve", sandbox.None) }, "member removed"},
		{"none again", func() { world.Repositories.SetPermission(two, "eve", sandbox.None) }, ""},
		{"select one more", func() { world.Installations.AddRepository(id, three) }, "installation_repositories added"},
		{"select it again", func() { world.Installations.AddRepository(id, three) }, ""},
		{"select it no more", func() { world.Installations.RemoveRepository(id, three) }, "installation_repositories removed"},
		{"without the permission", func() {
			world.Apps.SetPermissions(map[string]string{"metadata": "read"})
			world.Repositories.SetPermission(two, "eve", sandbox.Pull)
			world.Teams.Add("acme", sandbox.Team{Name: "more"})
			world.Repositories.Rename(two, "zwei")
		}, "repository renamed"},
		{"unsubscribed", func() {
			world.Apps.SetPermissions(map[string]string{"metadata": "read"}, "public")
			world.Repositories.Rename(two, "dos")
			world.Repositories.SetPrivate(two, false)
			world.Accounts.Rename("acme", "acme-2")
		}, "public, installation_target renamed"},
	} {
		step.do()
		if got := strings.Join(receiver.take(s), ", "); got != step.want {
			t.Errorf("%s sent %q, want %q", step.name, got, step.want)
		}
	}
	var body struct {
		Changes struct {
			Permission struct{ From, To string }
			Old        struct{ From string } `json:"old_permission"`
		}
	}
	for _, d := range s.Deliveries() {
		if d.Event == "member" && d.Action == "edited" {
			reply{Body: d.Payload}.into(t, &body)
		}
	}
	changes := body.Changes
	if changes.Permission.From != "read" || changes.Permission.To != "write" || changes.Old.From != "read" {
		t.Errorf("the collaborator's change is reported as %+v", changes)
	}
}
