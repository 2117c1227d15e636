// Package web has what all handlers need of HTTP, without any noun of the domain: errors and
// their JSON, formats, rows, responses and their cache, parameters, bodies, limits and
// middleware.
package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

// WebhookPath is where GitHub delivers webhooks. It has no rate limit, and larger bodies than
// other paths.
const WebhookPath = "/webhooks/github"

// IsAPI reports whether a path responds in JSON.
func IsAPI(path string) bool {
	return strings.HasPrefix(path, "/api/") || path == "/api" || strings.HasPrefix(path, "/webhooks/")
}

// isPage reports whether a path is opened in browsers, not by programs.
func isPage(path string) bool {
	return !IsAPI(path) && !strings.HasPrefix(path, "/static/") && path != "/healthz" && path != "/readyz"
}

// RequestID is the id of a request, which is in the log as well.
func RequestID(c echo.Context) string { return c.Response().Header().Get(echo.HeaderXRequestID) }

// NoContent responds with 204.
func NoContent(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.NoContent(http.StatusNoContent)
}

// JSON responds with a value that must not be cached.
func JSON(c echo.Context, status int, value any) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.JSON(status, value)
}
