package handlers

import (
	"net/http"

	"neptun/db"
	"neptun/handlers/auth"
	"neptun/handlers/openapi"
	"neptun/views"

	"github.com/labstack/echo/v4"
)

// CheckAuthentication responds with 204 to a valid credential.
func (s *Server) CheckAuthentication(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.NoContent(http.StatusNoContent)
}

// GetUser returns the user.
func (s *Server) GetUser(c echo.Context) error {
	user := auth.User(c)
	withheld, err := s.DB.ListWithheldOrganizations(c.Request().Context(), user.ID)
	if err != nil {
		return err
	}
	return s.respond.Value(c, "person", openapi.ToUser(user, withheld, func(o db.WithheldOrganization) string {
		return views.SSOURL(s.respond.Host.WebURL(), o)
	}), nil)
}
