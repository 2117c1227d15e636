package web

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
)

// replies serves a reply that build writes, as Stored does.
func replies(t *testing.T, build func(*Reply) error) (server *httptest.Server, log *bytes.Buffer) {
	t.Helper()
	log = &bytes.Buffer{}
	responder, err := NewResponder(&url.URL{}, "test", 1, NewShares(ShareOptions{}), slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	e := echo.New()
	e.HTTPErrorHandler = func(err error, c echo.Context) {
		_, _ = log.WriteString(err.Error())
		if !c.Response().Committed {
			_ = c.NoContent(http.StatusInternalServerError)
		}
	}
	var one sync.Mutex // the next request finds that the last one has ended
	e.GET("/api", func(c echo.Context) error {
		one.Lock()
		defer one.Unlock()
		return responder.Stored(c, "version", build)
	})
	server = httptest.NewServer(e)
	t.Cleanup(server.Close)
	return server, log
}

// A long list that fails half-way aborts the connection, so that it isn't mistaken for a complete one. A
// short one becomes an ordinary error.
func TestAnIncompleteListLooksIncomplete(t *testing.T) {
	for name, length := range map[string]int{"short": 10, "long": 2 * maxCachedReply} {
		for _, coding := range []string{"gzip", "identity"} {
			server, log := replies(t, func(r *Reply) error {
				r.Begin("version", Formats[0].Header("", nil))
				if _, err := io.WriteString(r, strings.Repeat("[", length)); err != nil {
					return err
				}
				return errors.New("the database went away")
			})
			for range 2 { // the first must have freed its slot
				request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/api", nil)
				if err != nil {
					t.Fatal(err)
				}
				request.Header.Set("Accept-Encoding", coding)
				status := 0
				answer, err := http.DefaultClient.Do(request)
				if err == nil {
					status = answer.StatusCode
					_, err = io.Copy(io.Discard, answer.Body)
					_ = answer.Body.Close()
				}
				if long := name == "long"; (err != nil) != long || (status == http.StatusInternalServerError) == long {
					t.Errorf("%s, %s: status %d, error %v", name, coding, status, err)
				}
			}
			server.Close()
			if !strings.Contains(log.String(), "the database went away") {
				t.Errorf("%s: the log has no cause: %s", name, log)
			}
		}
	}
}

// A long list of a user who reads another one waits for it outside of the reading, and
// is refused after a while.
func TestS3ALongListWaitsForTheUsersOther(t *testing.T) {
	for name, otherEnds := range map[string]bool{"the other ends": true, "it doesn't": false} {
		shares := NewShares(ShareOptions{Wait: time.Minute})
		if !otherEnds {
			shares.wait = time.Millisecond
		}
		responder, err := NewResponder(&url.URL{}, "test", 1, shares, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		other, c := requestOf(t.Context(), t), requestOf(t.Context(), t)
		if err := shares.Enter(other, "ada", LaneLongList); err != nil {
			t.Fatal(err)
		}
		var encodings, reading int
		err = responder.Stored(c, "version", func(r *Reply) error {
			encodings++
			reading++
			defer func() { reading-- }()
			if err := shares.Enter(c, "ada", LaneRead); err != nil {
				return err
			}
			defer LeaveShare(c)
			r.Begin("version", Formats[0].Header("", nil))
			if otherEnds && encodings == 1 {
				go func() {
					for shares.using("ada", LaneLongList) < 2 {
						time.Sleep(time.Millisecond)
					}
					if reading > 0 {
						t.Error("it waits in the middle of the sync")
					}
					LeaveShare(other)
				}()
			}
			_, err := io.WriteString(r, strings.Repeat("[", 2*maxCachedReply))
			return err
		})
		if sent := c.Response().Size; otherEnds && (err != nil || encodings != 2 || sent != 2*maxCachedReply) {
			t.Errorf("%s: %v, made %d times, %d bytes", name, err, encodings, sent)
		}
		if !otherEnds && !errors.Is(err, errShare) {
			t.Errorf("%s: %v", name, err)
		}
		if n := shares.using("ada", LaneLongList); otherEnds && n != 0 {
			t.Errorf("%s: %d slots are still held", name, n)
		}
	}
}

func TestOnlyShortRepliesAreCached(t *testing.T) {
	for _, length := range []int{maxCachedReply, maxCachedReply + 1} {
		encodings := 0
		server, _ := replies(t, func(r *Reply) error {
			encodings++
			r.Begin("version", Formats[0].Header("", nil))
			_, err := io.WriteString(r, strings.Repeat("[", length))
			return err
		})
		for range 2 {
			answer, err := http.Get(server.URL + "/api")
			if err != nil {
				t.Fatal(err)
			}
			if n, err := io.Copy(io.Discard, answer.Body); err != nil || n != int64(length) {
				t.Errorf("%d bytes of %d: %v", n, length, err)
			}
			_ = answer.Body.Close()
		}
		if want := 1 + length - maxCachedReply; encodings != want {
			t.Errorf("a reply of %d bytes is built %d times, want %d", length, encodings, want)
		}
	}
}

// HTTP/1.0 has no chunks, so the end of a connection is the end of a reply. A long reply is sent
// with its length, and a failed one isn't sent.
func TestR17NoIncompleteReplyToHTTP10LooksComplete(t *testing.T) {
	for name, failure := range map[string]error{"whole": nil, "failing": errors.New("the database went away")} {
		server, _ := replies(t, func(r *Reply) error {
			r.Begin("version", Formats[0].Header("", nil))
			if _, err := io.WriteString(r, strings.Repeat("[", maxCachedReply)+"x"); err != nil {
				return err
			}
			return failure
		})
		for range 2 { // the first must have freed its slot
			connection, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.WriteString(connection, "GET /api HTTP/1.0\r\nHost: neptun.example\r\n\r\n")
			answer, err := http.ReadResponse(bufio.NewReader(connection), nil)
			if err != nil {
				t.Fatal(err)
			}
			length, _ := io.Copy(io.Discard, answer.Body)
			_ = connection.Close()
			if ok := answer.StatusCode == http.StatusOK; ok != (failure == nil) || ok && (answer.ContentLength != maxCachedReply+1 || length != answer.ContentLength) {
				t.Errorf("%s: status %d, length %d of %d", name, answer.StatusCode, length, answer.ContentLength)
			}
		}
	}
}

func TestAcceptChoosesTheFormat(t *testing.T) {
	for accept, want := range map[string]string{
		"":                            "json",
		"*/*":                         "json",
		"application/json":            "json",
		"application/*":               "json",
		"application/vnd.github+json": "json",
		"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8": "json",
		"text/csv":                                 "csv",
		"text/*":                                   "csv",
		"Text/CSV; charset=utf-8":                  "csv",
		"application/json;q=0.5, text/csv":         "csv",
		"text/csv;q=0.5, application/json":         "json",
		"text/csv;q=0.5, */*;q=0.1":                "csv",
		"application/json;q=0, */*":                "csv",
		"application/json;q=0, text/csv;q=0, */*":  "ndjson",
		"application/x-ndjson":                     "ndjson",
		"application/ndjson":                       "ndjson",
		"application/x-ndjson, text/csv;q=x":       "ndjson",
		"text/csv;q=2, application/x-ndjson;q=0.1": "ndjson",
		"text/html":                                "",
		"application/json;q=0":                     "",
		"nonsense":                                 "",
		";,;":                                      "",
	} {
		request := httptest.NewRequest(http.MethodGet, "/", nil)
		if accept != "" {
			request.Header.Set("Accept", accept)
		}
		got, err := ReadFormat(echo.New().NewContext(request, nil))
		if got.Name != want || (want == "") != errors.Is(err, errNotAcceptable) || got.download {
			t.Errorf("Accept %q: %q, %v; want %q", accept, got.Name, err, want)
		}
	}
}

// The links of a page repeat the requested URL: many long URLs must not fill the memory,
// however short the replies are.
func TestCachedRepliesCountTheirMemory(t *testing.T) {
	bodies, err := newCache()
	if err != nil {
		t.Fatal(err)
	}
	long := http.Header{"Link": {strings.Repeat("x", cachedBytes/10)}}
	for n := range 100 {
		bodies.Set(fmt.Sprint(n), &body{[]byte("[]"), long})
	}
	bodies.CleanUp()
	if cached := bodies.EstimatedSize(); cached > 10 {
		t.Errorf("%d of them are cached", cached)
	}
}
