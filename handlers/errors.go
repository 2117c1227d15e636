package handlers

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"

	"neptun/db"
	"neptun/handlers/web"
	"neptun/sessions"
	"neptun/views"
	"neptun/views/ui"

	"github.com/labstack/echo/v4"
)

// The errors that have a name.
var (
	errLoggedOut            = &web.Error{Code: "unauthorized", Status: http.StatusUnauthorized, Message: "Sign in to continue"}
	errUnconfirmed          = &web.Error{Code: "access_not_confirmed", Status: http.StatusUnauthorized, Message: "Sign in again: GitHub no longer confirms your access"}
	errAccountSuspended     = &web.Error{Status: http.StatusUnauthorized, Message: "GitHub has suspended your account. Once GitHub has restored it, sign in again"}
	errUserNotFound         = &web.Error{Code: "user_not_found", Status: http.StatusNotFound, Message: "User not found"}
	errInstallationNotFound = &web.Error{Code: "installation_not_found", Status: http.StatusNotFound, Message: "Installation not found", Link: ui.Link{Text: "Go to installations", URL: "/installations"}}
	errImportNotFound       = &web.Error{Code: "import_not_found", Status: http.StatusNotFound, Message: "Import not found", Link: ui.Link{Text: "Your imports", URL: "/imports"}}
	errExclusionNotFound    = &web.Error{Code: "exclusion_not_found", Status: http.StatusNotFound, Message: "Exclusion not found"}
	errTooSlow              = &web.Error{Code: "github_timeout", Status: http.StatusGatewayTimeout, Message: "GitHub took too long to respond. Try again in a minute"}
	errOperatorsOnly        = &web.Error{Code: "operators_only", Status: http.StatusForbidden, Message: "This is for the operators of this server"}
)

// toHTTPError is the table of errors: what each means to a client. What it doesn't
// know is a failure of ours, whose cause no client sees.
func toHTTPError(err error) *web.Error {
	var (
		known   *web.Error
		echoErr *echo.HTTPError
	)
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, db.ErrSuspended):
		return &web.Error{Status: http.StatusConflict, Message: "This installation is suspended. Unsuspend it to import repositories"}
	case errors.Is(err, db.ErrNotFound):
		return &web.Error{Status: http.StatusNotFound, Message: "Not found"}
	case errors.As(err, &echoErr):
		return web.FromEcho(echoErr)
	}
	if db.IsUnavailable(err) {
		return web.ErrOverloaded
	}
	if httpErr := gitHubError(err); httpErr != nil {
		return httpErr
	}
	return &web.Error{Status: http.StatusInternalServerError, Message: "Something went wrong. Try again"}
}

// handleError is the one place that turns an error into a response. The cause of
// a failure of ours goes to the log, once.
func (s *Server) handleError(err error, c echo.Context) {
	if errors.Is(err, context.Canceled) && c.Request().Context().Err() != nil {
		return // whoever asked has gone
	}
	httpErr := toHTTPError(err)
	if httpErr.Status >= http.StatusInternalServerError {
		s.Logger.LogAttrs(c.Request().Context(), slog.LevelError, "request failed",
			slog.String("id", web.RequestID(c)), slog.String("error", err.Error()))
	}
	if c.Response().Committed {
		return
	}
	if err := s.writeError(c, httpErr); err != nil {
		s.Logger.LogAttrs(c.Request().Context(), slog.LevelError, "error page failed",
			slog.String("id", web.RequestID(c)), slog.String("error", err.Error()))
	}
}

func (s *Server) writeError(c echo.Context, httpErr *web.Error) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	if httpErr.RetryAfter > 0 {
		c.Response().Header().Set(echo.HeaderRetryAfter, web.Seconds(httpErr.RetryAfter))
	}
	switch {
	case web.IsAPI(c.Request().URL.Path):
		if httpErr.Status == http.StatusUnauthorized && c.Path() != web.WebhookPath { // RFC 9110, section 11.6.1
			c.Response().Header().Set(echo.HeaderWWWAuthenticate, `Bearer realm="neptun"`)
		}
		return httpErr.WriteJSON(c, s.config.URL.JoinPath("/docs").String()+"#conventions")
	case httpErr.Status == http.StatusUnauthorized:
		return s.writeLogin(c, httpErr)
	}
	page := s.errorPage(c, httpErr)
	if web.IsFragment(c) {
		return web.Render(c, httpErr.Status, ui.ErrorFragment(page))
	}
	return web.Render(c, httpErr.Status, ui.Error(page))
}

// writeLogin shows the login where the page would have been, so that the way
// back is the address in the bar.
func (s *Server) writeLogin(c echo.Context, httpErr *web.Error) error {
	returnTo := "/installations"
	if c.Request().Method == http.MethodGet {
		returnTo = c.Request().URL.RequestURI()
	}
	if web.IsFragment(c) {
		c.Response().Header().Set("HX-Redirect", "/login?"+url.Values{"return_to": {s.currentPath(c)}}.Encode())
		return c.NoContent(httpErr.Status)
	}
	page := views.LoginPage{Frame: s.frame(c, "Sign in"), ReturnTo: returnTo}
	if httpErr != errLoggedOut {
		page.Reason = httpErr.Sentence()
	}
	return web.Render(c, httpErr.Status, views.Login(page))
}

func (s *Server) errorPage(c echo.Context, httpErr *web.Error) ui.ErrorPage {
	if c.Get(credentialKey) == nil && httpErr.Status != http.StatusTooManyRequests {
		// An address that isn't there asks for nobody; its page still shows
		// whoever is logged in the way back. Those who ask too much cost no look-up.
		if credential, err := s.credentialOf(c.Request().Context(), s.Sessions.PageKey(c.Request())); err == nil {
			c.Set(credentialKey, credential)
		}
	}
	page := ui.ErrorPage{
		Frame:     s.frame(c, http.StatusText(httpErr.Status)),
		Status:    httpErr.Status,
		Sentence:  httpErr.Sentence(),
		RequestID: web.RequestID(c),
	}
	switch {
	case httpErr.Link.URL != "":
		page.Links = []ui.Link{httpErr.Link}
	case canTryAgain(c, httpErr.Status):
		page.Links = []ui.Link{
			{Text: "Try again", URL: sessions.OwnPath(c.Request().URL.RequestURI(), home)},
			{Text: "Go to installations", URL: home},
		}
	}
	return page
}

// canTryAgain tells whether the same address may answer better later. One with a
// state in it is good for one use.
func canTryAgain(c echo.Context, status int) bool {
	return (status == http.StatusServiceUnavailable || status == http.StatusGatewayTimeout || status == http.StatusTooManyRequests) &&
		c.Request().Method == http.MethodGet && c.QueryParam("state") == ""
}

// recordID is the installation record that the path names. What is no number is
// as absent as a number that nobody has.
func recordID(c echo.Context) (int64, error) {
	id, err := strconv.ParseInt(c.Param("installation_id"), 10, 64)
	if err != nil {
		return 0, errInstallationNotFound
	}
	return id, nil
}
