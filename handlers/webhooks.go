package handlers

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"time"

	"neptun/db"
	"neptun/handlers/web"
	"neptun/syncer/webhook"

	"github.com/labstack/echo/v4"
)

var (
	errNoWebhookSecret = &web.Error{Status: http.StatusServiceUnavailable, Message: "This server has no webhook secret. Set GITHUB_WEBHOOK_SECRET to the secret of the webhook"}
	errUnsigned        = &web.Error{Status: http.StatusUnauthorized, Message: "The signature in X-Hub-Signature-256 is missing or wrong"}
	errNotADelivery    = &web.Error{Status: http.StatusBadRequest, Message: "Not a GitHub webhook: X-GitHub-Delivery, X-GitHub-Event and a JSON object are required"}
)

// storeTimeout is shorter than the busy timeout of a locked SQLite file, so that the
// response comes within GitHub's ten seconds.
const storeTimeout = 4 * time.Second

// ReceiveWebhook stores a delivery, and responds before it is applied: GitHub waits ten
// seconds
// (https://docs.github.com/webhooks/using-webhooks/best-practices-for-using-webhooks).
func (s *Server) ReceiveWebhook(c echo.Context) error {
	if _, err := s.setup.Configured(c); err != nil {
		return err
	}
	if !s.GitHub.HasWebhookSecret() {
		return errNoWebhookSecret
	}
	r := c.Request()
	signature := r.Header.Get("X-Hub-Signature-256")
	if !signaturePattern.MatchString(signature) {
		s.audit.Unauthenticated(c, db.AuditRefuseSignature, "")
		return errUnsigned // without reading the body
	}
	parts, err := readChunks(r.Body)
	if err != nil {
		return web.BodyError(err)
	}
	if !s.GitHub.Signed(signature, parts...) {
		s.audit.Unauthenticated(c, db.AuditRefuseSignature, "")
		return errUnsigned
	}
	payload, err := webhookPayload(r.Header.Get(echo.HeaderContentType), slices.Concat(parts...))
	if err != nil {
		return err
	}
	delivery, err := webhook.ReadDelivery(r.Header.Get("X-GitHub-Delivery"), r.Header.Get("X-GitHub-Event"), payload)
	if err != nil {
		return errNotADelivery
	}
	ctx, cancel := context.WithTimeout(r.Context(), storeTimeout)
	defer cancel()
	err = s.DB.AddDelivery(ctx, delivery)
	if errors.Is(err, context.DeadlineExceeded) {
		return web.ErrOverloaded // GitHub keeps the delivery, and Neptun fetches it later
	}
	if err != nil {
		return err
	}
	return c.NoContent(http.StatusAccepted)
}

// signaturePattern matches GitHub's signatures
// (https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries).
var signaturePattern = regexp.MustCompile(`^sha256=[0-9a-fA-F]{64}$`)

// readChunks reads a body in chunks, so that one without a valid signature takes no more
// memory than what arrived.
func readChunks(body io.Reader) ([][]byte, error) {
	var parts [][]byte
	for size := 4 << 10; ; size = 32 << 10 {
		part := make([]byte, size)
		n, err := io.ReadFull(body, part)
		parts = append(parts, part[:n])
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return parts, nil
		case err != nil:
			return nil, err
		}
	}
}

// webhookPayload returns the JSON of a body. With the content type "form", it is in a form
// field.
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
