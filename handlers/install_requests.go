package handlers

import (
	"neptun/handlers/openapi"
	"neptun/handlers/web"
	"neptun/views/operators"

	"github.com/labstack/echo/v4"
)

// InstallRequests shows operators who asked an account's owners to install the
// App, and what became of it.
func (s *Server) InstallRequests(c echo.Context) error {
	list, err := s.DB.ListInstallRequests(c.Request().Context())
	if err != nil {
		return err
	}
	return choose(c, func() error {
		return s.respond.Value(c, "installation requests", openapi.Each(list, openapi.ToInstallRequest), nil)
	}, func() error {
		frame, err := s.appFrame(c, "Requests")
		if err != nil {
			return err
		}
		return web.Page(c, operators.AppRequests(operators.AppRequestsPage{Frame: frame, Requests: list}), frame.Notices)
	})
}
