package sandboxtest

import (
	"fmt"

	"neptun/sandbox"
)

// maxUsers is the maximum number of users in a mutated world.
const maxUsers = 8

// role returns the user's role in the organization, whether they are a member, and whether they are its only owner.
func role(org, user sandbox.Account) (role sandbox.Role, member, onlyOwner bool) {
	role, member = org.Members[user.ID]
	return role, member, role == sandbox.RoleAdmin && owners(org) == 1
}

func (m *Mutator) addUser() string {
	if len(m.accounts(isUser)) >= maxUsers {
		return ""
	}
	u := m.world.Accounts.AddUser(sandbox.User{Login: m.newLogin("person")})
	return u.Login + " signs up"
}

// newLogin returns an unused login.
func (m *Mutator) newLogin(kind string) string {
	used := map[string]bool{}
	for _, a := range m.world.Accounts.List() {
		used[a.Login] = true
	}
	for {
		if login := m.newName(kind); !used[login] {
			return login
		}
	}
}

func (m *Mutator) addMember() string {
	on, user := m.organization(), m.user()
	if _, member, _ := role(on, user); member || none(on) || none(user) {
		return ""
	}
	role := sandbox.RoleMember
	if m.oneIn(4) {
		role = sandbox.RoleAdmin
	}
	m.world.Accounts.AddMember(on.Login, user.Login, role)
	return fmt.Sprintf("%s adds %s as %s", on.Login, user.Login, role)
}

func (m *Mutator) removeMember() string {
	on, user := m.organization(), m.user()
	if _, member, onlyOwner := role(on, user); !member || onlyOwner {
		return ""
	}
	m.world.Accounts.RemoveMember(on.Login, user.Login)
	return fmt.Sprintf("%s removes %s", on.Login, user.Login)
}

func (m *Mutator) changeRole() string {
	on, user := m.organization(), m.user()
	before, member, onlyOwner := role(on, user)
	if !member || onlyOwner {
		return ""
	}
	after := sandbox.RoleAdmin
	if before == sandbox.RoleAdmin {
		after = sandbox.RoleMember
	}
	m.world.Accounts.AddMember(on.Login, user.Login, after)
	return fmt.Sprintf("%s changes the role of %s to %s", on.Login, user.Login, after)
}

func (m *Mutator) changeBasePermission() string {
	on := m.organization()
	if none(on) {
		return ""
	}
	p := sandbox.Permission(m.pick([]string{"none", "read", "write", "admin"}))
	m.world.Accounts.SetBasePermission(on.Login, p)
	return fmt.Sprintf("%s sets the base permission to %s", on.Login, p)
}

// changeCollaborator adds a collaborator to a repository, or changes or removes their permission. A user's own repositories
// have collaborators with push access only.
func (m *Mutator) changeCollaborator() string {
	on, user := m.account(), m.user()
	r, of := m.repository(on)
	if of == 0 || none(user) || user.ID == on.ID {
		return ""
	}
	if had := m.collaborations(on, user); len(had) > 0 && m.oneIn(2) {
		r, _ = anyOf(m, had)
	}
	p := m.permission(m.world.Repositories.Collaborators(r.ID)[user.ID])
	if p != sandbox.None && !on.Organization {
		p = sandbox.Push
	}
	m.world.Repositories.SetPermission(r.ID, user.Login, p)
	return fmt.Sprintf("%s gives %s %q on %s (%d)", on.Login, user.Login, p, r.Name, r.ID)
}

// collaborations lists the account's repositories on which the user has a direct permission.
func (m *Mutator) collaborations(on, user sandbox.Account) (all []sandbox.Repository) {
	for _, r := range m.world.Repositories.List(on.Login) {
		if m.world.Repositories.Collaborators(r.ID)[user.ID] != sandbox.None {
			all = append(all, r)
		}
	}
	return all
}

// permission picks a permission other than the previous one, occasionally None.
func (m *Mutator) permission(before sandbox.Permission) sandbox.Permission {
	if before != sandbox.None && m.oneIn(3) {
		return sandbox.None
	}
	all := []sandbox.Permission{sandbox.Pull, sandbox.Triage, sandbox.Push, sandbox.Maintain, sandbox.Admin}
	for {
		if p := all[m.rng.IntN(len(all))]; p != before {
			return p
		}
	}
}

func (m *Mutator) renameAccount() string {
	on := m.account()
	if none(on) {
		return ""
	}
	login := m.newLogin("renamed")
	m.world.Accounts.Rename(on.Login, login)
	return fmt.Sprintf("%s is renamed to %s", on.Login, login)
}
