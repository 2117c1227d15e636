package sandbox

import "net/http"

type profilePage struct {
	*account
	Kind         string
	Organization bool
	Repositories []*repository
	Teams        []profileTeam // for members only
	MayCreate    bool
	Installed    string // the page of the installation on the account
	Problem      string // why the form is invalid
}

// profileTeam is a team with its members.
type profileTeam struct {
	Team
	Members      []string
	Repositories int
}

// profile is an account as a user sees it; nil is anonymous. The world is locked.
func (as *Accounts) profile(a, me *account) profilePage {
	page := profilePage{account: a, Kind: a.kind(), Organization: a.organization, MayCreate: me != nil && me.administers(a)}
	page.Installed = "/settings/installations"
	if a.organization {
		page.Installed = "/organizations/" + a.Login + "/settings/installations"
	}
	for _, r := range a.repositories {
		if r.permission(me) != None {
			page.Repositories = append(page.Repositories, r)
		}
	}
	for _, t := range a.teams {
		if me != nil && me.belongsTo(a) && (!t.Secret || t.members[me.id] || page.MayCreate) {
			page.Teams = append(page.Teams, profileTeam{t.Team, as.world.Teams.membersOf(t), len(t.repositories)})
		}
	}
	return page
}

// showProfile is an account's page, with the repositories that the user can see.
func (s *web) showProfile(w http.ResponseWriter, r *http.Request) {
	me := s.signedIn(r)
	s.world.mu.RLock()
	a := s.world.Accounts.byLogin[fold(r.PathValue("owner"))]
	var page profilePage
	title := ""
	if a != nil {
		title, page = a.displayName(), s.world.Accounts.profile(a, me)
	}
	s.world.mu.RUnlock()
	if a == nil {
		s.notFound(w, r)
		return
	}
	s.render(w, r, http.StatusOK, title, page)
}

// createRepository adds a repository for a user who administers the account.
func (s *web) createRepository(w http.ResponseWriter, r *http.Request) {
	me := s.signedIn(r)
	s.world.mu.Lock()
	a := s.world.Accounts.byLogin[fold(r.PathValue("owner"))]
	allowed := a != nil && me != nil && me.administers(a)
	var page profilePage
	title, next := "", ""
	if allowed {
		name := repositoryName(r.PostForm.Get("name"))
		if problem := s.world.Repositories.nameError(a, name); problem != "" {
			title, page = a.displayName(), s.world.Accounts.profile(a, me)
			page.Problem = problem
		} else {
			created := s.world.Repositories.add(a, Repository{Name: name, Private: r.PostForm.Get("visibility") == "private", PushedAt: s.now()}, me)
			next = "/" + created.fullName()
		}
	}
	s.world.mu.Unlock()
	switch {
	case !allowed:
		s.notFound(w, r)
	case next == "":
		s.render(w, r, http.StatusUnprocessableEntity, title, page)
	default:
		http.Redirect(w, r, next, http.StatusSeeOther)
	}
}
