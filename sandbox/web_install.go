package sandbox

import (
	"net/http"
	"net/url"
	"strconv"
)

// showApp is the App's public page, the target of GitHub's install links. Only its owner sees a private App's page.
func (s *web) showApp(w http.ResponseWriter, r *http.Request) {
	me := s.signedIn(r)
	s.world.mu.RLock()
	a := s.world.Apps.bySlug(r.PathValue("slug"))
	hidden := a == nil || !a.public && (me == nil || !me.administers(a.owner))
	s.world.mu.RUnlock()
	if hidden {
		s.notFound(w, r)
		return
	}
	s.render(w, r, http.StatusOK, a.Name, appPage{a.Slug, a.description, a.permissions})
}

type appPage struct {
	Slug        string
	Description string
	Permissions map[string]string
}

type installPage struct {
	Slug     string
	State    string
	Accounts []installTarget
}

// installTarget is an account that the user can install the App on, or request it for.
type installTarget struct {
	*account
	Installed    string // the settings page, if the App is already installed there
	RequestOnly  bool
	Requested    bool
	Selection    Selection
	Repositories []installable
}

// showInstall lets a user select one of the accounts they administer, or of those they are a member of, for which
// they can send a request. target_id selects one account; if the App is already installed there, GitHub shows
// the settings instead and doesn't redirect to the App.
func (s *web) showInstall(w http.ResponseWriter, r *http.Request) {
	me := s.signedIn(r)
	if me == nil {
		toSignIn(w, r)
		return
	}
	wanted := r.FormValue("target_id")
	s.world.mu.RLock()
	a := s.world.Apps.bySlug(r.PathValue("slug"))
	page := installPage{State: r.FormValue("state")}
	if a != nil {
		page.Slug = a.Slug
		for _, on := range s.world.Accounts.where(func(on *account) bool { return me.belongsTo(on) && a.installableOn(on) }) {
			if wanted == "" || wanted == strconv.FormatInt(on.id, 10) {
				page.Accounts = append(page.Accounts, s.world.Installations.installTarget(a, on, me))
			}
		}
	}
	s.world.mu.RUnlock()
	switch {
	case a == nil || wanted != "" && len(page.Accounts) == 0:
		s.notFound(w, r)
	case wanted != "" && page.Accounts[0].Installed != "" && !page.Accounts[0].RequestOnly:
		http.Redirect(w, r, page.Accounts[0].Installed, http.StatusFound)
	default:
		s.render(w, r, http.StatusOK, "Install "+a.Name, page)
	}
}

func (is *Installations) installTarget(a *app, on, me *account) installTarget {
	target := installTarget{account: on, Selection: SelectAll, RequestOnly: !me.administers(on)}
	if i := on.installationOf(a); i != nil {
		target.Installed = i.settingsPath()
		return target
	}
	target.Repositories = on.installables(nil)
	target.Requested = is.world.InstallationRequests.find(a, on, me) != nil
	return target
}

// installApp installs the App and redirects to its setup URL ("About the setup URL" in GitHub's documentation),
// or to the settings if it is already installed.
func (s *web) installApp(w http.ResponseWriter, r *http.Request) {
	me := s.signedIn(r)
	s.world.mu.Lock()
	a, on := s.world.Apps.bySlug(r.PathValue("slug")), s.world.Accounts.byLogin[fold(r.PostForm.Get("account"))]
	allowed := a != nil && on != nil && me != nil && me.administers(on) && a.installableOn(on)
	var next string
	if allowed {
		if i := on.installationOf(a); i != nil {
			next = i.settingsPath()
		} else {
			selection, ids := chosen(r.PostForm, on)
			next = s.world.Installations.install(a, on, selection, ids, me).redirectAfterInstall("install", r.PostForm.Get("state"))
		}
	}
	s.world.mu.Unlock()
	if !allowed {
		s.notFound(w, r)
		return
	}
	http.Redirect(w, r, next, http.StatusFound)
}

// redirectAfterInstall is the URL to redirect to after installing the App or changing the installation: the App's setup URL,
// if it has one, or the settings.
func (i *installation) redirectAfterInstall(action, state string) string {
	if i.app.setupURL == "" {
		return i.settingsPath()
	}
	return withQuery(i.app.setupURL, "installation_id", strconv.FormatInt(i.id, 10), "setup_action", action, "state", state)
}

// chosen returns the selection in a form, without repositories of other accounts.
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
