package sandbox

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// sessionCookie is unlikely to be another program's: cookies ignore ports, and the App under test may share the host.
const sessionCookie = "sandbox_session"

// webSessions are the users signed in on the sandbox's pages, by the cookie's value.
type webSessions struct {
	mu   sync.Mutex
	byID map[string]int64
}

// signedIn is the user whose session the request has, or nil.
func (s *web) signedIn(r *http.Request) *account {
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return nil
	}
	s.sessions.mu.Lock()
	id := s.sessions.byID[cookie.Value]
	s.sessions.mu.Unlock()
	s.world.mu.RLock()
	defer s.world.mu.RUnlock()
	u := s.world.Accounts.byID(id)
	if u != nil {
		s.requests.setLogin(stateOf(r).entry, u.Login)
	}
	return u
}

// signInPage lists who can sign in, the suggested user first.
type signInPage struct {
	ReturnTo  string
	Suggested *account
	People    []*account
}

func (s *web) showLogin(w http.ResponseWriter, r *http.Request) {
	s.world.mu.RLock()
	page := signInPage{ReturnTo: ownPath(r.FormValue("return_to")), People: s.world.Accounts.users()}
	target := ""
	if u, err := url.Parse(page.ReturnTo); err == nil {
		if app := s.world.Apps.byClientID(u.Query().Get("client_id")); app != nil {
			target = app.redirectTo(u.Query().Get("redirect_uri")) // a user who authorized the App before is redirected there
		}
	}
	if a := s.world.Accounts.byLogin[fold(r.FormValue("login"))]; a != nil && !a.organization {
		page.Suggested = a
	}
	s.world.mu.RUnlock()
	s.render(w, r, http.StatusOK, "Sign in", page, target)
}

// signIn signs a user in, without a password.
func (s *web) signIn(w http.ResponseWriter, r *http.Request) {
	s.world.mu.RLock()
	u := s.world.Accounts.byLogin[fold(r.PostForm.Get("login"))]
	s.world.mu.RUnlock()
	if u == nil || u.organization {
		s.notFound(w, r)
		return
	}
	id := randomHex(20)
	s.sessions.mu.Lock()
	if s.sessions.byID == nil {
		s.sessions.byID = map[string]int64{}
	}
	s.sessions.byID[id] = u.id
	s.sessions.mu.Unlock()
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: id, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, ownPath(r.PostForm.Get("return_to")), http.StatusSeeOther)
}

func (s *web) signOut(w http.ResponseWriter, r *http.Request) {
	if cookie, err := r.Cookie(sessionCookie); err == nil {
		s.sessions.mu.Lock()
		delete(s.sessions.byID, cookie.Value)
		s.sessions.mu.Unlock()
	}
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// toSignIn redirects to the sign-in page, which redirects back.
func toSignIn(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, withQuery("/login", "return_to", r.URL.RequestURI()), http.StatusFound)
}

// ownPath restricts redirects to this site.
func ownPath(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\t\r\n") {
		return "/"
	}
	return path
}
