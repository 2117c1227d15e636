package respond

import (
	"context"
	"net/http"

	"neptun/handlers/auth"
	"neptun/handlers/web"
	"neptun/views"
	"neptun/views/ui"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

// Frame returns what every page shows around its content.
func (r *Responder) Frame(c echo.Context, title string) ui.Frame {
	frame := ui.Frame{Title: title, Now: r.Now(), GitHubURL: r.Host.WebURL(), Demo: r.Demo}
	if user := auth.User(c); user.ID != "" {
		frame.User, frame.Operator = &user, auth.IsOperator(c)
	}
	if app, known := r.GitHub.AppFacts(); known {
		frame.AppName = app.Name
		if app.InstallURL() != "" {
			frame.InstallURL = InstallPath
		}
	}
	return frame
}

// Page is a page of the main navigation.
type Page struct {
	Title   string
	Nav     ui.Nav
	Status  int         // 0 for 200
	Notices []ui.Notice // besides those of the last action
	// Extra are further parts of the page that are sent along with a fragment.
	Extra []templ.Component
	// Draw returns the page in its frame.
	Draw func(ui.Frame) templ.Component
}

// Show responds with a page, or with the fragment that htmx requests.
func (r *Responder) Show(c echo.Context, page Page) error {
	frame := r.Frame(c, page.Title)
	frame.Nav = page.Nav
	// Take the notices even if GitHub used up the request's time.
	if err := r.Sessions.TakeNotices(context.WithoutCancel(c.Request().Context()), &frame.Notices); err != nil {
		return err
	}
	frame.Notices = append(frame.Notices, page.Notices...)
	if page.Status != 0 {
		return web.Render(c, page.Status, page.Draw(frame))
	}
	return web.Page(c, page.Draw(frame), frame.Notices, page.Extra...)
}

// Login shows the sign-in page, with a reason if there is one.
func (r *Responder) Login(c echo.Context, status int, returnTo, reason string) error {
	return web.Render(c, status, views.Login(views.LoginPage{
		Frame: r.Frame(c, "Sign in"), ReturnTo: returnTo, Reason: reason,
	}))
}

// SignedOut ends an action that signed the user out everywhere: it shows the sign-in page with
// the reason.
func (r *Responder) SignedOut(c echo.Context, reason string) error {
	return Choose(c, func() error { return web.NoContent(c) }, func() error {
		if err := r.Sessions.LogOut(context.WithoutCancel(c.Request().Context()), c.Response()); err != nil {
			return err
		}
		auth.Forget(c)
		return r.Login(c, http.StatusOK, Home, reason)
	})
}
