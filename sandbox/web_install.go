package sandbox

import (
	"net/http"
	"net/url"
	"strconv"
)

// showApp is the App's public page, where GitHub's install links start.
func (s *Server) showApp(w http.ResponseWriter, r *http.Request) {
	if r.PathValue("slug") != s.App().Slug {
		s.notFound(w, r)
		return
	}
	s.render(w, r, http.StatusOK, "app.html", s.App().Name, nil)
}

type installPage struct {
	State    string
	Accounts []installTarget
}

// installTarget is an account the person may install on.
type installTarget struct {
	*account
	Installed    string // the settings page, when the App is there already
	Selection    Selection
	Repositories []installable
}

// showInstall lets a person choose among the accounts they administer. Asking an owner to install comes with GitHub's
// installation requests, which the sandbox has not.
func (s *Server) showInstall(w http.ResponseWriter, r *http.Request) {
	me := s.signedIn(r)
	if me == nil {
		toSignIn(w, r)
		return
	}
	if r.PathValue("slug") != s.App().Slug {
		s.notFound(w, r)
		return
	}
	page := installPage{State: r.FormValue("state")}
	s.world.mu.RLock()
	for _, a := range s.world.accountsWhere(me.administers) {
		target := installTarget{account: a, Selection: SelectAll, Repositories: a.installables()}
		if a.installation != nil {
			target.Installed = a.installation.settingsPath()
		}
		page.Accounts = append(page.Accounts, target)
	}
	s.world.mu.RUnlock()
	s.render(w, r, http.StatusOK, "install.html", "Install "+s.App().Name, page)
}

// installApp installs and sends the person to the App's setup URL, as "About the setup URL" in GitHub's documentation
// says.
func (s *Server) installApp(w http.ResponseWriter, r *http.Request) {
	me := s.signedIn(r)
	s.world.mu.Lock()
	a := s.world.accounts[fold(r.PostForm.Get("account"))]
	allowed := a != nil && me != nil && me.administers(a) && r.PathValue("slug") == s.world.app.Slug
	var next string
	if allowed {
		if a.installation == nil {
			selection, ids := chosen(r.PostForm, a)
			s.world.install(a, selection, ids)
		}
		next = a.installation.settingsPath()
		if s.world.setupURL != "" {
			next = withQuery(s.world.setupURL,
				"installation_id", strconv.FormatInt(a.installation.id, 10), "setup_action", "install", "state", r.PostForm.Get("state"))
		}
	}
	s.world.mu.Unlock()
	if !allowed {
		s.notFound(w, r)
		return
	}
	http.Redirect(w, r, next, http.StatusFound)
}

// chosen is the selection made on a form; repositories that are not the account's are left out.
func chosen(form url.Values, a *account) (Selection, []int64) {
	if form.Get("selection") == string(SelectAll) {
		return SelectAll, nil
	}
	wanted := map[string]bool{}
	for _, id := range form["repository"] {
		wanted[id] = true
	}
	var ids []int64
	for _, r := range a.repositories {
		if wanted[strconv.FormatInt(r.ID, 10)] {
			ids = append(ids, r.ID)
		}
	}
	return SelectSome, ids
}
