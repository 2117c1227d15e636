package operators

import (
	"neptun/handlers/openapi"
	"neptun/handlers/respond"
	"neptun/views/operators"
	"neptun/views/ui"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

// InstallRequests lists who asked an account's owners to install the app, and the outcome.
func (h *Handlers) InstallRequests(c echo.Context) error {
	list, err := h.DB.ListInstallRequests(c.Request().Context())
	if err != nil {
		return err
	}
	return respond.Choose(c, func() error {
		return h.Respond.Value(c, "installation requests", openapi.Each(list, openapi.ToInstallRequest), nil)
	}, func() error {
		return h.show(c, "Requests", func(frame ui.Frame) templ.Component {
			return operators.AppRequests(operators.AppRequestsPage{Frame: frame, Requests: list})
		})
	})
}
