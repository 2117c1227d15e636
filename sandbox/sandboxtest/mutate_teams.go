package sandboxtest

import (
	"fmt"
	"maps"
	"slices"

	"neptun/sandbox"
)

// maxTeams is the maximum number of teams in a mutated organization.
const maxTeams = 5

// team picks one of the organization's teams; ok is false when it has none.
func (m *Mutator) team(of sandbox.Account) (t sandbox.Team, ok bool) {
	if none(of) {
		return t, false
	}
	return anyOf(m, m.world.Teams.List(of.Login))
}

func (m *Mutator) addTeam() string {
	on := m.organization()
	if none(on) || len(m.world.Teams.List(on.Login)) >= maxTeams {
		return ""
	}
	t := m.world.Teams.Add(on.Login, sandbox.Team{Name: m.newName("team"), Secret: m.oneIn(3)})
	return fmt.Sprintf("%s adds the team %s (%d)", on.Login, t.Slug, t.ID)
}

func (m *Mutator) editTeam() string {
	on := m.organization()
	t, ok := m.team(on)
	if !ok {
		return ""
	}
	name := m.newName("team")
	m.world.Teams.Edit(t.ID, func(t *sandbox.Team) {
		if t.Description == "" {
			t.Description = name
			return
		}
		t.Name, t.Secret = name, !t.Secret
	})
	return fmt.Sprintf("%s edits the team %s (%d)", on.Login, t.Slug, t.ID)
}

func (m *Mutator) deleteTeam() string {
	on := m.organization()
	t, ok := m.team(on)
	if !ok {
		return ""
	}
	m.world.Teams.Delete(t.ID)
	return fmt.Sprintf("%s deletes the team %s (%d)", on.Login, t.Slug, t.ID)
}

// changeTeamMember adds a member of the organization to a team, or removes them.
func (m *Mutator) changeTeamMember() string {
	on := m.organization()
	t, ok := m.team(on)
	if !ok {
		return ""
	}
	members := slices.DeleteFunc(m.accounts(isUser), func(a sandbox.Account) bool {
		_, member, _ := role(on, a)
		return !member
	})
	user, ok := anyOf(m, members)
	switch {
	case !ok:
		return ""
	case slices.Contains(m.world.Teams.Members(t.ID), user.Login):
		m.world.Teams.RemoveMember(t.ID, user.Login)
		return fmt.Sprintf("%s leaves the team %s (%d)", user.Login, t.Slug, t.ID)
	}
	m.world.Teams.AddMember(t.ID, user.Login)
	return fmt.Sprintf("%s joins the team %s (%d)", user.Login, t.Slug, t.ID)
}

// changeTeamPermission adds a repository to a team, changes its permission, or removes it.
func (m *Mutator) changeTeamPermission() string {
	on := m.organization()
	t, ok := m.team(on)
	r, of := m.repository(on)
	if !ok || of == 0 {
		return ""
	}
	id, has := r.ID, m.world.Teams.Permissions(t.ID)
	if had, ok := anyOf(m, slices.Sorted(maps.Keys(has))); ok && m.oneIn(2) {
		id = had
	}
	p := m.permission(has[id])
	m.world.Teams.SetPermission(t.ID, id, p)
	return fmt.Sprintf("%s gives the team %s %q on %d", on.Login, t.Slug, p, id)
}
