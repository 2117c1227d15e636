package sandbox

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

type repositoryPage struct {
	*repository
	FullName   string
	Owner      *account
	Visibility string
	Permission Permission
	MayChange  bool
	Problem    string // why the form is invalid
}

func (r *repository) page(me *account) repositoryPage {
	p := r.permission(me)
	return repositoryPage{r, r.fullName(), r.owner, r.visibility(), p, p == Admin, ""}
}

// showRepository redirects from old names, and responds 404 to users who can't see the repository.
func (s *web) showRepository(w http.ResponseWriter, r *http.Request) {
	me := s.signedIn(r)
	s.world.mu.RLock()
	found, moved := s.world.Repositories.find(r.PathValue("owner"), strings.TrimSuffix(r.PathValue("repo"), ".git"))
	var page repositoryPage
	if found != nil {
		page = found.page(me)
	}
	s.world.mu.RUnlock()
	switch {
	case page.Permission == None:
		s.notFound(w, r)
	case moved:
		http.Redirect(w, r, "/"+page.FullName, http.StatusMovedPermanently)
	default:
		s.render(w, r, http.StatusOK, page.FullName, page)
	}
}

// changeRepository handles the page's buttons, for a user who administers the repository.
func (s *web) changeRepository(w http.ResponseWriter, r *http.Request) {
	me := s.signedIn(r)
	s.world.mu.Lock()
	found := s.world.Repositories.byName[fold(r.PathValue("owner"), r.PathValue("repo"))]
	if found != nil && (me == nil || found.permission(me) != Admin) {
		found = nil
	}
	var page repositoryPage
	next := ""
	if found != nil {
		problem := s.world.Repositories.applyChange(found, r.PostForm.Get("action"), repositoryName(r.PostForm.Get("name")), me)
		page = found.page(me)
		page.Problem, next = problem, "/"+found.fullName()
		if s.world.Repositories.byID[found.ID] == nil {
			next = "/" + found.owner.Login
		}
	}
	s.world.mu.Unlock()
	switch {
	case found == nil:
		s.notFound(w, r)
	case page.Problem != "":
		s.render(w, r, http.StatusUnprocessableEntity, page.FullName, page)
	default:
		http.Redirect(w, r, next, http.StatusSeeOther)
	}
}

// applyChange applies the action of one of the page's buttons, or returns why it can't.
func (rs *Repositories) applyChange(r *repository, action, name string, by *account) (problem string) {
	switch action {
	case "rename":
		if problem := rs.nameError(r.owner, name); problem != "" {
			return problem
		}
		rs.rename(r, name, by)
	case "archive":
		rs.archive(r, true, by)
	case "unarchive":
		rs.archive(r, false, by)
	case "privatize":
		rs.setPrivate(r, true, by)
	case "publicize":
		rs.setPrivate(r, false, by)
	case "delete":
		rs.remove(r, by)
	}
	return ""
}

var notInRepositoryNames = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// repositoryName returns GitHub's name for an entered one.
func repositoryName(typed string) string {
	return notInRepositoryNames.ReplaceAllString(strings.TrimSpace(typed), "-")
}

// longestRepositoryName is GitHub's limit, in characters.
const longestRepositoryName = 100

// nameError is why the account can't have a repository with that name; "" if it can.
func (rs *Repositories) nameError(owner *account, name string) string {
	switch {
	case strings.Trim(name, ".") == "":
		return "A repository needs a name."
	case len(name) > longestRepositoryName:
		return fmt.Sprintf("A name has at most %d characters.", longestRepositoryName)
	case rs.byName[fold(owner.Login, name)] != nil:
		return fmt.Sprintf("The name %s already exists on this account.", name)
	}
	return ""
}
