package web

import (
	"bytes"
	"net/http"
	"strings"

	"neptun/views/ui"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

// IsFragment tells whether htmx asks for a part of a page. Going back in the
// history, it asks for the whole page, without HX-Request.
func IsFragment(c echo.Context) bool {
	h := c.Request().Header
	return h.Get("HX-Request") == "true" && h.Get("HX-Request-Type") == "partial"
}

// FragmentName is the id of the element that htmx will replace, which is also
// the name of the fragment: HX-Target is written tag#id.
func FragmentName(c echo.Context) string {
	_, id, _ := strings.Cut(c.Request().Header.Get("HX-Target"), "#")
	return id
}

// Page answers with a page, or with the fragment of it that htmx asks for, after
// which come the parts that go along with it.
func Page(c echo.Context, page templ.Component, notices []ui.Notice, along ...templ.Component) error {
	if !IsFragment(c) {
		return Render(c, http.StatusOK, page)
	}
	var buffer bytes.Buffer
	if err := templ.RenderFragments(c.Request().Context(), &buffer, page, FragmentName(c)); err != nil {
		return err
	}
	if buffer.Len() == 0 {
		return &Error{Status: http.StatusBadRequest, Message: "Reload the page"}
	}
	for _, part := range along {
		if err := part.Render(c.Request().Context(), &buffer); err != nil {
			return err
		}
	}
	if len(notices) > 0 {
		if err := ui.Notices(notices).Render(c.Request().Context(), &buffer); err != nil {
			return err
		}
	}
	return sendHTML(c, http.StatusOK, buffer.Bytes())
}

// Render draws a whole component before its first byte is sent, so that a
// failure can still become an error page.
func Render(c echo.Context, status int, component templ.Component) error {
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
