package sandbox

import (
	"fmt"
	"maps"
	"slices"
)

// enoughTeams is how many an organization has at most, by the shaker's doing.
const enoughTeams = 5

// team is one of the organization's, with its members and what it may do, as they are now.
func (k *Shaker) team(of place) (t *team) {
	if of.nowhere() {
		return nil
	}
	k.world.mu.RLock()
	defer k.world.mu.RUnlock()
	found, some := anyOf(k, k.world.mustAccount(of.login).teams)
	if !some {
		return nil
	}
	return &team{Team: found.Team, members: maps.Clone(found.members), repositories: maps.Clone(found.repositories)}
}

func (k *Shaker) addTeam() string {
	on := k.organized()
	if on.nowhere() || len(k.world.Teams(on.login)) >= enoughTeams {
		return ""
	}
	t := k.world.AddTeam(on.login, Team{Name: k.name("team"), Secret: k.one(3)})
	return fmt.Sprintf("%s adds the team %s (%d)", on.login, t.Slug, t.ID)
}

func (k *Shaker) editTeam() string {
	on := k.organized()
	t := k.team(on)
	if t == nil {
		return ""
	}
	name := k.name("team")
	k.world.EditTeam(t.ID, func(t *Team) {
		if t.Description == "" {
			t.Description = name
			return
		}
		t.Name, t.Secret = name, !t.Secret
	})
	return fmt.Sprintf("%s edits the team %s (%d)", on.login, t.Slug, t.ID)
}

func (k *Shaker) deleteTeam() string {
	on := k.organized()
	t := k.team(on)
	if t == nil {
		return ""
	}
	k.world.DeleteTeam(t.ID)
	return fmt.Sprintf("%s deletes the team %s (%d)", on.login, t.Slug, t.ID)
}

// changeTeamMember takes a person in or out.
func (k *Shaker) changeTeamMember() string {
	on := k.organized()
	t := k.team(on)
	if t == nil {
		return ""
	}
	members := slices.DeleteFunc(k.places(aPerson), func(p place) bool {
		_, member, _ := k.role(on, p)
		return !member
	})
	who, some := anyOf(k, members)
	switch {
	case !some:
		return ""
	case t.members[who.id]:
		k.world.RemoveTeamMember(t.ID, who.login)
		return fmt.Sprintf("%s leaves the team %s (%d)", who.login, t.Slug, t.ID)
	}
	k.world.AddTeamMember(t.ID, who.login)
	return fmt.Sprintf("%s joins the team %s (%d)", who.login, t.Slug, t.ID)
}

// changeTeamPermission gives a team a repository, another permission on one that it has, or takes one away.
func (k *Shaker) changeTeamPermission() string {
	on := k.organized()
	t := k.team(on)
	r, of := k.repository(on)
	if t == nil || of == 0 {
		return ""
	}
	id := r.ID
	if had, some := anyOf(k, slices.Sorted(maps.Keys(t.repositories))); some && k.one(2) {
		id = had
	}
	p := k.permission(t.repositories[id])
	k.world.SetTeamPermission(t.ID, id, p)
	return fmt.Sprintf("%s gives the team %s %q on %d", on.login, t.Slug, p, id)
}
