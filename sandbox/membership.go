package sandbox

import "fmt"

// Role is a user's role in an organization: RoleAdmin, which GitHub's pages call owner, or RoleMember.
type Role string

// The roles, by their names in the API.
const (
	RoleAdmin  Role = "admin"
	RoleMember Role = "member"
)

// AddMember adds the user as an active member of the organization, or changes their role, for which GitHub sends no event.
func (as *Accounts) AddMember(org, login string, role Role) {
	if role != RoleAdmin && role != RoleMember {
		panic(fmt.Sprintf("sandbox: no role %q", role))
	}
	as.world.mu.Lock()
	defer as.world.mu.Unlock()
	o, u := as.mustOrganization(org), as.must(login)
	_, member := o.roles[u.id]
	o.roles[u.id] = role
	if !member {
		as.world.webhooks.deliverMembership(o, u, role, "member_added")
	}
}

// SetBasePermission changes every member's permission on the organization's repositories. GitHub sends no event for it:
// no action of "organization" is about it
// (https://docs.github.com/webhooks/webhook-events-and-payloads#organization).
func (as *Accounts) SetBasePermission(org string, p Permission) {
	p = mustPermission(p)
	as.world.mu.Lock()
	defer as.world.mu.Unlock()
	as.mustOrganization(org).base = p
}

// RemoveMember ends a membership. As on GitHub, the user also leaves the teams and loses their direct permissions on
// repositories of the organization.
func (as *Accounts) RemoveMember(org, login string) {
	as.world.mu.Lock()
	defer as.world.mu.Unlock()
	o, u := as.mustOrganization(org), as.must(login)
	role, member := o.roles[u.id]
	delete(o.roles, u.id)
	o.leaveTeams(u)
	for _, r := range o.repositories {
		delete(r.direct, u.id)
	}
	if member {
		as.world.webhooks.deliverMembership(o, u, role, "member_removed")
	}
}

// administers reports whether the user may manage the account's installations.
func (a *account) administers(of *account) bool {
	return a == of || of.roles[a.id] == RoleAdmin
}

// belongsTo reports whether the account is the user's own, or an organization that they are a member of.
func (a *account) belongsTo(to *account) bool {
	_, member := to.roles[a.id]
	return a == to || member
}
