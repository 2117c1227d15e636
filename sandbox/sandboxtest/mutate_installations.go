package sandboxtest

import (
	"fmt"
	"slices"

	"neptun/sandbox"
)

// toggleSelected adds a repository to an installation on selected repositories, or removes one, but not the last.
func (m *Mutator) toggleSelected() string {
	on := m.accountWhere(onSelected)
	r, of := m.repository(on)
	if of == 0 {
		return ""
	}
	selected := m.world.Installations.Repositories(on.InstallationID)
	switch {
	case !slices.Contains(selected, r.ID):
		m.world.Installations.AddRepository(on.InstallationID, r.ID)
		return fmt.Sprintf("%s adds %s (%d) to its installation", on.Login, r.Name, r.ID)
	case len(selected) < 2:
		return ""
	}
	m.world.Installations.RemoveRepository(on.InstallationID, r.ID)
	return fmt.Sprintf("%s removes %s (%d) from its installation", on.Login, r.Name, r.ID)
}

// changeSelection switches an installation to all repositories, or to about half of them.
func (m *Mutator) changeSelection() string {
	on := m.accountWhere(installed)
	if none(on) {
		return ""
	}
	if on.Selection == sandbox.SelectSome {
		m.world.Installations.Select(on.InstallationID, sandbox.SelectAll)
		return on.Login + " selects all repositories"
	}
	some := m.half(on)
	if len(some) == 0 {
		return ""
	}
	m.world.Installations.Select(on.InstallationID, sandbox.SelectSome, some...)
	return fmt.Sprintf("%s selects %d repositories", on.Login, len(some))
}

// half picks the ids of about half of the account's repositories.
func (m *Mutator) half(on sandbox.Account) (ids []int64) {
	for _, r := range m.world.Repositories.List(on.Login) {
		if m.oneIn(2) {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// changeSuspension unsuspends an installation if it can; occasionally it suspends one instead.
func (m *Mutator) changeSuspension() string {
	if on := m.accountWhere(suspended); !none(on) && !m.oneIn(3) {
		m.world.Installations.Unsuspend(on.InstallationID)
		return on.Login + " unsuspends its installation"
	}
	on := m.accountWhere(func(a sandbox.Account) bool { return installed(a) && !a.Suspended })
	if none(on) {
		return ""
	}
	m.world.Installations.Suspend(on.InstallationID, m.ownerOf(on))
	return on.Login + " suspends its installation"
}

// ownerOf returns the login of the account's own user or of its oldest owner.
func (m *Mutator) ownerOf(on sandbox.Account) string {
	if !on.Organization {
		return on.Login
	}
	owners := m.accounts(func(a sandbox.Account) bool { return on.Members[a.ID] == sandbox.RoleAdmin })
	return owners[0].Login
}

// reinstall installs the App where it isn't installed, and occasionally uninstalls it instead.
func (m *Mutator) reinstall() string {
	if on := m.accountWhere(notInstalled); !none(on) && !m.oneIn(3) {
		m.install(on)
		return on.Login + " installs"
	}
	on := m.accountWhere(installed)
	if none(on) {
		return ""
	}
	m.world.Installations.Uninstall(on.InstallationID)
	return on.Login + " uninstalls"
}

func (m *Mutator) install(on sandbox.Account) {
	if some := m.half(on); len(some) > 0 && m.oneIn(2) {
		m.world.Installations.Install(on.Login, sandbox.SelectSome, some...)
		return
	}
	m.world.Installations.Install(on.Login, sandbox.SelectAll)
}

func (m *Mutator) addOrganization() string {
	owner := m.user()
	if none(owner) || len(m.created) > 2 {
		return ""
	}
	o := m.world.Accounts.AddOrganization(sandbox.Organization{Login: m.newLogin("founded")})
	m.created = append(m.created, o.ID)
	m.world.Accounts.AddMember(o.Login, owner.Login, sandbox.RoleAdmin)
	on := sandbox.Account{ID: o.ID, Login: o.Login, Organization: true}
	for range 3 {
		m.world.Repositories.Add(o.Login, sandbox.Repository{Name: m.newRepositoryName(on), Private: m.oneIn(2)})
	}
	m.install(on)
	return fmt.Sprintf("%s creates %s", owner.Login, o.Login)
}

// deleteOrganization deletes one of those that the mutator added.
func (m *Mutator) deleteOrganization() string {
	on := m.accountWhere(func(a sandbox.Account) bool { return slices.Contains(m.created, a.ID) })
	if none(on) {
		return ""
	}
	m.world.Accounts.DeleteOrganization(on.Login)
	m.created = slices.DeleteFunc(m.created, func(id int64) bool { return id == on.ID })
	return on.Login + " is deleted"
}
