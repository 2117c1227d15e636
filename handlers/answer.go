package handlers

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"

	"neptun/sessions"
	"neptun/views"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

// isAPI tells whether a path is answered in JSON.
func isAPI(path string) bool {
	return strings.HasPrefix(path, "/api/") || path == "/api" || strings.HasPrefix(path, "/webhooks/")
}

// isFragment tells whether htmx asks for a part of a page. Going back in the
// history, it asks for the whole page, without HX-Request.
func isFragment(c echo.Context) bool {
	h := c.Request().Header
	return h.Get("HX-Request") == "true" && h.Get("HX-Request-Type") == "partial"
}

// fragmentName is the id of the element that htmx will replace, which is also
// the name of the fragment: HX-Target is written tag#id.
func fragmentName(c echo.Context) string {
	_, id, _ := strings.Cut(c.Request().Header.Get("HX-Target"), "#")
	return id
}

// answerPage answers with a page, or with the fragment of it that htmx asks for.
func (s *Server) answerPage(c echo.Context, page templ.Component, notices []views.Notice) error {
	if !isFragment(c) {
		return s.render(c, http.StatusOK, page)
	}
	var buffer bytes.Buffer
	if err := templ.RenderFragments(c.Request().Context(), &buffer, page, fragmentName(c)); err != nil {
		return err
	}
	if buffer.Len() == 0 {
		return &problem{status: http.StatusBadRequest, sentence: "Reload the page"}
	}
	if len(notices) > 0 {
		if err := views.Notices(notices).Render(c.Request().Context(), &buffer); err != nil {
			return err
		}
	}
	return sendHTML(c, http.StatusOK, buffer.Bytes())
}

// render draws a whole component before its first byte is sent, so that a
// failure can still become an error page.
func (s *Server) render(c echo.Context, status int, component templ.Component) error {
	var buffer bytes.Buffer
	if err := component.Render(c.Request().Context(), &buffer); err != nil {
		return err
	}
	return sendHTML(c, status, buffer.Bytes())
}

func sendHTML(c echo.Context, status int, body []byte) error {
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "no-store")
	h.Add(echo.HeaderVary, "Cookie, HX-Request, HX-Request-Type, HX-Target")
	return c.HTMLBlob(status, body)
}

// frame is what every page shows around its content.
func (s *Server) frame(c echo.Context, title string) views.Frame {
	frame := views.Frame{
		Title:     title,
		Now:       s.Now(),
		GitHubURL: s.config.GitHub.WebURL(),
		Demo:      s.config.Demo,
	}
	if person := who(c); person.ID != "" {
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
func (s *Server) pageFrame(c echo.Context, title string, nav views.Nav) (views.Frame, error) {
	frame := s.frame(c, title)
	frame.Nav = nav
	err := s.Sessions.TakeNotices(c.Request().Context(), &frame.Notices)
	return frame, err
}

// done ends an action of a page: the notice is left for the page that shows the
// result, and the browser is sent there. htmx follows too, and swaps the part
// that it asked to replace.
func (s *Server) done(c echo.Context, fallback string, notices ...views.Notice) error {
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
