package web

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/labstack/echo/v4"
)

// site returns a Site at an address, and its log.
func site(t *testing.T, address string) (Site, *bytes.Buffer) {
	t.Helper()
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	logs := &bytes.Buffer{}
	return Site{URL: parsed, Logger: slog.New(slog.NewTextHandler(logs, nil)), Warned: &sync.Once{}}, logs
}

// call sends a request from an address through middleware.
func call(t *testing.T, m echo.MiddlewareFunc, target, from string, header http.Header) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
	request.RemoteAddr = from
	for name, values := range header {
		request.Header[name] = values
	}
	recorder := httptest.NewRecorder()
	e := echo.New()
	e.IPExtractor = echo.ExtractIPDirect()
	if err := m(func(c echo.Context) error { return c.NoContent(http.StatusNoContent) })(e.NewContext(request, recorder)); err != nil {
		t.Fatal(err)
	}
	return recorder
}

func TestS6PathsInTheLogAreTruncated(t *testing.T) {
	logs := &bytes.Buffer{}
	m := logRequests(slog.New(slog.NewTextHandler(logs, nil)))
	call(t, m, "/"+strings.Repeat("a", 5000)+"?code=secret", "192.0.2.1:1", nil)
	if line := logs.String(); strings.Count(line, "a") > 250 || strings.Contains(line, "secret") || !strings.Contains(line, "path=/aaa") {
		t.Errorf("logged %d bytes: %.300s", len(line), line)
	}
}

func TestS6TheLogOfANetworkIsLimited(t *testing.T) {
	logs := &bytes.Buffer{}
	m := logRequests(slog.New(slog.NewTextHandler(logs, nil)))
	for range loggedRequests + 2000 {
		call(t, m, "/", "192.0.2.1:1", nil)
	}
	call(t, m, "/", "198.51.100.1:1", nil)
	lines := logs.String()
	if n := strings.Count(lines, "address=192.0.2.1"); n < loggedRequests || n > loggedRequests+1000 {
		t.Errorf("%d of %d requests are logged", n, loggedRequests+2000)
	}
	if strings.Count(lines, "one network sends more") != 1 || strings.Count(lines, "address=198.51.100.1") != 1 {
		t.Error("there is no warning about missing lines, or another network's lines are missing")
	}
}

func TestS7AnUntrustedProxyIsLoggedOnce(t *testing.T) {
	s, logs := site(t, "https://neptun.example")
	s.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	origin := func(from, forwarded string) (o Origin) {
		header := http.Header{}
		if forwarded != "" {
			header.Set("X-Forwarded-For", forwarded)
		}
		call(t, func(next echo.HandlerFunc) echo.HandlerFunc {
			return func(c echo.Context) error { o = s.Origin(c); return next(c) }
		}, "/", from, header)
		return o
	}
	if o := origin("10.1.2.3:1", "192.0.2.7"); o.Claimed.IsValid() || logs.Len() > 0 {
		t.Errorf("from a trusted proxy: %+v, %s", o, logs)
	}
	if o := origin("192.0.2.1:1", ""); o.Claimed.IsValid() || logs.Len() > 0 {
		t.Errorf("without X-Forwarded-For: %+v, %s", o, logs)
	}
	for range 3 {
		one, other := origin("192.0.2.1:1", "1.1.1.1, 198.51.100.7"), origin("192.0.2.1:1", "198.51.100.99, 203.0.113.8")
		if one == other || one.Peer != other.Peer {
			t.Errorf("two clients of a proxy are %+v and %+v", one, other)
		}
	}
	if warned := strings.Count(logs.String(), "NEPTUN_TRUSTED_PROXIES"); warned != 1 {
		t.Errorf("logged %d times: %s", warned, logs)
	}
}

func TestS11HeadersKeepOtherSitesOut(t *testing.T) {
	for _, c := range []struct {
		address    string
		subdomains bool
		want       string
	}{
		{"https://neptun.example", false, "max-age=31536000"},
		{"https://neptun.example", true, "max-age=31536000; includeSubDomains"},
		{"http://localhost:8080", true, ""},
	} {
		s, _ := site(t, c.address)
		s.HSTSSubdomains = c.subdomains
		header := call(t, s.secureHeaders(), "/", "192.0.2.1:1", nil).Header()
		if got := header.Get("Strict-Transport-Security"); got != c.want {
			t.Errorf("%s: Strict-Transport-Security %q, want %q", c.address, got, c.want)
		}
		for name, want := range map[string]string{
			"Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin", "X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff",
		} {
			if got := header.Get(name); got != want {
				t.Errorf("%s: %s %q, want %q", c.address, name, got, want)
			}
		}
	}
}
