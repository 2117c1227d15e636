package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// Healthy tells that the program runs.
func (s *Server) Healthy(c echo.Context) error { return c.String(http.StatusOK, "ok\n") }

// Ready tells whether requests can be served. The reason why not goes to the log.
func (s *Server) Ready(c echo.Context) error {
	if err := s.DB.Ping(c.Request().Context()); err != nil {
		s.Logger.Error("not ready", "error", err)
		return c.String(http.StatusServiceUnavailable, "not ready\n")
	}
	return c.String(http.StatusOK, "ready\n")
}
