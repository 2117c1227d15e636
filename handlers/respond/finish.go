package respond

import (
	"context"
	"errors"
	"net/http"

	"neptun/handlers/web"
	"neptun/sessions"
	"neptun/views/ui"

	"github.com/labstack/echo/v4"
)

// Result is the result of an action: the response to scripts, and which page
// comes next in a browser, with what it says.
type Result struct {
	Status  int // of a response with a body
	Body    any // nil for 204
	Next    string
	Notices []ui.Notice
}

// Finish ends an action.
func (r *Responder) Finish(c echo.Context, result Result) error {
	return Choose(c, func() error {
		if result.Body == nil {
			return web.NoContent(c)
		}
		return web.JSON(c, result.Status, result.Body)
	}, func() error { return r.Redirect(c, result.Next, result.Notices...) })
}

// Redirect ends an action of a page: the notices are stored for the page that
// shows the result, and the browser is sent there, or to the page that the form
// names. htmx follows too, and swaps the part that it asked to replace.
func (r *Responder) Redirect(c echo.Context, fallback string, notices ...ui.Notice) error {
	// The notices are stored even where GitHub used up the time there was.
	if err := r.Sessions.LeaveNotices(context.WithoutCancel(c.Request().Context()), notices); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, sessions.OwnPath(c.FormValue("return_to"), fallback))
}

// Redraw ends a request that isn't valid: a page draws its form again, with what is
// wrong; all else gets the error.
func Redraw(c echo.Context, err error, draw func(invalid *web.Error) error) error {
	invalid := (*web.Error)(nil)
	if !errors.As(err, &invalid) || len(invalid.Fields) == 0 {
		return err
	}
	return Choose(c, func() error { return err }, func() error { return draw(invalid) })
}

// Choose responds as JSON to scripts and with a page to browsers.
func Choose(c echo.Context, asJSON, asPage func() error) error {
	if web.IsAPI(c.Request().URL.Path) {
		return asJSON()
	}
	return asPage()
}
