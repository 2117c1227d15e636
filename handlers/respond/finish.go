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

// Result is the result of an action: the response for scripts, and the next page in a browser
// with its notices.
type Result struct {
	Status  int // of a response with a body
	Body    any // nil for 204
	Next    string
	Notices []ui.Notice
}

// Finish responds to an action.
func (r *Responder) Finish(c echo.Context, result Result) error {
	return Choose(c, func() error {
		if result.Body == nil {
			return web.NoContent(c)
		}
		return web.JSON(c, result.Status, result.Body)
	}, func() error { return r.Redirect(c, result.Next, result.Notices...) })
}

// Redirect ends an action of a page. It stores the notices, and redirects to the page that the
// form names in return_to, or to the fallback. htmx follows the redirect and swaps the fragment
// it requested.
func (r *Responder) Redirect(c echo.Context, fallback string, notices ...ui.Notice) error {
	// Store the notices even if GitHub used up the request's time.
	if err := r.Sessions.LeaveNotices(context.WithoutCancel(c.Request().Context()), notices); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, sessions.OwnPath(c.FormValue("return_to"), fallback))
}

// Redraw handles an invalid request: a page shows its form again with the errors, other
// requests get the error.
func Redraw(c echo.Context, err error, draw func(invalid *web.Error) error) error {
	invalid := (*web.Error)(nil)
	if !errors.As(err, &invalid) || len(invalid.Fields) == 0 {
		return err
	}
	return Choose(c, func() error { return err }, func() error { return draw(invalid) })
}

// Choose responds with JSON to scripts and with a page to browsers.
func Choose(c echo.Context, asJSON, asPage func() error) error {
	if web.IsAPI(c.Request().URL.Path) {
		return asJSON()
	}
	return asPage()
}
