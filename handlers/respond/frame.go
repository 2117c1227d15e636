package respond

import (
	"context"
	"net/http"

	"neptun/handlers/auth"
	"neptun/handlers/web"
	"neptun/views"
	"neptun/views/ui"

	"github.com/labstack/echo/v4"
)

// Frame is what every page shows around its content.
func (r *Responder) Frame(c echo.Context, title string) ui.Frame {
	frame := ui.Frame{Title: title, Now: r.Now(), GitHubURL: r.Host.WebURL(), Demo: r.Demo}
	if user := auth.User(c); user.ID != "" {
		frame.Person, frame.Operator = &user, auth.IsOperator(c)
	}
	if app, known := r.GitHub.AppFacts(); known {
		frame.AppName = app.Name
		if app.InstallURL() != "" {
			frame.InstallURL = InstallPath
		}
	}
	return frame
}

// PageFrame is Frame for a page of the main navigation, with the notices of the
// last action.
func (r *Responder) PageFrame(c echo.Context, title string, nav ui.Nav) (ui.Frame, error) {
	frame := r.Frame(c, title)
	frame.Nav = nav
	err := r.Sessions.TakeNotices(c.Request().Context(), &frame.Notices)
	return frame, err
}

// Login shows the page to sign in on, with the reason where there is one.
func (r *Responder) Login(c echo.Context, status int, returnTo, reason string) error {
	return web.Render(c, status, views.Login(views.LoginPage{
		Frame: r.Frame(c, "Sign in"), ReturnTo: returnTo, Reason: reason,
	}))
}

// SignedOut ends an action after which the user is signed out everywhere: with
// the page to sign in on, and the reason.
func (r *Responder) SignedOut(c echo.Context, reason string) error {
	return Choose(c, func() error { return web.NoContent(c) }, func() error {
		if err := r.Sessions.LogOut(context.WithoutCancel(c.Request().Context()), c.Response()); err != nil {
			return err
		}
		auth.Forget(c)
		return r.Login(c, http.StatusOK, Home, reason)
	})
}
