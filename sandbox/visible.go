package sandbox

import "time"

// Now returns the current time of the world's clock.
func (w *World) Now() time.Time {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.now()
}

// VisibleInstallation is an installation as GitHub shows it to a user.
type VisibleInstallation struct {
	InstallationID int64
	Account        string // its current login
	Organization   bool
	Selection      Selection
	Suspended      bool
	Repositories   []VisibleRepository // by ascending id; none while suspended
}

// VisibleRepository is a repository that GitHub shows a user through an installation.
type VisibleRepository struct {
	Repository
	FullName   string
	Permission Permission
}

// VisibleTo returns what GET /user/installations and the lists below it show a user who authorized the App, by ascending
// id and without a request, to compare a client's data with.
func (w *World) VisibleTo(login string) []VisibleInstallation {
	w.mu.RLock()
	defer w.mu.RUnlock()
	u, of := w.Accounts.must(login), w.Apps.must()
	var all []VisibleInstallation
	for _, i := range w.Installations.where(func(i *installation) bool { return i.app == of && i.visibleTo(u) }) {
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
