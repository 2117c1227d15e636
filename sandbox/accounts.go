package sandbox

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// Accounts are the users and organizations of a world, with the memberships of the organizations.
type Accounts struct {
	world          *World
	byLogin        map[string]*account // by lower-case login
	personalTokens map[string]*personalToken
	lastID         int64
}

func (as *Accounts) must(login string) *account {
	a := as.byLogin[fold(login)]
	if a == nil {
		panic(fmt.Sprintf("sandbox: no account %q", login))
	}
	return a
}

func (as *Accounts) mustOrganization(login string) *account {
	o := as.must(login)
	if !o.organization {
		panic(fmt.Sprintf("sandbox: %q is not an organization", login))
	}
	return o
}

// users lists the users, oldest first.
func (as *Accounts) users() []*account {
	return as.where(func(a *account) bool { return !a.organization })
}

func (as *Accounts) where(keep func(*account) bool) []*account {
	var found []*account
	for _, a := range as.byLogin {
		if keep(a) {
			found = append(found, a)
		}
	}
	slices.SortFunc(found, func(a, b *account) int { return cmp.Compare(a.id, b.id) })
	return found
}

// byID is the account with GitHub's id, or nil.
func (as *Accounts) byID(id int64) *account {
	for _, a := range as.byLogin {
		if a.id == id {
			return a
		}
	}
	return nil
}

// ownerOf is the user who performs the changes that a test makes to an account: the account's own user, its oldest
// admin, or else the App's bot.
func (as *Accounts) ownerOf(a *account) *account {
	if !a.organization {
		return a
	}
	for _, u := range as.users() {
		if u.administers(a) {
			return u
		}
	}
	if len(as.world.Apps.all) > 0 {
		return as.world.Apps.must().bot
	}
	return a
}

// Account is the current state of a user or an organization.
type Account struct {
	ID             int64
	Login          string
	Organization   bool
	Members        map[int64]Role // of an organization, by user id
	InstallationID int64          // of the App registered last; 0: not installed
	Selection      Selection
	Suspended      bool
}

// List lists all users and organizations by ascending id.
func (as *Accounts) List() []Account {
	as.world.mu.RLock()
	defer as.world.mu.RUnlock()
	var all []Account
	for _, a := range as.where(func(*account) bool { return true }) {
		now := Account{ID: a.id, Login: a.Login, Organization: a.organization, Members: maps.Clone(a.roles)}
		if len(as.world.Apps.all) > 0 {
			if i := a.installationOf(as.world.Apps.must()); i != nil {
				now.InstallationID, now.Selection, now.Suspended = i.id, i.selection, i.suspended()
			}
		}
		all = append(all, now)
	}
	return all
}

// Users lists the logins of all users, oldest first.
func (as *Accounts) Users() (logins []string) {
	as.world.mu.RLock()
	defer as.world.mu.RUnlock()
	for _, u := range as.users() {
		logins = append(logins, u.Login)
	}
	return logins
}

// IDOf returns the id of an account.
func (as *Accounts) IDOf(login string) int64 {
	as.world.mu.RLock()
	defer as.world.mu.RUnlock()
	return as.must(login).id
}

// LoginOf returns the current login of an account; "" if it was deleted.
func (as *Accounts) LoginOf(id int64) string {
	as.world.mu.RLock()
	defer as.world.mu.RUnlock()
	if a := as.byID(id); a != nil {
		return a.Login
	}
	return ""
}
