package handlers

import (
	"net/http"

	"neptun/handlers/openapi"
	"neptun/handlers/web"

	"github.com/labstack/echo/v4"
)

// description is what /api/openapi.json answers, plain and compressed.
type description struct{ plain, compressed []byte }

func newDescription(address string, operations []openapi.Operation) (description, error) {
	encoded, err := openapi.Describe(address, operations)
	if err != nil {
		return description{}, err
	}
	compressed, err := web.Compress(encoded)
	return description{encoded, compressed}, err
}

// Description answers with the description of the API, which is the same for
// everybody.
func (s *Server) Description(c echo.Context) error {
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "public, no-cache")
	h.Set(echo.HeaderVary, echo.HeaderAcceptEncoding)
	h.Set(echo.HeaderContentType, echo.MIMEApplicationJSON)
	reply, compressed := s.description.plain, web.AcceptsGzip(c.Request())
	if compressed {
		reply = s.description.compressed
		h.Set(echo.HeaderContentEncoding, "gzip")
	}
	tag := web.ETag(string(reply))
	h.Set("ETag", `"`+tag+`"`)
	if web.Matches(c.Request().Header.Get("If-None-Match"), tag) {
		h.Del(echo.HeaderContentEncoding)
		return c.NoContent(http.StatusNotModified)
	}
	return c.Blob(http.StatusOK, echo.MIMEApplicationJSON, reply)
}
