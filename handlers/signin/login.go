package signin

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"neptun/db"
	"neptun/github"
	"neptun/handlers/auth"
	"neptun/handlers/respond"
	"neptun/handlers/web"
	"neptun/sessions"
	"neptun/views/ui"

	"github.com/labstack/echo/v4"
)

// selectAccount is GitHub's prompt to select an account.
const selectAccount = "select_account"

// Login shows the sign-in page.
func (h *Handlers) Login(c echo.Context) error {
	returnTo := sessions.OwnPath(c.QueryParam("return_to"), respond.Home)
	switch err := h.Auth.Identify(c); {
	case err == nil:
		return c.Redirect(http.StatusSeeOther, returnTo)
	case auth.IsUnconfirmed(err):
		return h.Respond.Login(c, http.StatusOK, returnTo, respond.ToHTTPError(err).Text())
	case auth.IsSignedOut(err):
		return h.Respond.Login(c, http.StatusOK, returnTo, "")
	default:
		return err
	}
}

// StartLogin redirects to GitHub.
func (h *Handlers) StartLogin(c echo.Context) error {
	h.warnOfSharedCookies(c)
	attempt, err := h.Sessions.StartAttempt(c.Response(), c.Request(), sessions.OwnPath(c.QueryParam("return_to"), respond.Home))
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.Redirect(http.StatusSeeOther, h.GitHub.AuthorizeURL(attempt.State, attempt.Verifier, h.Respond.CallbackURL(), c.QueryParam("prompt") == selectAccount))
}

// warnOfSharedCookies logs once that a browser sent the session of another server: cookies are
// sent to every port of a host (RFC 6265, section 8.5).
func (h *Handlers) warnOfSharedCookies(c echo.Context) {
	key := h.Sessions.PageKey(c.Request())
	if key == "" || h.sharing.Load() {
		return
	}
	known, err := h.DB.HasSession(c.Request().Context(), key)
	if err == nil && !known && h.sharing.CompareAndSwap(false, true) {
		h.Respond.Logger.WarnContext(c.Request().Context(),
			"a browser sends the session of another server: servers on one host share cookies, whatever their ports, so signing in to one signs out of the other. Give each a host name of its own",
			"url", h.URL.String())
	}
}

// FinishLogin handles GitHub's callback. A callback without a state starts a sign-in: if the app
// requests authorization during installation, users arrive here from there.
func (h *Handlers) FinishLogin(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	if c.QueryParam("setup_action") != "" {
		return c.Redirect(http.StatusSeeOther, setupURL(c))
	}
	state := c.QueryParam("state")
	if code := c.QueryParam("error"); code != "" && state == "" {
		// Another sign-in would fail in the same way.
		return h.signInFailed(c, sessions.Attempt{ReturnTo: respond.Home}, github.OAuthError(code))
	}
	if state == "" {
		return c.Redirect(http.StatusSeeOther, "/auth/github")
	}
	attempt, err := h.Sessions.FinishAttempt(c.Response(), c.Request(), state)
	if err != nil && h.Auth.Identify(c) == nil {
		return c.Redirect(http.StatusSeeOther, respond.Home) // a reload of a completed sign-in
	}
	if err != nil {
		return h.Respond.Login(c, http.StatusBadRequest, respond.Home,
			"This sign-in has expired. Sign in again.")
	}
	if code := c.QueryParam("error"); code != "" {
		return h.signInFailed(c, attempt, github.OAuthError(code))
	}
	return h.logIn(c, attempt)
}

func (h *Handlers) logIn(c echo.Context, attempt sessions.Attempt) error {
	ctx := c.Request().Context()
	gitHubCtx, cancel := context.WithTimeout(ctx, respond.GitHubTimeout)
	defer cancel()
	token, err := h.GitHub.Exchange(gitHubCtx, c.QueryParam("code"), attempt.Verifier, h.Respond.CallbackURL())
	if err != nil {
		return h.signInFailed(c, attempt, err)
	}
	profile, err := h.GitHub.User(gitHubCtx, token)
	if err != nil {
		return h.signInFailed(c, attempt, err)
	}
	user, err := h.GitHub.SignIn(db.WithClient(ctx, db.Client{IP: c.RealIP(), RequestID: web.RequestID(c)}), profile, token)
	if err != nil {
		return err
	}
	if err := h.Sessions.SignIn(ctx, c.Response(), user.ID); err != nil {
		return err
	}
	h.Audit.Event(c, user, db.AuditSignIn, "")
	switch here, err := h.DB.IsSetUpBy(ctx, h.Sessions.SetupBrowser(c.Request())); {
	case err != nil:
		return err
	case here:
		return c.Redirect(http.StatusSeeOther, "/setup")
	}
	return c.Redirect(http.StatusSeeOther, attempt.ReturnTo)
}

// signInFailed shows why GitHub refused a sign-in, in its redirect or instead of a token.
func (h *Handlers) signInFailed(c echo.Context, attempt sessions.Attempt, err error) error {
	h.Respond.Logger.WarnContext(c.Request().Context(), "sign-in failed", "id", web.RequestID(c), "error", err)
	var limited *github.RateLimitError
	failure := &web.Error{Status: http.StatusBadGateway, Message: github.Explain(err), Link: h.retry(attempt)}
	switch {
	case errors.Is(err, github.ErrAccessDenied), errors.Is(err, github.ErrUnverifiedEmail), errors.Is(err, github.ErrAccountSuspended):
		return h.Respond.Login(c, http.StatusForbidden, attempt.ReturnTo, github.Explain(err))
	case errors.Is(err, github.ErrBadCode):
		return h.Respond.Login(c, http.StatusBadRequest, attempt.ReturnTo, github.Explain(err))
	case errors.Is(err, github.ErrRedirectURI):
		failure.Message = "The callback URL isn't registered. The operator of this server must add " + h.Respond.CallbackURL() + " to the callback URLs of the GitHub App"
	case errors.Is(err, github.ErrSignInAgain): // GitHub rejects the token that it has just issued
		failure.Message = github.Explain(github.ErrUnavailable)
	case errors.Is(err, github.ErrAppCredentials), errors.Is(err, github.ErrAppSuspended), errors.Is(err, github.ErrSignInFailed),
		errors.Is(err, github.ErrUnavailable), errors.Is(err, github.ErrForbidden), errors.As(err, &limited):
	default:
		return err
	}
	return failure
}

func (h *Handlers) retry(attempt sessions.Attempt) ui.Link {
	return ui.Link{Text: "Sign in again", URL: "/auth/github?" + url.Values{"return_to": {attempt.ReturnTo}}.Encode()}
}

// LogOut ends the session in the store and in the browser.
func (h *Handlers) LogOut(c echo.Context) error {
	unknown := h.Auth.Identify(c)
	if err := h.Sessions.LogOut(c.Request().Context(), c.Response()); err != nil {
		return err
	}
	if unknown == nil {
		h.Audit.Event(c, auth.User(c), db.AuditSignOut, "")
	}
	return c.Redirect(http.StatusSeeOther, "/")
}
