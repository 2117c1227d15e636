package sandbox

import (
	"maps"
	"time"
)

// Now returns the time by the world's clock.
func (w *World) Now() time.Time {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.now()
}

// Account is a user or an organization as it is now.
type Account struct {
	ID             int64
	Login          string
	Organization   bool
	Members        map[int64]Role // of an organization, by user id
	InstallationID int64          // of the App registered last; 0: not installed
	Selection      Selection
	Suspended      bool
}

// Accounts lists all users and organizations by ascending id.
func (w *World) Accounts() []Account {
	w.mu.RLock()
	defer w.mu.RUnlock()
	var all []Account
	for _, a := range w.accountsWhere(func(*account) bool { return true }) {
		now := Account{ID: a.id, Login: a.Login, Organization: a.organization, Members: maps.Clone(a.roles)}
		if len(w.apps) > 0 {
			if i := a.installationOf(w.mustApp()); i != nil {
				now.InstallationID, now.Selection, now.Suspended = i.id, i.selection, i.suspended()
			}
		}
		all = append(all, now)
	}
	return all
}

// InstalledRepositories lists the ids of the repositories an installation has access to, ascending.
func (w *World) InstalledRepositories(id int64) []int64 {
	w.mu.RLock()
	defer w.mu.RUnlock()
	var ids []int64
	for _, r := range w.mustInstallation(id).reached() {
		ids = append(ids, r.ID)
	}
	return ids
}

// Collaborators returns the permissions given to users on one repository directly, by user id.
func (w *World) Collaborators(repositoryID int64) map[int64]Permission {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return maps.Clone(w.mustRepository(repositoryID).direct)
}

// VisibleInstallation is an installation as GitHub shows it to a user.
type VisibleInstallation struct {
	InstallationID int64
	Account        string // its present login
	Organization   bool
	Selection      Selection
	Suspended      bool
	Repositories   []VisibleRepository // by ascending id; none while suspended
}

// VisibleRepository is a repository that a user sees through an installation.
type VisibleRepository struct {
	Repository
	FullName   string
	Permission Permission
}

// VisibleTo returns what GET /user/installations and the lists below it show a user who authorized the App, by ascending
// id and without a request: what a client should have stored.
func (w *World) VisibleTo(login string) []VisibleInstallation {
	w.mu.RLock()
	defer w.mu.RUnlock()
	u, of := w.mustAccount(login), w.mustApp()
	var all []VisibleInstallation
	for _, i := range w.installationsWhere(func(i *installation) bool { return i.app == of && i.visibleTo(u) }) {
		visible := VisibleInstallation{i.id, i.account.Login, i.account.organization, i.selection, i.suspended(), nil}
		for _, r := range i.account.repositories {
			if p := r.permission(u); !i.suspended() && i.reaches(r) && p != None {
				visible.Repositories = append(visible.Repositories, VisibleRepository{r.Repository, r.fullName(), p})
			}
		}
		all = append(all, visible)
	}
	return all
}

// Users lists the logins of all users, oldest first.
func (w *World) Users() (logins []string) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	for _, u := range w.users() {
		logins = append(logins, u.Login)
	}
	return logins
}

// IDOf returns the id of an account.
func (w *World) IDOf(login string) int64 {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.mustAccount(login).id
}

// LoginOf returns the present login of an account; "" when it was deleted.
func (w *World) LoginOf(id int64) string {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if a := w.accountByID(id); a != nil {
		return a.Login
	}
	return ""
}

// Has reports whether an account has a repository of that name.
func (w *World) Has(owner, name string) bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.names[fold(owner, name)] != nil
}
