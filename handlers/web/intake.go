package web

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/sync/semaphore"
)

const (
	// maxBody is the largest request body, in bytes, which is enough for an import of
	// 50,000 ids. Only webhooks may be larger.
	maxBody = 1 << 20
	// MaxWebhook is the size of the largest webhook that GitHub sends
	// (https://docs.github.com/webhooks/webhook-events-and-payloads#payload-cap).
	MaxWebhook = 25 << 20

	// smallBody is the size up to which bodies have a budget of their own, so that large
	// ones don't block them: most webhooks have some 10 KB.
	smallBody   = 256 << 10
	smallBodies = 32 << 20
	largeBodies = 64 << 20

	// After bodyGrace, a body must arrive at bodySpeed, in bytes per second.
	bodySpeed = 64 << 10
	bodyGrace = 5 * time.Second
	// intakeChunk is how much of a body is read and counted at a time.
	intakeChunk = 32 << 10
)

var (
	errIntake = &Error{
		Status: http.StatusServiceUnavailable, RetryAfter: 5 * time.Second,
		Message: "Many request bodies are arriving at the moment. Try again in a few seconds",
	}
	errIncompleteBody = &Error{Status: http.StatusBadRequest, Message: "The body is incomplete"}
	errSlowBody       = &Error{Status: http.StatusRequestTimeout, Message: "The request body arrived too slowly"}
	errBodyTooLarge   = FromEcho(echo.ErrStatusRequestEntityTooLarge)
	errLargeDelivery  = &Error{Status: http.StatusRequestEntityTooLarge, Message: "Payload too large: the maximum is 25 MB"}
)

// Intake limits the bytes of request bodies in memory. Bytes are reserved as they arrive,
// whatever length was announced, until the request ends.
type Intake struct{ small, large *semaphore.Weighted }

// NewIntake creates an Intake.
func NewIntake() *Intake {
	return &Intake{semaphore.NewWeighted(smallBodies), semaphore.NewWeighted(largeBodies)}
}

// Middleware counts and limits the body of each request.
func (i *Intake) Middleware(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if r.Body == nil || r.Body == http.NoBody {
			return next(c)
		}
		b := &intakeBody{
			ReadCloser: r.Body, intake: i, budget: i.small, limit: maxBody, tooLarge: errBodyTooLarge,
			controller: http.NewResponseController(c.Response()), start: time.Now(),
		}
		if c.Path() == WebhookPath {
			b.limit, b.tooLarge = MaxWebhook, errLargeDelivery
		}
		if r.ContentLength > b.limit {
			return b.tooLarge
		}
		r.Body = b
		defer b.release()
		return next(c)
	}
}

// intakeBody is a body that is being read.
type intakeBody struct {
	io.ReadCloser
	intake     *Intake
	budget     *semaphore.Weighted // that the bytes are reserved in
	received   int64
	reserved   int64 // bytes reserved in budget
	limit      int64
	tooLarge   error
	controller *http.ResponseController
	start      time.Time
	err        error // the error that ended the body
}

// Read implements io.Reader. Its errors are responses for the client.
func (b *intakeBody) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	b.setDeadline(b.start.Add(bodyGrace + time.Duration(float64(b.received)/bodySpeed*float64(time.Second))))
	n, err := b.ReadCloser.Read(p[:min(len(p), intakeChunk)])
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		b.err = errSlowBody
	case errors.Is(err, io.ErrUnexpectedEOF):
		b.err = errIncompleteBody
	case b.received+int64(n) > b.limit:
		b.err = b.tooLarge
	case !b.reserve(int64(n)):
		b.err = errIntake
	case err != nil:
		b.err = err
	default:
		return n, nil
	}
	// net/http's background read of the connection must not time out.
	b.setDeadline(time.Time{})
	if errors.Is(b.err, io.EOF) {
		return n, io.EOF
	}
	return 0, b.err
}

// setDeadline limits the next read, if the connection supports it.
func (b *intakeBody) setDeadline(deadline time.Time) { _ = b.controller.SetReadDeadline(deadline) }

// reserve counts bytes that arrived. A body that is no longer small moves to the budget of
// large ones.
func (b *intakeBody) reserve(n int64) bool {
	if b.budget == b.intake.small && b.received+n > smallBody {
		if !b.intake.large.TryAcquire(b.received + n) {
			return false
		}
		b.release()
		b.budget = b.intake.large
		b.reserved = b.received + n
	} else if b.budget.TryAcquire(n) {
		b.reserved += n
	} else {
		return false
	}
	b.received += n
	return true
}

// release frees the reserved bytes.
func (b *intakeBody) release() {
	b.budget.Release(b.reserved)
	b.reserved = 0
}
