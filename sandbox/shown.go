package sandbox

// Shown is an installation as GitHub shows it to a person.
type Shown struct {
	InstallationID int64
	Account        string // the login of now
	Organization   bool
	Selection      Selection
	Suspended      bool
	Repositories   []ShownRepository // by ascending id; none of a suspended installation
}

// ShownRepository is a repository that a person sees through an installation.
type ShownRepository struct {
	Repository
	FullName   string
	Permission Permission
}

// ShownTo is what GET /user/installations and the lists below it tell a person who authorized the App, by ascending id and
// without asking for it: what a client should have found out.
func (w *World) ShownTo(login string) []Shown {
	w.mu.RLock()
	defer w.mu.RUnlock()
	u, of := w.mustAccount(login), w.mustApp()
	var all []Shown
	for _, i := range w.installationsWhere(func(i *installation) bool { return i.app == of && i.visibleTo(u) }) {
		shown := Shown{i.id, i.account.Login, i.account.organization, i.selection, i.suspended(), nil}
		for _, r := range i.account.repositories {
			if p := r.permission(u); !i.suspended() && i.reaches(r) && p != None {
				shown.Repositories = append(shown.Repositories, ShownRepository{r.Repository, r.fullName(), p})
			}
		}
		all = append(all, shown)
	}
	return all
}

// People are the logins of all persons, oldest first.
func (w *World) People() (logins []string) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	for _, a := range w.accountsWhere(func(a *account) bool { return !a.organization }) {
		logins = append(logins, a.Login)
	}
	return logins
}

// IDOf is the id of an account.
func (w *World) IDOf(login string) int64 {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.mustAccount(login).id
}

// LoginOf is what an account is called now; "" when it is gone.
func (w *World) LoginOf(id int64) string {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if a := w.accountByID(id); a != nil {
		return a.Login
	}
	return ""
}
