package operators

import (
	"net/http"
	"strconv"

	"neptun/db"
	"neptun/handlers/openapi"
	"neptun/handlers/present"
	"neptun/handlers/respond"
	"neptun/handlers/web"
	"neptun/views/operators"
	"neptun/views/ui"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

var errDeliveryNotFound = &web.Error{
	Code:   "delivery_not_found",
	Status: http.StatusNotFound, Message: "Delivery not found. GitHub only keeps deliveries for a few days",
	Link: ui.Link{Text: "Deliveries", URL: "/app/deliveries"},
}

// Delivery shows one delivery.
func (h *Handlers) Delivery(c echo.Context) error {
	id, err := deliveryID(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	delivery, err := h.GitHub.AsApp().Delivery(ctx, id)
	if err != nil {
		return operatorError(err, errDeliveryNotFound)
	}
	here, err := h.DB.ListDeliveriesByGUID(ctx, []string{delivery.GUID})
	if err != nil {
		return err
	}
	return respond.Choose(c, func() error { return c.JSON(http.StatusOK, present.ToDelivery(delivery, here[delivery.GUID])) }, func() error {
		return h.show(c, "Delivery", func(frame ui.Frame) templ.Component {
			return operators.DeliveryDetails(operators.DeliveryPage{Frame: frame, Delivery: present.DeliveryView(delivery, here[delivery.GUID])})
		})
	})
}

// Redeliver asks GitHub to send a delivery again.
func (h *Handlers) Redeliver(c echo.Context) error {
	id, err := deliveryID(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if err := h.GitHub.AsApp().Redeliver(ctx, id); err != nil {
		return operatorError(err, errDeliveryNotFound)
	}
	if err := h.Audit.Record(ctx, c, db.AuditRedeliver, strconv.FormatInt(id, 10)); err != nil {
		return err
	}
	return h.Respond.Finish(c, respond.Result{
		Status: http.StatusAccepted, Body: openapi.Redelivery{ID: id},
		Next: "/app/deliveries", Notices: []ui.Notice{{Kind: ui.KindSuccess, Text: "Redelivery requested. It will appear as a new delivery."}},
	})
}

func deliveryID(c echo.Context) (int64, error) {
	id, err := strconv.ParseInt(c.Param("delivery_id"), 10, 64)
	if err != nil || id <= 0 {
		return 0, errDeliveryNotFound
	}
	return id, nil
}
