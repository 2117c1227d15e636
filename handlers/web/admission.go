package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/sync/semaphore"
)

const (
	// admissionWait is how long a request waits for admission before it is rejected.
	admissionWait = 2 * time.Second
	// requestTimeout is the time limit of requests that don't wait for GitHub.
	requestTimeout = 15 * time.Second
	// admissionPerConnection is how many requests are admitted for each database
	// connection, so that no connection idles between two requests.
	admissionPerConnection = 2
)

// ErrOverloaded is the error if the database is overloaded or unavailable.
var ErrOverloaded = &Error{
	Status: http.StatusServiceUnavailable, RetryAfter: 5 * time.Second,
	Message: "Neptun is busy or can't reach its database. Try again in a few seconds",
}

// Admission limits the requests that share the database's connections. Requests that aren't
// admitted within two seconds are rejected, and requests that take too long are canceled.
type Admission struct {
	turns *semaphore.Weighted
	// Shed, if not nil, is called for each rejected request.
	Shed func()
}

// NewAdmission creates an Admission for a pool of so many connections.
func NewAdmission(connections int) *Admission {
	return &Admission{turns: semaphore.NewWeighted(int64(admissionPerConnection * connections))}
}

// admissionKey is the context key of a request's admitted.
const admissionKey = "neptun.admission"

// admitted is a request with a place among those that share the connections, until it is
// released.
type admitted struct {
	turns   *semaphore.Weighted
	timeout *time.Timer
}

func (a *admitted) release() {
	if a.turns != nil {
		a.turns.Release(1)
		a.turns = nil
	}
}

// Middleware admits requests in the order of their arrival.
func (a *Admission) Middleware(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		request := c.Request()
		if skipsAdmission(request.URL.Path) {
			return next(c)
		}
		if err := a.wait(request.Context()); err != nil {
			return err
		}
		ctx, cancel := context.WithCancelCause(request.Context())
		defer cancel(nil)
		turn := &admitted{a.turns, time.AfterFunc(requestTimeout, func() { cancel(ErrOverloaded) })}
		defer turn.release()
		defer turn.timeout.Stop()
		c.Set(admissionKey, turn)
		c.SetRequest(request.WithContext(ctx))
		defer c.SetRequest(request)
		err := next(c)
		if err != nil && errors.Is(context.Cause(ctx), ErrOverloaded) {
			// Don't wrap err: context.Canceled would mean that the client disconnected.
			return fmt.Errorf("%w: %s", ErrOverloaded, err.Error())
		}
		return err
	}
}

func (a *Admission) wait(ctx context.Context) error {
	if a.turns.TryAcquire(1) {
		return nil
	}
	waiting, cancel := context.WithTimeout(ctx, admissionWait)
	defer cancel()
	if a.turns.Acquire(waiting, 1) == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err() // the client disconnected
	}
	if a.Shed != nil {
		a.Shed()
	}
	return ErrOverloaded
}

// Unbound frees a request's place and removes its time limit, because it waits for GitHub or
// for a slow client.
func Unbound(c echo.Context) {
	if turn, ok := c.Get(admissionKey).(*admitted); ok {
		turn.timeout.Stop()
		turn.release()
	}
}

// skipsAdmission reports whether a path needs no admission: files, health checks, and event
// streams and webhooks, which have limits of their own.
func skipsAdmission(path string) bool {
	return strings.HasPrefix(path, "/static/") || path == "/favicon.ico" || path == "/healthz" || path == "/readyz" || path == "/events" || path == WebhookPath
}
