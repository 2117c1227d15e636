package handlers

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"

	"neptun/handlers/web"
	"neptun/syncer/webhook"

	"github.com/labstack/echo/v4"
)

const (
	// maxWebhook is the largest that GitHub sends
	// (https://docs.github.com/webhooks/webhook-events-and-payloads#payload-cap).
	maxWebhook = 25 << 20
)

var (
	errNoWebhookSecret = &web.Error{Status: http.StatusServiceUnavailable, Message: "This server has no webhook secret. Set GITHUB_WEBHOOK_SECRET to the secret of the webhook"}
	errUnsigned        = &web.Error{Status: http.StatusUnauthorized, Message: "The signature in X-Hub-Signature-256 is missing or wrong"}
	errWebhookTooLarge = &web.Error{Status: http.StatusRequestEntityTooLarge, Message: "Payload too large: the maximum is 25 MB"}
	errNotADelivery    = &web.Error{Status: http.StatusBadRequest, Message: "Not a GitHub webhook: X-GitHub-Delivery, X-GitHub-Event and a JSON object are required"}
)

// ReceiveWebhook stores what GitHub delivers, and answers before it is applied:
// GitHub waits ten seconds
// (https://docs.github.com/webhooks/using-webhooks/best-practices-for-using-webhooks).
func (s *Server) ReceiveWebhook(c echo.Context) error {
	if _, err := s.configured(c); err != nil {
		return err
	}
	if !s.GitHub.HasWebhookSecret() {
		return errNoWebhookSecret
	}
	r := c.Request()
	signature := r.Header.Get("X-Hub-Signature-256")
	switch {
	case signature == "":
		return errUnsigned // nothing of it is read
	case r.ContentLength > maxWebhook:
		return errWebhookTooLarge
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Response(), r.Body, maxWebhook))
	if err != nil {
		return webhookBodyError(err)
	}
	if !s.GitHub.Signed(signature, body) {
		return errUnsigned
	}
	payload, err := webhookPayload(r.Header.Get(echo.HeaderContentType), body)
	if err != nil {
		return err
	}
	delivery, err := webhook.ReadDelivery(r.Header.Get("X-GitHub-Delivery"), r.Header.Get("X-GitHub-Event"), payload)
	if err != nil {
		return errNotADelivery
	}
	if err := s.DB.AddDelivery(r.Context(), delivery); err != nil {
		return err
	}
	return c.NoContent(http.StatusAccepted)
}

// webhookBodyError tells a body that is too large from one that was cut short.
func webhookBodyError(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return errWebhookTooLarge
	}
	return &web.Error{Status: http.StatusBadRequest, Message: "The body is incomplete"}
}

// webhookPayload is the JSON in a body, which the webhook's content type may
// wrap in a form.
func webhookPayload(contentType string, body []byte) ([]byte, error) {
	kind, _, err := mime.ParseMediaType(contentType)
	switch {
	case err == nil && kind == echo.MIMEApplicationJSON:
		return body, nil
	case err == nil && kind == echo.MIMEApplicationForm:
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, errNotADelivery
		}
		return []byte(form.Get("payload")), nil
	}
	return nil, echo.ErrUnsupportedMediaType
}
