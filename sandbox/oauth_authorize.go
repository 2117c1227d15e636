package sandbox

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// oauth lets users authorize an App, and issues their tokens.
type oauth struct{ *site }

// authorizationRequest has the parameters of /login/oauth/authorize.
type authorizationRequest struct {
	ClientID        string
	RedirectURI     string // as requested, "" for the default
	State           string
	Challenge       string
	ChallengeMethod string
	app             *app
	target          string // where to redirect to
}

const docsAuthorize = "https://docs.github.com/apps/managing-oauth-apps/troubleshooting-authorization-request-errors/"

func readAuthorizationRequest(form url.Values) authorizationRequest {
	return authorizationRequest{
		ClientID:        form.Get("client_id"),
		RedirectURI:     form.Get("redirect_uri"),
		State:           form.Get("state"),
		Challenge:       form.Get("code_challenge"),
		ChallengeMethod: form.Get("code_challenge_method"),
	}
}

// refusal is the URL to redirect to, with the error as a parameter.
func (a *authorizationRequest) refusal(code, description string) string {
	return withQuery(a.target,
		"error", code, "error_description", description,
		"error_uri", docsAuthorize+"#"+strings.ReplaceAll(code, "_", "-"), "state", a.State)
}

// check validates the request: it returns "" if it is valid, or the URL to redirect the
// user to with an error. Without a trusted URL it returns false, and the user isn't redirected.
func (s *oauth) check(a *authorizationRequest) (refusal string, ok bool) {
	s.world.mu.RLock()
	defer s.world.mu.RUnlock()
	a.app = s.world.Apps.byClientID(a.ClientID)
	if a.app == nil || len(a.app.callbackURLs) == 0 {
		return "", false
	}
	a.target = a.app.redirectTo(a.RedirectURI)
	if a.target == "" {
		a.target = a.app.callbackURLs[0]
		return a.refusal("redirect_uri_mismatch", "The redirect_uri MUST match the registered callback URL for this application."), true
	}
	if (a.Challenge != "" || a.ChallengeMethod != "") && (a.ChallengeMethod != "S256" || len(a.Challenge) != challengeLength) {
		return a.refusal("invalid_request", "The code_challenge must be 43 characters long and its code_challenge_method S256."), true
	}
	return "", true
}

type authorizePage struct {
	authorizationRequest
	Name  string // the App's
	Owner string
}

// showAuthorize shows the authorize page to the signed-in user, or redirects at once if they authorized the App before.
func (s *web) showAuthorize(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	a := readAuthorizationRequest(query)
	refusal, ok := s.oauth.check(&a)
	if !ok {
		s.notFound(w, r)
		return
	}
	if refusal != "" {
		http.Redirect(w, r, refusal, http.StatusFound)
		return
	}
	if behavior := s.behavior.Load(); behavior.AuthorizeError != "" {
		if behavior.AuthorizeErrorWithoutState {
			a.State = ""
		}
		refused := oauthErrorNamed(behavior.AuthorizeError)
		http.Redirect(w, r, a.refusal(refused.code, refused.description), http.StatusFound)
		return
	}
	u := s.signedIn(r)
	if u == nil || query.Get("prompt") == "select_account" {
		query.Del("prompt")
		back := r.URL.Path + "?" + query.Encode()
		http.Redirect(w, r, withQuery("/login", "return_to", back, "login", query.Get("login")), http.StatusFound)
		return
	}
	if s.auth.granted(a.app, u.id) {
		s.sendBack(w, r, u, a)
		return
	}
	page := authorizePage{authorizationRequest: a, Name: a.app.Name}
	s.world.mu.RLock()
	page.Owner = a.app.owner.Login
	s.world.mu.RUnlock()
	s.render(w, r, http.StatusOK, "Authorize the App", page, a.target)
}

// submitAuthorize handles the form of the authorize page.
func (s *web) submitAuthorize(w http.ResponseWriter, r *http.Request) {
	a := readAuthorizationRequest(r.PostForm)
	refusal, ok := s.oauth.check(&a)
	u := s.signedIn(r)
	switch {
	case !ok:
		s.notFound(w, r)
	case refusal != "":
		http.Redirect(w, r, refusal, http.StatusFound)
	case u == nil:
		http.Redirect(w, r, "/login", http.StatusFound)
	case r.PostForm.Get("authorize") != "1":
		http.Redirect(w, r, a.refusal("access_denied", "The user has denied your application access."), http.StatusFound)
	default:
		s.sendBack(w, r, u, a)
	}
}

// Authorize authorizes the App as the user and returns the URL that GitHub redirects to from authorizeURL, a client's link to
// /login/oauth/authorize, without a browser.
func (s *Server) Authorize(authorizeURL, login string) (callbackURL string, err error) {
	u, err := url.Parse(authorizeURL)
	if err != nil {
		return "", err
	}
	a := readAuthorizationRequest(u.Query())
	if refusal, ok := s.oauth.check(&a); !ok || refusal != "" {
		return refusal, fmt.Errorf("sandbox: %s can't be authorized", authorizeURL)
	}
	s.world.mu.RLock()
	user := s.world.Accounts.must(login)
	s.world.mu.RUnlock()
	return s.oauth.grant(user, a), nil
}

func (s *web) sendBack(w http.ResponseWriter, r *http.Request, u *account, a authorizationRequest) {
	http.Redirect(w, r, s.oauth.grant(u, a), http.StatusFound)
}

// grant records the user's consent and returns the redirect URL with a code.
func (s *oauth) grant(u *account, a authorizationRequest) string {
	s.world.mu.RLock()
	signedOn := s.world.Accounts.signedOnTo(u)
	s.world.mu.RUnlock()
	code := s.auth.grant(authorizationCode{
		app:         a.app,
		user:        u.id,
		redirectURI: a.target,
		challenge:   a.Challenge,
		expires:     s.now().Add(codeLifetime),
	}, signedOn)
	return withQuery(a.target, "code", code, "state", a.State)
}
