package web

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/sync/semaphore"
)

// arrive reads a body of n bytes into memory; end ends its request.
func arrive(t *testing.T, intake *Intake, path string, n int, announced int64) (end func(), err error) {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, io.LimitReader(zeros{}, int64(n)))
	request.ContentLength = announced
	c := echo.New().NewContext(request, httptest.NewRecorder())
	c.SetPath(path)
	read, ended := make(chan error, 1), make(chan struct{})
	go func() {
		refused := intake.Middleware(func(c echo.Context) error {
			_, err := io.Copy(io.Discard, c.Request().Body)
			read <- err
			<-ended
			return nil
		})(c)
		if refused != nil {
			read <- refused
		}
	}()
	return func() { close(ended) }, <-read
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func status(err error) int {
	var known *Error
	if errors.As(err, &known) {
		return known.Status
	}
	return 0
}

func TestS1BodiesAreCountedAsTheyArrive(t *testing.T) {
	intake := NewIntake()
	var ends []func()
	for range 2 {
		// Announced bytes aren't reserved.
		end, err := arrive(t, intake, WebhookPath, MaxWebhook, -1)
		if err != nil {
			t.Fatal(err)
		}
		ends = append(ends, end)
	}
	if end, err := arrive(t, intake, WebhookPath, MaxWebhook, -1); status(err) != http.StatusServiceUnavailable {
		t.Errorf("a third body of 25 MB: %v", err)
	} else {
		end()
	}
	for range 100 { // small bodies have a budget of their own
		end, err := arrive(t, intake, WebhookPath, smallBody, smallBody)
		if err != nil {
			t.Fatalf("a small body beside large ones: %v", err)
		}
		ends = append(ends, end)
	}
	for _, end := range ends {
		end()
	}
	for _, budget := range []struct {
		*semaphore.Weighted
		size int64
	}{{intake.large, largeBodies}, {intake.small, smallBodies}} {
		for !budget.TryAcquire(budget.size) {
			time.Sleep(time.Millisecond) // until everything is released
		}
	}
}

func TestS1TheSizeOfABodyIsLimited(t *testing.T) {
	intake := NewIntake()
	for name, c := range map[string]struct {
		path      string
		n         int
		announced int64
		want      int
	}{
		"as much as there may be": {"/x", maxBody, maxBody, 0},
		"more than announced":     {"/x", maxBody + 1, -1, http.StatusRequestEntityTooLarge},
		"more, announced":         {"/x", 0, maxBody + 1, http.StatusRequestEntityTooLarge},
		"a webhook":               {WebhookPath, maxBody + 1, -1, 0},
		"more than a webhook":     {WebhookPath, MaxWebhook + 1, -1, http.StatusRequestEntityTooLarge},
	} {
		end, err := arrive(t, intake, c.path, c.n, c.announced)
		end()
		if status(err) != c.want || (c.want == 0 && err != nil) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An incomplete form isn't treated as an empty one.
func TestS1AFormThatIsTooLargeIsAnError(t *testing.T) {
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/x", bytes.NewReader(bytes.Repeat([]byte("a=b&"), maxBody/4+1)))
	request.ContentLength = -1
	request.Header.Set("Content-Type", echo.MIMEApplicationForm)
	c := echo.New().NewContext(request, httptest.NewRecorder())
	if err := NewIntake().Middleware(parseForm)(c); status(err) != http.StatusRequestEntityTooLarge {
		t.Errorf("parsed with the error %v", err)
	}
}
