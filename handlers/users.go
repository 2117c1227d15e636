package handlers

import (
	"net/http"

	"neptun/handlers/auth"
	"neptun/handlers/openapi"

	"github.com/labstack/echo/v4"
)

// CheckAuthentication answers HEAD /api/auth/check: whether the session is live.
func (s *Server) CheckAuthentication(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.NoContent(http.StatusNoContent)
}

// GetUser answers GET /api/users/{user_id}.
func (s *Server) GetUser(c echo.Context) error {
	return s.respond.Value(c, "person", openapi.ToUser(auth.User(c)), nil)
}
