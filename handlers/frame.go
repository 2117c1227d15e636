package handlers

import (
	"context"
	"net/http"
	"net/url"

	"neptun/handlers/web"
	"neptun/sessions"
	"neptun/views/ui"

	"github.com/labstack/echo/v4"
)

// frame is what every page shows around its content.
func (s *Server) frame(c echo.Context, title string) ui.Frame {
	frame := ui.Frame{
		Title:     title,
		Now:       s.Now(),
		GitHubURL: s.config.GitHub.WebURL(),
		Demo:      s.config.Demo,
	}
	if person := currentUser(c); person.ID != "" {
		frame.Person, frame.Operator = &person, isOperator(c)
	}
	if app, known := s.GitHub.AppFacts(); known {
		frame.AppName = app.Name
		if app.InstallURL() != "" {
			frame.InstallURL = installPath
		}
	}
	return frame
}

// pageFrame is frame for a page of the main navigation, with the notices that
// the last action left.
func (s *Server) pageFrame(c echo.Context, title string, nav ui.Nav) (ui.Frame, error) {
	frame := s.frame(c, title)
	frame.Nav = nav
	err := s.Sessions.TakeNotices(c.Request().Context(), &frame.Notices)
	return frame, err
}

// done ends an action of a page: the notice is left for the page that shows the
// result, and the browser is sent there. htmx follows too, and swaps the part
// that it asked to replace.
func (s *Server) done(c echo.Context, fallback string, notices ...ui.Notice) error {
	// What was done is told, even where GitHub used up the time there was.
	if err := s.Sessions.LeaveNotices(context.WithoutCancel(c.Request().Context()), notices); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, sessions.OwnPath(c.FormValue("return_to"), fallback))
}

// currentPath is the own path of the page that an htmx request came from.
func (s *Server) currentPath(c echo.Context) string {
	u, err := url.Parse(c.Request().Header.Get("HX-Current-URL"))
	if err != nil {
		return "/installations"
	}
	return sessions.OwnPath(u.RequestURI(), "/installations")
}

// result is what an action came to: the response to scripts, and where a page
// goes on, with what it says there.
type result struct {
	status  int // of a response with a body
	body    any // nil for 204
	next    string
	notices []ui.Notice
}

// finish ends an action, whichever it was asked for by.
func (s *Server) finish(c echo.Context, r result) error {
	return choose(c, func() error {
		if r.body == nil {
			return web.NoContent(c)
		}
		return web.JSON(c, r.status, r.body)
	}, func() error { return s.done(c, r.next, r.notices...) })
}

// choose responds as JSON to scripts and with a page to browsers.
func choose(c echo.Context, asJSON, asPage func() error) error {
	if web.IsAPI(c.Request().URL.Path) {
		return asJSON()
	}
	return asPage()
}
