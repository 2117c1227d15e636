package handlers

import (
	"net/http"
	"strconv"

	"neptun/handlers/openapi"
	"neptun/handlers/web"
	"neptun/views/operators"
	"neptun/views/ui"

	"github.com/labstack/echo/v4"
)

var errDeliveryNotFound = &web.Error{
	Code:   "delivery_not_found",
	Status: http.StatusNotFound, Message: "Delivery not found. GitHub only keeps deliveries for a few days",
	Link: ui.Link{Text: "Deliveries", URL: "/app/deliveries"},
}

// Delivery shows one delivery.
func (s *Server) Delivery(c echo.Context) error {
	id, err := deliveryID(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	delivery, err := s.GitHub.AsApp().Delivery(ctx, id)
	if err != nil {
		return operatorError(err, errDeliveryNotFound)
	}
	here, err := s.DB.ListDeliveriesByGUID(ctx, []string{delivery.GUID})
	if err != nil {
		return err
	}
	return choose(c, func() error { return c.JSON(http.StatusOK, toDeliveryJSON(delivery, here[delivery.GUID])) }, func() error {
		frame, err := s.appFrame(c, "Delivery")
		if err != nil {
			return err
		}
		page := operators.DeliveryPage{Frame: frame, Delivery: toDeliveryView(delivery, here[delivery.GUID])}
		return web.Page(c, operators.DeliveryDetails(page), frame.Notices)
	})
}

// Redeliver asks GitHub to send a delivery again.
func (s *Server) Redeliver(c echo.Context) error {
	id, err := deliveryID(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if err := s.GitHub.AsApp().Redeliver(ctx, id); err != nil {
		return operatorError(err, errDeliveryNotFound)
	}
	if err := s.noteAudit(ctx, c, "redeliver webhook", strconv.FormatInt(id, 10)); err != nil {
		return err
	}
	return s.finish(c, result{
		status: http.StatusAccepted, body: openapi.Redelivery{ID: id},
		next: "/app/deliveries", notices: []ui.Notice{{Kind: ui.KindSuccess, Text: "Redelivery requested. It will appear as a new delivery."}},
	})
}

func deliveryID(c echo.Context) (int64, error) {
	id, err := strconv.ParseInt(c.Param("delivery_id"), 10, 64)
	if err != nil || id <= 0 {
		return 0, errDeliveryNotFound
	}
	return id, nil
}
