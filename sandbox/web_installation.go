package sandbox

import (
	"net/http"
	"strconv"
)

type installationPage struct {
	Name           string // of the App
	Permissions    map[string]string
	Account        *account
	Selection      Selection
	Suspended      bool
	SuspendedBy    *account
	SuspendedByApp bool // the account can't unsuspend it
	Outdated       string
	Repositories   []installable
}

// installable is a repository on the form that selects repositories.
type installable struct {
	*repository
	Chosen bool
}

func (a *account) installables(i *installation) []installable {
	var all []installable
	for _, r := range a.repositories {
		all = append(all, installable{r, i != nil && i.chosen[r.ID]})
	}
	return all
}

// administered is the installation in the path, if the user may configure it; otherwise nil. An
// organization's installations have URLs below the organization's. The world is locked.
func (s *web) administered(r *http.Request, me *account) *installation {
	id, _ := strconv.ParseInt(r.PathValue("id"), 10, 64)
	i := s.world.Installations.byID[id]
	if i == nil || me == nil || !me.administers(i.account) {
		return nil
	}
	if i.account.organization != (r.PathValue("org") != "") || i.account.organization && fold(r.PathValue("org")) != fold(i.account.Login) {
		return nil
	}
	return i
}

// showInstallation is the installation's settings page.
func (s *web) showInstallation(w http.ResponseWriter, r *http.Request) {
	me := s.signedIn(r)
	if me == nil {
		toSignIn(w, r)
		return
	}
	s.world.mu.RLock()
	i := s.administered(r, me)
	var page installationPage
	if i != nil {
		page = installationPage{
			i.app.Name, i.permissions, i.account, i.selection, i.suspended(), i.suspendedBy, i.suspendedByApp, "", i.account.installables(i),
		}
		if i.outdated() {
			page.Outdated = i.updatePath()
		}
	}
	s.world.mu.RUnlock()
	if i == nil {
		s.notFound(w, r)
		return
	}
	s.render(w, r, http.StatusOK, "Installed GitHub App", page)
}

// changeInstallation handles the page's buttons. A suspension by the App has no button to unsuspend.
func (s *web) changeInstallation(w http.ResponseWriter, r *http.Request) {
	me := s.signedIn(r)
	action := r.PostForm.Get("action")
	s.world.mu.Lock()
	i := s.administered(r, me)
	next := r.URL.Path
	if i != nil && action == "unsuspend" && i.suspendedByApp {
		i = nil
	}
	if i != nil {
		switch action {
		case "select":
			selection, ids := chosen(r.PostForm, i.account)
			s.world.Installations.reselect(i, selection, ids, me)
			if i.app.setupOnUpdate {
				next = i.redirectAfterInstall("update", r.PostForm.Get("state"))
			}
		case "suspend":
			s.world.Installations.suspend(i, me, false)
		case "unsuspend":
			s.world.Installations.unsuspend(i, me)
		case "uninstall":
			s.world.Installations.uninstall(i, me)
			next = "/" + i.account.Login
		}
	}
	s.world.mu.Unlock()
	if i == nil {
		s.notFound(w, r)
		return
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
}
