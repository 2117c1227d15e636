package sandbox

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

func (s *Server) showHome(w http.ResponseWriter, r *http.Request) {
	s.world.mu.RLock()
	people := s.world.people()
	s.world.mu.RUnlock()
	s.render(w, r, http.StatusOK, "home.html", "The sandbox", people)
}

type profilePage struct {
	*account
	Kind         string
	Organization bool
	Repositories []*repository
}

// showProfile is an account with the repositories that whoever looks may see.
func (s *Server) showProfile(w http.ResponseWriter, r *http.Request) {
	me := s.signedIn(r)
	s.world.mu.RLock()
	a := s.world.accounts[fold(r.PathValue("owner"))]
	page := profilePage{account: a}
	title := ""
	if a != nil {
		title = a.displayName()
		page.Kind, page.Organization = a.kind(), a.organization
		for _, repo := range a.repositories {
			if repo.permission(me) != None {
				page.Repositories = append(page.Repositories, repo)
			}
		}
	}
	s.world.mu.RUnlock()
	if a == nil {
		s.notFound(w, r)
		return
	}
	s.render(w, r, http.StatusOK, "profile.html", title, page)
}

type repositoryPage struct {
	*repository
	FullName   string
	Owner      *account
	Permission Permission
}

// showRepository redirects from former names, and hides what whoever looks may not see.
func (s *Server) showRepository(w http.ResponseWriter, r *http.Request) {
	me := s.signedIn(r)
	s.world.mu.RLock()
	found, moved := s.world.find(r.PathValue("owner"), strings.TrimSuffix(r.PathValue("repo"), ".git"))
	var page repositoryPage
	if found != nil {
		page = repositoryPage{found, found.fullName(), found.owner, found.permission(me)}
	}
	s.world.mu.RUnlock()
	switch {
	case page.Permission == None:
		s.notFound(w, r)
	case moved:
		http.Redirect(w, r, "/"+page.FullName, http.StatusMovedPermanently)
	default:
		s.render(w, r, http.StatusOK, "repository.html", page.FullName, page)
	}
}

// avatarURL is the account's picture; GitHub's addresses have a version too.
func (s *Server) avatarURL(a *account) string { return fmt.Sprintf("%s/avatars/u/%d?v=4", s.url, a.id) }

// showAvatar draws the initial of the login on a colour made from the id.
func (s *Server) showAvatar(w http.ResponseWriter, r *http.Request) {
	id, _ := strconv.ParseInt(r.PathValue("id"), 10, 64)
	s.world.mu.RLock()
	initial := "?"
	if a := s.world.accountByID(id); a != nil {
		initial = strings.ToUpper(a.Login[:1])
	}
	s.world.mu.RUnlock()
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	w.Header().Set("Content-Security-Policy", "default-src 'none'")
	fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" width="80" height="80" viewBox="0 0 80 80">`+
		`<rect width="80" height="80" fill="hsl(%d 45%% 38%%)"/>`+
		`<text x="40" y="54" font-family="sans-serif" font-size="40" text-anchor="middle" fill="#fff">%s</text></svg>`,
		id*47%360, initial)
}
