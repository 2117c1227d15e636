package web

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"neptun/static/coding"
	"neptun/views/ui"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

// IsFragment reports whether htmx requests a part of a page. When going back in the history,
// htmx requests the whole page, without HX-Request.
func IsFragment(c echo.Context) bool {
	h := c.Request().Header
	return h.Get("HX-Request") == "true" && h.Get("HX-Request-Type") == "partial"
}

// FragmentName is the id of the element that htmx will replace, which is also the name of the
// fragment. HX-Target has the form tag#id.
func FragmentName(c echo.Context) string {
	_, id, _ := strings.Cut(c.Request().Header.Get("HX-Target"), "#")
	return id
}

// Page responds with a page, or with the fragment that htmx requests, followed by the parts
// that are updated along with it.
func Page(c echo.Context, page templ.Component, notices []ui.Notice, extra ...templ.Component) error {
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
	for _, part := range extra {
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

// Render renders a component completely before it sends the first byte, so that a failure can
// still become an error page.
func Render(c echo.Context, status int, component templ.Component) error {
	buffer := buffers.Get().(*bytes.Buffer)
	defer releaseBuffer(buffer)
	buffer.Reset()
	if err := component.Render(c.Request().Context(), buffer); err != nil {
		return err
	}
	return sendHTML(c, status, buffer.Bytes())
}

// secretKey is the context key that marks a page with a secret.
const secretKey = "neptun.secret"

// ShowsSecret turns off compression for the page, since it has a secret beside content that
// others may have written (BREACH).
func ShowsSecret(c echo.Context) { c.Set(secretKey, true) }

func sendHTML(c echo.Context, status int, body []byte) error {
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "no-store")
	h.Add(echo.HeaderVary, "Accept-Encoding, Cookie, HX-Request, HX-Request-Type, HX-Target")
	if c.Get(secretKey) == nil && len(body) >= minCompressed && coding.Accepts(c.Request(), "gzip") {
		var err error
		if body, err = compressPage(body); err != nil {
			return err
		}
		h.Set(echo.HeaderContentEncoding, "gzip")
	}
	h.Set(echo.HeaderContentLength, strconv.Itoa(len(body)))
	return c.HTMLBlob(status, body)
}

// pageCompressors use a fast level, since each page is compressed for one request: it takes a
// third of the default level's time, for a sixth more bytes.
var pageCompressors = sync.Pool{New: func() any {
	writer, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		panic("web: " + err.Error())
	}
	return writer
}}

// compressPage compresses by gzip with a comment of random length, from 0 to 255, so that the
// length of a page doesn't reveal whether it repeats what an attacker wrote
// ("Heal the Breach", as in https://github.com/klauspost/compress/pull/762).
func compressPage(page []byte) ([]byte, error) {
	var random [1]byte
	_, _ = rand.Read(random[:]) // never fails
	var buffer bytes.Buffer
	writer := pageCompressors.Get().(*gzip.Writer)
	defer pageCompressors.Put(writer)
	writer.Reset(&buffer)
	writer.Comment = strings.Repeat(".", int(random[0]))
	if _, err := writer.Write(page); err != nil {
		return nil, err
	}
	err := writer.Close()
	return buffer.Bytes(), err
}
