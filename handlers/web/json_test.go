package web

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v4"
)

// A long response is sent while it is written. An error is returned only before that: half a
// response must not look complete.
func TestJSONIsSentWhileItIsWritten(t *testing.T) {
	t.Parallel()
	failure := errors.New("the database is gone")
	for _, sent := range []struct {
		bytes int
		err   error
	}{{10, nil}, {10, failure}, {3 * streamChunk, nil}, {3 * streamChunk, failure}} {
		recorder := httptest.NewRecorder()
		c := echo.New().NewContext(httptest.NewRequest(http.MethodPost, "/", nil), recorder)
		begun, aborted := false, false
		err := func() error {
			defer func() { aborted = recover() == http.ErrAbortHandler }() //nolint:errorlint // panics with this very value
			r := &Responder{logger: slog.New(slog.DiscardHandler)}
			return r.StreamJSON(c, func(w io.Writer) error {
				if _, err := w.Write(bytes.Repeat([]byte(" "), sent.bytes)); err != nil {
					return err
				}
				begun = c.Response().Committed
				return sent.err
			})
		}()
		long := sent.bytes > streamChunk
		if begun != long || aborted != (long && sent.err != nil) || !aborted && !errors.Is(err, sent.err) {
			t.Errorf("%d bytes, then %v: begun %v, aborted %v, error %v", sent.bytes, sent.err, begun, aborted, err)
		}
		if sent.err == nil && (recorder.Body.Len() != sent.bytes || recorder.Header().Get("Content-Type") != "application/json") {
			t.Errorf("%d bytes arrived of %d, as %q", recorder.Body.Len(), sent.bytes, recorder.Header().Get("Content-Type"))
		}
	}
}
