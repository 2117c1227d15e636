package respond

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"

	"neptun/db"
	"neptun/handlers/auth"
	"neptun/handlers/web"
	"neptun/sessions"
	"neptun/views/ui"

	"github.com/labstack/echo/v4"
)

// ErrTooSlow is the error if GitHub didn't respond in time.
var ErrTooSlow = &web.Error{Code: "github_timeout", Status: http.StatusGatewayTimeout, Message: "GitHub took too long to respond. Try again in a minute"}

// ToHTTPError maps errors to responses. An error that isn't listed is a failure of this
// server, and clients don't see its cause.
func ToHTTPError(err error) *web.Error {
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
	if httpErr := GitHubError(err); httpErr != nil {
		return httpErr
	}
	return &web.Error{Status: http.StatusInternalServerError, Message: "Something went wrong. Try again"}
}

// HandleError turns every error into a response. It logs the cause of a failure of this
// server, once.
func (r *Responder) HandleError(err error, c echo.Context) {
	if errors.Is(err, context.Canceled) && c.Request().Context().Err() != nil {
		return // the client has disconnected
	}
	httpErr := ToHTTPError(err)
	if httpErr.Status >= http.StatusInternalServerError {
		r.Logger.LogAttrs(c.Request().Context(), slog.LevelError, "request failed",
			slog.String("id", web.RequestID(c)), slog.String("error", err.Error()))
	}
	if c.Response().Committed {
		return
	}
	if err := r.writeError(c, httpErr); err != nil {
		r.Logger.LogAttrs(c.Request().Context(), slog.LevelError, "error page failed",
			slog.String("id", web.RequestID(c)), slog.String("error", err.Error()))
	}
}

func (r *Responder) writeError(c echo.Context, httpErr *web.Error) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	if httpErr.RetryAfter > 0 {
		c.Response().Header().Set(echo.HeaderRetryAfter, web.Seconds(httpErr.RetryAfter))
	}
	return Choose(c, func() error {
		if httpErr.Status == http.StatusUnauthorized && c.Path() != web.WebhookPath { // RFC 9110, section 11.6.1
			c.Response().Header().Set(echo.HeaderWWWAuthenticate, `Bearer realm="neptun"`)
		}
		return httpErr.WriteJSON(c, r.Auth.URL.JoinPath("/docs").String()+"#conventions")
	}, func() error { return r.writeErrorPage(c, httpErr) })
}

func (r *Responder) writeErrorPage(c echo.Context, httpErr *web.Error) error {
	if httpErr.Status == http.StatusUnauthorized {
		return r.writeLogin(c, httpErr)
	}
	page := r.errorPage(c, httpErr)
	if web.IsFragment(c) {
		return web.Render(c, httpErr.Status, ui.ErrorFragment(page))
	}
	return web.Render(c, httpErr.Status, ui.Error(page))
}

// writeLogin shows the sign-in page under the requested URL, which is where the user returns
// to.
func (r *Responder) writeLogin(c echo.Context, httpErr *web.Error) error {
	returnTo := currentPath(c)
	if c.Request().Method == http.MethodGet && !web.IsFragment(c) {
		returnTo = c.Request().URL.RequestURI()
	}
	if web.IsFragment(c) {
		c.Response().Header().Set("HX-Redirect", "/login?"+url.Values{"return_to": {returnTo}}.Encode())
		return c.NoContent(httpErr.Status)
	}
	reason := ""
	if httpErr != auth.ErrSignedOut {
		reason = httpErr.Text()
	}
	return r.Login(c, httpErr.Status, returnTo, reason)
}

func (r *Responder) errorPage(c echo.Context, httpErr *web.Error) ui.ErrorPage {
	if !auth.Known(c) && httpErr.Status != http.StatusTooManyRequests {
		// An unknown path requires no right, but its page has the user's navigation. A rate-limited
		// request gets no look-up.
		_ = r.Auth.Identify(c)
	}
	page := ui.ErrorPage{
		Frame:     r.Frame(c, http.StatusText(httpErr.Status)),
		Status:    httpErr.Status,
		Text:      httpErr.Text(),
		RequestID: web.RequestID(c),
	}
	switch {
	case httpErr.Link.URL != "":
		page.Links = []ui.Link{httpErr.Link}
	case canTryAgain(c, httpErr.Status):
		page.Links = []ui.Link{
			{Text: "Try again", URL: sessions.OwnPath(c.Request().URL.RequestURI(), Home)},
			{Text: "Go to installations", URL: Installations},
		}
	}
	return page
}

// canTryAgain reports whether the same request may succeed later. A URL with a state can only
// be used once.
func canTryAgain(c echo.Context, status int) bool {
	return (status == http.StatusServiceUnavailable || status == http.StatusGatewayTimeout || status == http.StatusTooManyRequests) &&
		c.Request().Method == http.MethodGet && c.QueryParam("state") == ""
}

// currentPath is the path of the page that sent an htmx request or a form. Its form is restored
// after the sign-in.
func currentPath(c echo.Context) string {
	header := c.Request().Header
	page := header.Get("Referer")
	if web.IsFragment(c) {
		page = header.Get("HX-Current-URL")
	}
	u, err := url.Parse(page)
	if page == "" || err != nil {
		return Home
	}
	return sessions.OwnPath(u.RequestURI(), Home)
}
