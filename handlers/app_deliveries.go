package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"neptun/github"
	"neptun/views"

	"github.com/labstack/echo/v4"
)

var errDeliveryNotFound = &problem{
	status: http.StatusNotFound, sentence: "GitHub has no such delivery, or no longer: it keeps them for some days",
	link: views.Link{Text: "Deliveries", URL: "/app/deliveries"},
}

// Deliveries lists what GitHub delivered, as it says now, without what was in
// it.
func (s *Server) Deliveries(c echo.Context) error {
	p := params{values: c.QueryParams()}
	cursor := p.text("cursor")
	if err := p.err(); err != nil {
		return err
	}
	list, err := s.GitHub.Deliveries(c.Request().Context(), cursor)
	api := isAPI(c.Request().URL.Path)
	if err != nil && (api || !errors.Is(err, github.ErrNoHook)) {
		return operatorError(err, errNoHook)
	}
	if api {
		if list.Next != "" {
			next := s.config.URL.JoinPath(c.Request().URL.Path)
			next.RawQuery = url.Values{"cursor": {list.Next}}.Encode()
			c.Response().Header().Set("Link", "<"+next.String()+`>; rel="next"`)
		}
		return c.JSON(http.StatusOK, each(list.Items, toDeliveryJSON))
	}
	page := views.DeliveriesPage{
		Items: each(list.Items, toDeliveryView), Newest: cursor == "", NoHook: err != nil,
		WebhookURL: s.webhookURL(), SettingsURL: s.settingsURL(),
	}
	if list.Next != "" {
		page.Older = "/app/deliveries?" + url.Values{"cursor": {list.Next}}.Encode()
	}
	if page.Frame, err = s.appFrame(c, "Deliveries"); err != nil {
		return err
	}
	return s.answerPage(c, views.Deliveries(page), page.Frame.Notices)
}

// Delivery shows one delivery.
func (s *Server) Delivery(c echo.Context) error {
	id, err := deliveryID(c)
	if err != nil {
		return err
	}
	delivery, err := s.GitHub.Delivery(c.Request().Context(), id)
	if err != nil {
		return operatorError(err, errDeliveryNotFound)
	}
	if isAPI(c.Request().URL.Path) {
		return c.JSON(http.StatusOK, toDeliveryJSON(delivery))
	}
	frame, err := s.appFrame(c, "Delivery")
	if err != nil {
		return err
	}
	return s.answerPage(c, views.DeliveryDetails(views.DeliveryPage{Frame: frame, Delivery: toDeliveryView(delivery)}), frame.Notices)
}

// Redeliver asks GitHub to send a delivery again.
func (s *Server) Redeliver(c echo.Context) error {
	id, err := deliveryID(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if err := s.GitHub.Redeliver(ctx, id); err != nil {
		return operatorError(err, errDeliveryNotFound)
	}
	if err := s.noteAudit(ctx, c, "redeliver webhook", strconv.FormatInt(id, 10)); err != nil {
		return err
	}
	if isAPI(c.Request().URL.Path) {
		return c.JSON(http.StatusAccepted, struct {
			ID int64 `json:"id"`
		}{id})
	}
	return s.done(c, "/app/deliveries", views.Notice{Kind: views.KindSuccess, Text: "GitHub sends it again in a moment. It then shows up here as another delivery."})
}

func deliveryID(c echo.Context) (int64, error) {
	id, err := strconv.ParseInt(c.Param("delivery_id"), 10, 64)
	if err != nil || id <= 0 {
		return 0, errDeliveryNotFound
	}
	return id, nil
}

func toDeliveryView(d github.Delivery) views.Delivery {
	return views.Delivery{
		ID:             d.ID,
		GUID:           d.GUID,
		Event:          d.Event,
		Action:         d.Action,
		At:             d.DeliveredAt,
		Redelivery:     d.Redelivery,
		Duration:       d.Duration,
		Status:         d.Status,
		StatusCode:     d.StatusCode,
		Delivered:      d.Delivered(),
		InstallationID: d.InstallationID,
		URL:            d.URL,
	}
}
