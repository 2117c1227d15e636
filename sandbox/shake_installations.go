package sandbox

import (
	"fmt"
	"slices"
)

// changeChoice adds a repository to an installation on selected ones, or takes one away, but not the last.
func (k *Shaker) changeChoice() string {
	on := k.placeWhere(chosenByHand)
	r, of := k.repository(on)
	if of == 0 {
		return ""
	}
	chosen := k.chosen(on)
	switch {
	case !slices.Contains(chosen, r.ID):
		k.world.AddToInstallation(on.installation, r.ID)
		return fmt.Sprintf("%s adds %s (%d) to its installation", on.login, r.Name, r.ID)
	case len(chosen) < 2:
		return ""
	}
	k.world.RemoveFromInstallation(on.installation, r.ID)
	return fmt.Sprintf("%s takes %s (%d) from its installation", on.login, r.Name, r.ID)
}

// chosen are the ids that the installation on the place reaches.
func (k *Shaker) chosen(on place) (ids []int64) {
	k.world.mu.RLock()
	defer k.world.mu.RUnlock()
	for _, r := range k.world.mustInstallation(on.installation).reached() {
		ids = append(ids, r.ID)
	}
	return ids
}

// changeSelection switches an installation to all repositories, or to about a half of them.
func (k *Shaker) changeSelection() string {
	on := k.placeWhere(installed)
	if on.nowhere() {
		return ""
	}
	if on.selection == SelectSome {
		k.world.SelectRepositories(on.installation, SelectAll)
		return on.login + " selects all repositories"
	}
	some := k.half(on)
	if len(some) == 0 {
		return ""
	}
	k.world.SelectRepositories(on.installation, SelectSome, some...)
	return fmt.Sprintf("%s selects %d repositories", on.login, len(some))
}

// half are the ids of about a half of what the account has.
func (k *Shaker) half(on place) (ids []int64) {
	for _, r := range k.world.Repositories(on.login) {
		if k.one(2) {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// changeSuspension suspends an installation, or rather lifts the suspension of one.
func (k *Shaker) changeSuspension() string {
	if on := k.placeWhere(suspended); !on.nowhere() && !k.one(3) {
		k.world.Unsuspend(on.installation)
		return on.login + " lifts its suspension"
	}
	on := k.placeWhere(func(p place) bool { return installed(p) && !p.suspended })
	if on.nowhere() {
		return ""
	}
	by := on.login
	if on.organization {
		k.world.mu.RLock()
		by = k.world.someoneFor(k.world.mustAccount(on.login)).Login
		k.world.mu.RUnlock()
	}
	k.world.Suspend(on.installation, by)
	return on.login + " suspends its installation"
}

// reinstall uninstalls, or rather installs where the App is not.
func (k *Shaker) reinstall() string {
	if on := k.placeWhere(bare); !on.nowhere() && !k.one(3) {
		k.install(on)
		return on.login + " installs"
	}
	on := k.placeWhere(installed)
	if on.nowhere() {
		return ""
	}
	k.world.Uninstall(on.installation)
	return on.login + " uninstalls"
}

func (k *Shaker) install(on place) {
	if some := k.half(on); len(some) > 0 && k.one(2) {
		k.world.Install(on.login, SelectSome, some...)
		return
	}
	k.world.Install(on.login, SelectAll)
}

func (k *Shaker) addOrganization() string {
	owner := k.person()
	if owner.nowhere() || len(k.made) > 2 {
		return ""
	}
	o := k.world.AddOrganization(Organization{Login: k.login("founded")})
	k.made = append(k.made, o.ID)
	k.world.AddMember(o.Login, owner.login, RoleAdmin)
	on := place{id: o.ID, login: o.Login, organization: true}
	for range 3 {
		k.world.AddRepository(o.Login, Repository{Name: k.repositoryName(on), Private: k.one(2)})
	}
	k.install(on)
	return fmt.Sprintf("%s founds %s", owner.login, o.Login)
}

// deleteOrganization deletes one that the shaker added.
func (k *Shaker) deleteOrganization() string {
	on := k.placeWhere(func(p place) bool { return p.made })
	if on.nowhere() {
		return ""
	}
	k.world.DeleteOrganization(on.login)
	for at, id := range k.made {
		if id == on.id {
			k.made = append(k.made[:at], k.made[at+1:]...)
			break
		}
	}
	return on.login + " is deleted"
}
