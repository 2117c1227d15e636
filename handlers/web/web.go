// Package web is what every action of handlers needs of HTTP, and names no
// noun: errors and their one shape, formats, rows, responses and their cache,
// parameters, bodies, limits and middleware.
package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

// WebhookPath is where GitHub delivers webhooks. It is neither limited nor
// bound by the size of other bodies.
const WebhookPath = "/webhooks/github"

// IsAPI reports whether a path is answered in JSON.
func IsAPI(path string) bool {
	return strings.HasPrefix(path, "/api/") || path == "/api" || strings.HasPrefix(path, "/webhooks/")
}

// isPage tells the paths that people open from those that machines ask for.
func isPage(path string) bool {
	return !IsAPI(path) && !strings.HasPrefix(path, "/static/") && path != "/healthz" && path != "/readyz"
}

// RequestID is the id of a request, which stands in the log as well.
func RequestID(c echo.Context) string { return c.Response().Header().Get(echo.HeaderXRequestID) }

// NoContent answers 204, of which nothing is stored.
func NoContent(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.NoContent(http.StatusNoContent)
}

// JSON answers with a value that nobody may store.
func JSON(c echo.Context, status int, value any) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.JSON(status, value)
}
