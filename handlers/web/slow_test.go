package web

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
)

// deadlines is a connection that records its deadlines.
type deadlines struct {
	*httptest.ResponseRecorder
	read, write []time.Time
}

func (d *deadlines) SetReadDeadline(t time.Time) error {
	d.read = append(d.read, t)
	return nil
}

func (d *deadlines) SetWriteDeadline(t time.Time) error {
	d.write = append(d.write, t)
	return nil
}

// stalled is a body that stops arriving: the connection's deadline passes.
type stalled struct{ rest io.Reader }

func (s stalled) Read(p []byte) (int, error) {
	if n, err := s.rest.Read(p); err == nil {
		return n, nil
	}
	return 0, os.ErrDeadlineExceeded
}

func TestS1ASlowBodyIsRejected(t *testing.T) {
	const arrived = 10 * bodySpeed
	connection := &deadlines{ResponseRecorder: httptest.NewRecorder()}
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, WebhookPath, stalled{io.LimitReader(zeros{}, arrived)})
	c := echo.New().NewContext(request, connection)
	c.SetPath(WebhookPath)
	start := time.Now()
	err := NewIntake().Middleware(func(c echo.Context) error {
		_, err := io.Copy(io.Discard, c.Request().Body)
		return err
	})(c)
	if status(err) != http.StatusRequestTimeout {
		t.Fatalf("a body that stalls: %v", err)
	}
	near := func(got time.Time, want time.Duration) bool {
		return got.Sub(start) >= want && got.Sub(start) < want+time.Second
	}
	last := len(connection.read) - 1
	if !near(connection.read[0], bodyGrace) || !near(connection.read[last-1], bodyGrace+10*time.Second) || !connection.read[last].IsZero() {
		t.Errorf("deadlines from the start: %v, %v, then %v", connection.read[0].Sub(start), connection.read[last-1].Sub(start), connection.read[last])
	}
}

func TestS3ASlowReaderHasADeadline(t *testing.T) {
	connection := &deadlines{ResponseRecorder: httptest.NewRecorder()}
	start := time.Now()
	w := &deadlineWriter{w: connection, controller: http.NewResponseController(connection), start: start}
	for range 3 {
		if _, err := w.Write(make([]byte, 100*readSpeed)); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []time.Duration{readGrace, readGrace + 100*time.Second, readGrace + 200*time.Second} {
		if got := connection.write[i].Sub(start); got != want {
			t.Errorf("the deadline after %d bytes is %v, want %v", i*100*readSpeed, got, want)
		}
	}
	w.written = 1 << 40
	_, _ = w.Write([]byte("x"))
	if got := connection.write[3].Sub(start); got != streamTimeout {
		t.Errorf("a list may take %v", got)
	}
	if _, err := (&deadlineWriter{w: failing{}, controller: http.NewResponseController(connection), start: start}).Write([]byte("x")); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a client that stalls: %v", err)
	}
}

type failing struct{ bytes.Buffer }

func (failing) Write([]byte) (int, error) { return 0, os.ErrDeadlineExceeded }
