package sandbox

import (
	"net/http"
)

// RequireSSO puts an organization behind SAML single sign-on. The App can't access it for a user until they have signed
// in at /orgs/{org}/sso and authorized the App again: an earlier authorization doesn't count
// (https://docs.github.com/apps/using-github-apps/saml-and-github-apps).
func (as *Accounts) RequireSSO(org string) {
	as.world.mu.Lock()
	defer as.world.mu.Unlock()
	o := as.mustOrganization(org)
	o.singleSignOn, o.signedOn = true, map[int64]bool{}
}

// SignOn signs a user in with an organization's single sign-on.
func (as *Accounts) SignOn(org, login string) {
	as.world.mu.Lock()
	defer as.world.mu.Unlock()
	as.mustOrganization(org).signedOn[as.must(login).id] = true
}

// signedOnTo are the organizations, by id, that the user has signed in to with single sign-on.
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
// is authorized as soon as its user has signed in.
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

// ssoOrganization is the organization in the path, if it requires single sign-on and the user is a member; otherwise nil.
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

// authorizeSSO signs the user in, without a password like the whole sandbox.
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
