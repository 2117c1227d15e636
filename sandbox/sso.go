package sandbox

import (
	"net/http"
)

// RequireSSO puts an organization behind SAML single sign-on. The App can't see it in a user's name until they have signed
// on at /orgs/{org}/sso and authorized the App again: an authorization from before does not count
// (https://docs.github.com/apps/using-github-apps/saml-and-github-apps).
func (as *Accounts) RequireSSO(org string) {
	as.world.mu.Lock()
	defer as.world.mu.Unlock()
	o := as.mustOrganization(org)
	o.singleSignOn, o.signedOn = true, map[int64]bool{}
}

// SignOn passes an organization's single sign-on as a user.
func (as *Accounts) SignOn(org, login string) {
	as.world.mu.Lock()
	defer as.world.mu.Unlock()
	as.mustOrganization(org).signedOn[as.must(login).id] = true
}

// signedOnTo are the organizations, by id, whose single sign-on the user has passed.
func (as *Accounts) signedOnTo(u *account) map[int64]bool {
	passed := map[int64]bool{}
	for _, a := range as.byLogin {
		if a.singleSignOn && a.signedOn[u.id] {
			passed[a.id] = true
		}
	}
	return passed
}

// blockedBySSO reports whether single sign-on denies the caller's token private resources of the account. A personal token
// counts as authorized once its user has signed on.
func (c caller) blockedBySSO(on *account) bool {
	switch {
	case !on.singleSignOn || c.user == nil:
		return false
	case c.userToken != nil:
		return c.userToken.grant == nil || !c.userToken.grant.signedOn[on.id]
	}
	return !on.signedOn[c.user.id]
}

// requireSSO is GitHub's response to a caller who would have access after signing in with single sign-on
// (https://docs.github.com/rest/authentication/authenticating-to-the-rest-api#authenticating-with-saml-sso).
func (s *api) requireSSO(c *call, on *account) error {
	c.header.Set("X-GitHub-SSO", "required; url="+s.url+"/orgs/"+on.Login+"/sso")
	return &apiError{
		status:  http.StatusForbidden,
		message: "Resource protected by organization SAML enforcement. You must grant your OAuth token access to this organization.",
	}
}

// ssoOrganization is the organization in the path, for its members when it requires single sign-on; nil for everyone else.
func (s *web) ssoOrganization(r *http.Request, me *account) *account {
	o := s.world.Accounts.byLogin[fold(r.PathValue("org"))]
	if o == nil || me == nil || !o.singleSignOn || !me.belongsTo(o) {
		return nil
	}
	return o
}

func (s *web) showSSO(w http.ResponseWriter, r *http.Request) {
	me := s.signedIn(r)
	if me == nil {
		toSignIn(w, r)
		return
	}
	s.world.mu.RLock()
	o := s.ssoOrganization(r, me)
	s.world.mu.RUnlock()
	if o == nil {
		s.notFound(w, r)
		return
	}
	s.render(w, r, http.StatusOK, "Single sign-on", ssoPage{o.Login})
}

type ssoPage struct{ login string }

// authorizeSSO signs the user on, without a password as everywhere here.
func (s *web) authorizeSSO(w http.ResponseWriter, r *http.Request) {
	me := s.signedIn(r)
	s.world.mu.Lock()
	o := s.ssoOrganization(r, me)
	if o != nil {
		o.signedOn[me.id] = true
	}
	s.world.mu.Unlock()
	if o == nil {
		s.notFound(w, r)
		return
	}
	http.Redirect(w, r, "/"+o.Login, http.StatusSeeOther)
}
