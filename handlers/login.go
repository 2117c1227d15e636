package handlers

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"neptun/github"
	"neptun/handlers/web"
	"neptun/sessions"
	"neptun/views"
	"neptun/views/ui"

	"github.com/labstack/echo/v4"
)

// selectAccount is the prompt with which GitHub asks for the account, as it calls it.
const selectAccount = "select_account"

// home is where people go who were going nowhere else.
const home = "/installations"

// Login offers the way through GitHub.
func (s *Server) Login(c echo.Context) error {
	returnTo := sessions.OwnPath(c.QueryParam("return_to"), home)
	_, err := s.credentialOf(c.Request().Context(), s.Sessions.PageKey(c.Request()))
	switch {
	case err == nil:
		return c.Redirect(http.StatusSeeOther, returnTo)
	case isUnconfirmed(err):
		return s.login(c, http.StatusOK, returnTo, toHTTPError(err).Sentence())
	case errors.Is(err, errLoggedOut):
		return s.login(c, http.StatusOK, returnTo, "")
	}
	return err
}

func (s *Server) login(c echo.Context, status int, returnTo, reason string) error {
	return web.Render(c, status, views.Login(views.LoginPage{
		Frame: s.frame(c, "Sign in"), ReturnTo: returnTo, Reason: reason,
	}))
}

func (s *Server) callbackURL() string { return s.config.URL.JoinPath("/auth/github/callback").String() }

// StartLogin sends the browser to GitHub.
func (s *Server) StartLogin(c echo.Context) error {
	attempt, err := s.Sessions.StartAttempt(c.Response(), c.Request(), sessions.OwnPath(c.QueryParam("return_to"), home))
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.Redirect(http.StatusSeeOther, s.GitHub.AuthorizeURL(attempt.State, attempt.Verifier, s.callbackURL(), c.QueryParam("prompt") == selectAccount))
}

// FinishLogin takes GitHub's answer. One that carries no state was not asked
// for here: it starts a login. Where the App is set to request authorization
// during installation, people come back from that to this address.
func (s *Server) FinishLogin(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	if c.QueryParam("setup_action") != "" {
		return c.Redirect(http.StatusSeeOther, setupURL(c))
	}
	state := c.QueryParam("state")
	if code := c.QueryParam("error"); code != "" && state == "" {
		// Another sign-in would end in the same way.
		return s.signInFailed(c, sessions.Attempt{ReturnTo: home}, github.OAuthError(code))
	}
	if state == "" {
		return c.Redirect(http.StatusSeeOther, "/auth/github")
	}
	attempt, err := s.Sessions.FinishAttempt(c.Response(), c.Request(), state)
	if err != nil {
		return s.login(c, http.StatusBadRequest, home,
			"This sign-in has expired. Sign in again.")
	}
	if code := c.QueryParam("error"); code != "" {
		return s.signInFailed(c, attempt, github.OAuthError(code))
	}
	return s.logIn(c, attempt)
}

func (s *Server) logIn(c echo.Context, attempt sessions.Attempt) error {
	ctx := c.Request().Context()
	soon, cancel := context.WithTimeout(ctx, gitHubTimeout)
	defer cancel()
	token, err := s.GitHub.Exchange(soon, c.QueryParam("code"), attempt.Verifier, s.callbackURL())
	if err != nil {
		return s.signInFailed(c, attempt, err)
	}
	profile, err := s.GitHub.User(soon, token)
	if err != nil {
		return s.signInFailed(c, attempt, err)
	}
	person, err := s.GitHub.LogIn(ctx, profile, token)
	if err != nil {
		return err
	}
	if err := s.Sessions.LogIn(ctx, c.Response(), person.ID); err != nil {
		return err
	}
	s.noteEvent(c, person, "sign in", "")
	switch here, err := s.DB.IsSetUpBy(ctx, s.Sessions.SetupBrowser(c.Request())); {
	case err != nil:
		return err
	case here:
		return c.Redirect(http.StatusSeeOther, "/setup")
	}
	return c.Redirect(http.StatusSeeOther, attempt.ReturnTo)
}

// signInFailed answers why GitHub ended a sign-in, in its redirect or instead of a
// token.
func (s *Server) signInFailed(c echo.Context, attempt sessions.Attempt, err error) error {
	s.Logger.WarnContext(c.Request().Context(), "sign-in failed", "id", web.RequestID(c), "error", err)
	var limited *github.RateLimitError
	failure := &web.Error{Status: http.StatusBadGateway, Message: github.Explain(err), Link: s.retry(attempt)}
	switch {
	case errors.Is(err, github.ErrAccessDenied), errors.Is(err, github.ErrUnverifiedEmail), errors.Is(err, github.ErrAccountSuspended):
		return s.login(c, http.StatusForbidden, attempt.ReturnTo, github.Explain(err))
	case errors.Is(err, github.ErrBadCode):
		return s.login(c, http.StatusBadRequest, attempt.ReturnTo, github.Explain(err))
	case errors.Is(err, github.ErrRedirectURI):
		failure.Message = "The callback URL isn't registered. The operator of this server must add " + s.callbackURL() + " to the callback URLs of the GitHub App"
	case errors.Is(err, github.ErrLogInAgain): // the token that GitHub has just issued
		failure.Message = github.Explain(github.ErrUnavailable)
	case errors.Is(err, github.ErrAppCredentials), errors.Is(err, github.ErrAppSuspended), errors.Is(err, github.ErrSignInFailed),
		errors.Is(err, github.ErrUnavailable), errors.Is(err, github.ErrForbidden), errors.As(err, &limited):
	default:
		return err
	}
	return failure
}

func (s *Server) retry(attempt sessions.Attempt) ui.Link {
	return ui.Link{Text: "Sign in again", URL: "/auth/github?" + url.Values{"return_to": {attempt.ReturnTo}}.Encode()}
}

// LogOut ends the session in the store and in the browser.
func (s *Server) LogOut(c echo.Context) error {
	found, err := s.credentialOf(c.Request().Context(), s.Sessions.PageKey(c.Request()))
	if err := s.Sessions.LogOut(c.Request().Context(), c.Response()); err != nil {
		return err
	}
	if err == nil {
		s.noteEvent(c, found.User, "sign out", "")
	}
	return c.Redirect(http.StatusSeeOther, "/")
}
