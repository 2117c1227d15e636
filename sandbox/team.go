package sandbox

import (
	"fmt"
	"maps"
	"slices"
)

// Team is a group of an organization's members that is given permissions together.
type Team struct {
	ID          int64  // chosen by AddTeam when zero
	Slug        string // derived from the name
	Name        string
	Description string // "" is null in the API
	Secret      bool   // only its members and the owners know of it; else every member of the organization
}

type team struct {
	Team
	organization *account
	members      map[int64]bool       // by user id
	repositories map[int64]Permission // by repository id
}

// AddTeam adds a team without members and repositories to an organization and returns it with its id.
func (w *World) AddTeam(org string, facts Team) Team {
	w.mu.Lock()
	defer w.mu.Unlock()
	o := w.mustOrganization(org)
	t := &team{Team: facts, organization: o, members: map[int64]bool{}, repositories: map[int64]Permission{}}
	t.Slug = slugOf(t.Name)
	w.mustBeFreeSlug(t)
	if t.ID == 0 {
		w.ids.team += 13
		t.ID = 9_204_118 + w.ids.team
	}
	w.teams[t.ID] = t
	o.teams = append(o.teams, t)
	w.deliverTeam(t, "created", nil)
	return t.Team
}

// EditTeam changes the name, the description or the secrecy of a team.
func (w *World) EditTeam(id int64, edit func(*Team)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.mustTeam(id)
	old := t.Team
	edit(&t.Team)
	t.ID, t.Slug = id, slugOf(t.Name)
	w.mustBeFreeSlug(t)
	before := object{}
	if t.Name != old.Name {
		before["name"] = object{"from": old.Name}
	}
	if t.Description != old.Description {
		before["description"] = object{"from": old.Description}
	}
	if t.Secret != old.Secret {
		before["privacy"] = object{"from": old.privacy()}
	}
	if len(before) > 0 {
		w.deliverTeam(t, "edited", changes(before))
	}
}

// DeleteTeam ends a team and what it gave. GitHub documents one event for that, which names neither the members nor the
// repositories (https://docs.github.com/webhooks/webhook-events-and-payloads#team).
func (w *World) DeleteTeam(id int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.mustTeam(id)
	delete(w.teams, id)
	t.organization.teams = slices.DeleteFunc(t.organization.teams, func(other *team) bool { return other == t })
	w.deliverTeam(t, "deleted", nil)
}

// AddTeamMember adds a member of the organization to a team. It panics for other users, whom GitHub would invite.
func (w *World) AddTeamMember(id int64, login string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	t, u := w.mustTeam(id), w.mustAccount(login)
	if _, member := t.organization.roles[u.id]; !member {
		panic(fmt.Sprintf("sandbox: %q is not a member of %q", login, t.organization.Login))
	}
	if !t.members[u.id] {
		t.members[u.id] = true
		w.deliverTeamMember(t, u, "added")
	}
}

// RemoveTeamMember removes a user from a team; their membership of the organization stays.
func (w *World) RemoveTeamMember(id int64, login string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	t, u := w.mustTeam(id), w.mustAccount(login)
	if t.members[u.id] {
		delete(t.members, u.id)
		w.deliverTeamMember(t, u, "removed")
	}
}

// SetTeamPermission gives a team a permission on a repository of its organization; None removes it. An addition
// sends two events.
func (w *World) SetTeamPermission(id, repositoryID int64, p Permission) {
	p = mustPermission(p)
	w.mu.Lock()
	defer w.mu.Unlock()
	t, r := w.mustTeam(id), w.mustRepository(repositoryID)
	if r.owner != t.organization {
		panic(fmt.Sprintf("sandbox: repository %d is not of %q", repositoryID, t.organization.Login))
	}
	before := t.repositories[r.ID]
	if p == None {
		delete(t.repositories, r.ID)
	} else {
		t.repositories[r.ID] = p
	}
	if p != before {
		w.deliverTeamRepository(t, r, before, p)
	}
}

// Teams are an organization's teams, oldest first.
func (w *World) Teams(org string) []Team {
	w.mu.RLock()
	defer w.mu.RUnlock()
	var all []Team
	for _, t := range w.mustOrganization(org).teams {
		all = append(all, t.Team)
	}
	return all
}

// TeamMembers are the logins of a team's members, by ascending id.
func (w *World) TeamMembers(id int64) []string {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.membersOf(w.mustTeam(id))
}

// TeamPermissions returns a team's permissions, by repository id.
func (w *World) TeamPermissions(id int64) map[int64]Permission {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return maps.Clone(w.mustTeam(id).repositories)
}

func (w *World) membersOf(t *team) (logins []string) {
	for _, id := range slices.Sorted(maps.Keys(t.members)) {
		logins = append(logins, w.accountByID(id).Login)
	}
	return logins
}

func (w *World) mustTeam(id int64) *team {
	t := w.teams[id]
	if t == nil {
		panic(fmt.Sprintf("sandbox: no team %d", id))
	}
	return t
}

func (w *World) mustBeFreeSlug(t *team) {
	if t.Slug == "" || slices.ContainsFunc(t.organization.teams, func(other *team) bool { return other != t && other.Slug == t.Slug }) {
		panic(fmt.Sprintf("sandbox: the team name %q is empty or taken", t.Name))
	}
}

// privacy is GitHub's word for the team's visibility.
func (t Team) privacy() string {
	if t.Secret {
		return "secret"
	}
	return "closed"
}

// byTeams is the most that the user's teams give them on the repository.
func (r *repository) byTeams(u *account) Permission {
	most := None
	for _, t := range r.owner.teams {
		if t.members[u.id] {
			most = strongest(most, t.repositories[r.ID])
		}
	}
	return most
}

// leaveTeams removes the user from all of the organization's teams.
func (a *account) leaveTeams(u *account) {
	for _, t := range a.teams {
		delete(t.members, u.id)
	}
}
