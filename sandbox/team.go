package sandbox

import (
	"fmt"
	"maps"
	"slices"
)

// Team is a group of an organization's members that shares permissions.
type Team struct {
	ID          int64  // chosen by AddTeam when zero
	Slug        string // derived from the name
	Name        string
	Description string // "" is null in the API
	Secret      bool   // visible to its members and the owners only; otherwise to every member of the organization
}

type team struct {
	Team
	organization *account
	members      map[int64]bool       // by user id
	repositories map[int64]Permission // by repository id
}

// Teams are the teams of a world's organizations.
type Teams struct {
	world  *World
	byID   map[int64]*team
	lastID int64
}

// Add adds a team without members and repositories to an organization and returns it with its id.
func (ts *Teams) Add(org string, facts Team) Team {
	ts.world.mu.Lock()
	defer ts.world.mu.Unlock()
	o := ts.world.Accounts.mustOrganization(org)
	t := &team{Team: facts, organization: o, members: map[int64]bool{}, repositories: map[int64]Permission{}}
	t.Slug = slugOf(t.Name)
	ts.mustBeFree(t)
	if t.ID == 0 {
		ts.lastID += 13
		t.ID = ts.lastID
	}
	ts.byID[t.ID] = t
	o.teams = append(o.teams, t)
	ts.world.webhooks.deliverTeam(t, "created", nil)
	return t.Team
}

// Edit changes a team's name, description or visibility.
func (ts *Teams) Edit(id int64, edit func(*Team)) {
	ts.world.mu.Lock()
	defer ts.world.mu.Unlock()
	t := ts.must(id)
	old := t.Team
	edit(&t.Team)
	t.ID, t.Slug = id, slugOf(t.Name)
	ts.mustBeFree(t)
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
		ts.world.webhooks.deliverTeam(t, "edited", changes(before))
	}
}

// Delete deletes a team with its permissions. GitHub documents one event for that, without the members or the
// repositories (https://docs.github.com/webhooks/webhook-events-and-payloads#team).
func (ts *Teams) Delete(id int64) {
	ts.world.mu.Lock()
	defer ts.world.mu.Unlock()
	t := ts.must(id)
	delete(ts.byID, id)
	t.organization.teams = slices.DeleteFunc(t.organization.teams, func(other *team) bool { return other == t })
	ts.world.webhooks.deliverTeam(t, "deleted", nil)
}

// AddMember adds a member of the organization to a team. It panics for other users; GitHub would invite them.
func (ts *Teams) AddMember(id int64, login string) {
	ts.world.mu.Lock()
	defer ts.world.mu.Unlock()
	t, u := ts.must(id), ts.world.Accounts.must(login)
	if _, member := t.organization.roles[u.id]; !member {
		panic(fmt.Sprintf("sandbox: %q is not a member of %q", login, t.organization.Login))
	}
	if !t.members[u.id] {
		t.members[u.id] = true
		ts.world.webhooks.deliverTeamMember(t, u, "added")
	}
}

// RemoveMember removes a user from a team; their membership of the organization stays.
func (ts *Teams) RemoveMember(id int64, login string) {
	ts.world.mu.Lock()
	defer ts.world.mu.Unlock()
	t, u := ts.must(id), ts.world.Accounts.must(login)
	if t.members[u.id] {
		delete(t.members, u.id)
		ts.world.webhooks.deliverTeamMember(t, u, "removed")
	}
}

// SetPermission gives a team a permission on a repository of its organization; None removes it. An addition
// sends two events.
func (ts *Teams) SetPermission(id, repositoryID int64, p Permission) {
	p = mustPermission(p)
	ts.world.mu.Lock()
	defer ts.world.mu.Unlock()
	t, r := ts.must(id), ts.world.Repositories.must(repositoryID)
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
		ts.world.webhooks.deliverTeamRepository(t, r, before, p)
	}
}

// List returns an organization's teams, oldest first.
func (ts *Teams) List(org string) []Team {
	ts.world.mu.RLock()
	defer ts.world.mu.RUnlock()
	var all []Team
	for _, t := range ts.world.Accounts.mustOrganization(org).teams {
		all = append(all, t.Team)
	}
	return all
}

// Members returns the logins of a team's members, by ascending id.
func (ts *Teams) Members(id int64) []string {
	ts.world.mu.RLock()
	defer ts.world.mu.RUnlock()
	return ts.membersOf(ts.must(id))
}

// Permissions returns a team's permissions, by repository id.
func (ts *Teams) Permissions(id int64) map[int64]Permission {
	ts.world.mu.RLock()
	defer ts.world.mu.RUnlock()
	return maps.Clone(ts.must(id).repositories)
}

func (ts *Teams) membersOf(t *team) (logins []string) {
	for _, id := range slices.Sorted(maps.Keys(t.members)) {
		logins = append(logins, ts.world.Accounts.byID(id).Login)
	}
	return logins
}

func (ts *Teams) must(id int64) *team {
	t := ts.byID[id]
	if t == nil {
		panic(fmt.Sprintf("sandbox: no team %d", id))
	}
	return t
}

func (ts *Teams) mustBeFree(t *team) {
	if t.Slug == "" || slices.ContainsFunc(t.organization.teams, func(other *team) bool { return other != t && other.Slug == t.Slug }) {
		panic(fmt.Sprintf("sandbox: the team name %q is empty or taken", t.Name))
	}
}

// privacy is the team's visibility in the API.
func (t Team) privacy() string {
	if t.Secret {
		return "secret"
	}
	return "closed"
}

// byTeams is the strongest permission that the user has on the repository through teams.
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
