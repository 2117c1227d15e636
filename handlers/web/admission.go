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
	// admissionWait is how long a request waits for its turn before it is shed.
	admissionWait = 2 * time.Second
	// requestTimeout is how long a request may take that doesn't wait for GitHub.
	requestTimeout = 15 * time.Second
	// admissionPerConnection is how many requests are admitted for each connection
	// of the pool, so that none of them idles between two requests.
	admissionPerConnection = 2
)

// ErrOverloaded is the answer where the database doesn't keep up or isn't there.
var ErrOverloaded = &Error{
	Status: http.StatusServiceUnavailable, RetryAfter: 5 * time.Second,
	Message: "Neptun is busy or can't reach its database. Try again in a few seconds",
}

// Admission bounds the requests that share the database's connections: what
// doesn't get its turn within two seconds is shed, and what takes too long ends.
type Admission struct {
	turns *semaphore.Weighted
	// Shed, if not nil, is called for each request that is shed.
	Shed func()
}

// NewAdmission makes an Admission for a pool of so many connections.
func NewAdmission(connections int) *Admission {
	return &Admission{turns: semaphore.NewWeighted(int64(admissionPerConnection * connections))}
}

// admissionKey is where a request's admitted is found in its echo.Context.
const admissionKey = "neptun.admission"

// admitted is a request that has its turn.
type admitted struct {
	release func()
	timeout *time.Timer
}

// Middleware admits requests one after the other.
func (a *Admission) Middleware(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if isUnadmitted(c.Request().URL.Path) {
			return next(c)
		}
		if err := a.wait(c.Request().Context()); err != nil {
			return err
		}
		released := false
		turn := &admitted{release: func() {
			if !released {
				released = true
				a.turns.Release(1)
			}
		}}
		defer func() { turn.release() }()
		ctx, cancel := context.WithCancelCause(c.Request().Context())
		defer cancel(nil)
		turn.timeout = time.AfterFunc(requestTimeout, func() { cancel(ErrOverloaded) })
		defer turn.timeout.Stop()
		c.Set(admissionKey, turn)
		request := c.Request()
		c.SetRequest(request.WithContext(ctx))
		defer c.SetRequest(request)
		err := next(c)
		if err != nil && errors.Is(context.Cause(ctx), ErrOverloaded) {
			// Not wrapped: a context that was canceled means a client that has gone.
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
		return ctx.Err() // the client has gone
	}
	if a.Shed != nil {
		a.Shed()
	}
	return ErrOverloaded
}

// Unbound lets a request take as long as it takes without holding up others:
// because it waits for GitHub, or for its reader.
func Unbound(c echo.Context) {
	if turn, ok := c.Get(admissionKey).(*admitted); ok {
		turn.timeout.Stop()
		turn.release()
	}
}

// isUnadmitted tells what doesn't wait for its turn: files, health, and what has
// bounds of its own, which are streams and webhooks.
func isUnadmitted(path string) bool {
	return strings.HasPrefix(path, "/static/") || path == "/favicon.ico" || path == "/healthz" || path == "/readyz" || path == "/events" || path == WebhookPath
}
