package handlers

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"
)

// Healthy responds with 200 while the program runs.
func (s *Server) Healthy(c echo.Context) error { return c.String(http.StatusOK, "ok\n") }

// Ready responds with 200 if requests can be served. If not, it logs why. Concurrent
// requests share one check of the database.
func (s *Server) Ready(c echo.Context) error {
	_, err, _ := s.ready.Do("", func() (any, error) {
		return nil, s.DB.Ready(context.WithoutCancel(c.Request().Context()))
	})
	if err != nil {
		s.Logger.Error("not ready", "error", err)
		return c.String(http.StatusServiceUnavailable, "not ready\n")
	}
	return c.String(http.StatusOK, "ready\n")
}
