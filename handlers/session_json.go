package handlers

import (
	"net/http"

	"neptun/db"
	"neptun/handlers/openapi"
	"neptun/handlers/web"
	"neptun/sessions"
	"neptun/views"

	"github.com/labstack/echo/v4"
)

func toAPIToken(t db.APIToken) openapi.APIToken {
	return openapi.ToAPIToken(t, sessions.Browser(t.LastUsed.UserAgent))
}

// writeCreatedToken responds with a token and its secret.
func writeCreatedToken(c echo.Context, created views.CreatedToken) error {
	return web.JSON(c, http.StatusCreated, openapi.CreatedToken{Token: created.Secret, APIToken: toAPIToken(created.Token)})
}

func toSessionJSON(s views.Session) openapi.BrowserSession {
	return openapi.BrowserSession{
		ID: s.ID, Current: s.Current, Browser: openapi.OrNull(s.Browser), IP: openapi.OrNull(s.IP),
		CreatedAt: openapi.TimeOrNull(s.CreatedAt), LastSeenAt: openapi.TimeOrNull(s.SeenAt), ExpiresAt: openapi.TimeOrNull(s.ExpiresAt),
	}
}
