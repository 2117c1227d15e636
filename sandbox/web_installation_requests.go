package sandbox

import (
	"net/http"
	"strconv"
)

// requestInstall sends a request to the owners of an organization that the user is a member of, and redirects to the App's setup
// URL, with setup_action=request only.
func (s *web) requestInstall(w http.ResponseWriter, r *http.Request) {
	me := s.signedIn(r)
	s.world.mu.Lock()
	a, on := s.world.Apps.bySlug(r.PathValue("slug")), s.world.Accounts.byLogin[fold(r.PostForm.Get("account"))]
	allowed := a != nil && on != nil && me != nil && me.belongsTo(on) && !me.administers(on) &&
		a.installableOn(on) && on.installationOf(a) == nil
	var next string
	if allowed {
		s.world.InstallationRequests.create(a, on, me)
		if a.setupURL != "" {
			next = withQuery(a.setupURL, "setup_action", "request", "state", r.PostForm.Get("state"))
		}
	}
	s.world.mu.Unlock()
	switch {
	case !allowed:
		s.notFound(w, r)
	case next != "":
		http.Redirect(w, r, next, http.StatusFound)
	default:
		s.render(w, r, http.StatusOK, "Request sent", requestedPage{on.Login})
	}
}

type requestedPage struct{ login string }

type installationsPage struct {
	Account   *account
	Installed []installedApp
	Requests  []requestedApp
}

type installedApp struct{ Name, Path string }

type requestedApp struct {
	ID           int64
	Name         string // of the App
	Requester    *account
	Selection    Selection
	Repositories []installable
}

// settingsOf is the account in the path, or the user's own, if the user administers it.
func (s *web) settingsOf(r *http.Request, me *account) *account {
	a := me
	if org := r.PathValue("org"); org != "" {
		a = s.world.Accounts.byLogin[fold(org)]
	}
	if a == nil || me == nil || !me.administers(a) {
		return nil
	}
	return a
}

// showInstallations lists the account's installations and its members' requests.
func (s *web) showInstallations(w http.ResponseWriter, r *http.Request) {
	me := s.signedIn(r)
	if me == nil {
		toSignIn(w, r)
		return
	}
	s.world.mu.RLock()
	a := s.settingsOf(r, me)
	page := installationsPage{Account: a}
	if a != nil {
		for _, i := range a.installations {
			page.Installed = append(page.Installed, installedApp{i.app.Name, i.settingsPath()})
		}
		for _, request := range s.world.InstallationRequests.pending {
			if request.account == a {
				page.Requests = append(page.Requests, requestedApp{request.id, request.app.Name, request.requester, SelectAll, a.installables(nil)})
			}
		}
	}
	s.world.mu.RUnlock()
	if a == nil {
		s.notFound(w, r)
		return
	}
	s.render(w, r, http.StatusOK, "Installed GitHub Apps", page)
}

// decideRequest approves or denies a member's request. Approving installs the App and redirects as installing does.
func (s *web) decideRequest(w http.ResponseWriter, r *http.Request) {
	me := s.signedIn(r)
	id, _ := strconv.ParseInt(r.PathValue("id"), 10, 64)
	next := ""
	s.world.mu.Lock()
	a := s.settingsOf(r, me)
	request := s.world.InstallationRequests.where(func(request *installRequest) bool { return request.id == id && request.account == a })
	if request != nil {
		switch r.PostForm.Get("action") {
		case "approve":
			selection, ids := chosen(r.PostForm, a)
			next = s.world.Installations.install(request.app, a, selection, ids, me).redirectAfterInstall("install", "")
		case "deny":
			s.world.InstallationRequests.remove(request)
			next = "/organizations/" + a.Login + "/settings/installations"
		}
	}
	s.world.mu.Unlock()
	if next == "" {
		s.notFound(w, r)
		return
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
}
