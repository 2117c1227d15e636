package web

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
)

func TestO6RequestsThatAreNotAdmittedAreRejected(t *testing.T) {
	t.Parallel()
	admission := NewAdmission(1)
	shed := 0
	admission.Shed = func() { shed++ }
	e := echo.New()
	var (
		inside  = make(chan echo.Context)
		proceed = make(chan struct{})
	)
	hold := admission.Middleware(func(c echo.Context) error { inside <- c; <-proceed; return nil })
	ends := make(chan error)
	request := func(path string) echo.Context {
		return e.NewContext(httptest.NewRequest(http.MethodGet, path, nil), httptest.NewRecorder())
	}
	var first echo.Context
	for range admissionPerConnection {
		go func() { ends <- hold(request("/installations")) }()
		first = <-inside
	}
	pass := admission.Middleware(func(echo.Context) error { return nil })
	began := time.Now()
	if err := pass(request("/imports")); !errors.Is(err, ErrOverloaded) || shed != 1 {
		t.Errorf("without a free slot: %v, %d rejected", err, shed)
	}
	if took := time.Since(began); took < admissionWait {
		t.Errorf("rejected after %v, without a wait", took)
	}
	for _, path := range []string{"/healthz", "/readyz", "/static/x.css", "/events"} {
		if err := pass(request(path)); err != nil {
			t.Errorf("%s waits for the database's connections: %v", path, err)
		}
	}
	Unbound(first)
	Unbound(first) // a second call has no effect
	if err := pass(request("/imports")); err != nil {
		t.Errorf("a request that waits for GitHub blocks others: %v", err)
	}
	close(proceed)
	for range admissionPerConnection {
		if err := <-ends; err != nil {
			t.Error(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := admission.wait(ctx); err != nil {
		t.Errorf("all slots are free: %v", err)
	}
}
