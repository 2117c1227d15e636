package handlers

import "github.com/labstack/echo/v4"

// Description responds with the OpenAPI document, which is the same for everybody.
func (s *Server) Description(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "public, no-cache")
	s.description.ServeHTTP(c.Response(), c.Request())
	return nil
}
