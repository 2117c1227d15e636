package sandbox

import (
	"maps"
	"net/http"
	"slices"
)

// updatePath is the page on which the account accepts the App's new permissions.
func (i *installation) updatePath() string { return i.settingsPath() + "/permissions/update" }

type permissionsPage struct {
	Name      string // of the App
	Settings  string
	Requested []requestedPermission
	Events    []string
}

type requestedPermission struct{ Name, Granted, Requested string }

// showPermissions compares the requested permissions with the accepted ones.
func (s *web) showPermissions(w http.ResponseWriter, r *http.Request) {
	me := s.signedIn(r)
	if me == nil {
		toSignIn(w, r)
		return
	}
	s.world.mu.RLock()
	i := s.administered(r, me)
	var page permissionsPage
	if i != nil {
		page = permissionsPage{Name: i.app.Name, Settings: i.settingsPath()}
		for _, name := range slices.Sorted(maps.Keys(i.app.permissions)) {
			if requested := i.app.permissions[name]; !covers(i.permissions[name], requested) {
				page.Requested = append(page.Requested, requestedPermission{name, i.permissions[name], requested})
			}
		}
		for _, event := range i.app.events {
			if !slices.Contains(i.events, event) {
				page.Events = append(page.Events, event)
			}
		}
	}
	s.world.mu.RUnlock()
	if i == nil {
		s.notFound(w, r)
		return
	}
	s.render(w, r, http.StatusOK, "Review permissions", page)
}

// acceptPermissions accepts all requested permissions.
func (s *web) acceptPermissions(w http.ResponseWriter, r *http.Request) {
	me := s.signedIn(r)
	s.world.mu.Lock()
	i := s.administered(r, me)
	next := ""
	if i != nil {
		if r.PostForm.Get("action") == "accept" {
			s.world.Installations.accept(i, me)
		}
		next = i.settingsPath()
	}
	s.world.mu.Unlock()
	if next == "" {
		s.notFound(w, r)
		return
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
}
