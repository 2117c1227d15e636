package web

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
)

// requestHost sends one request for a page through ownHost. location is where it redirects to, empty
// for the page itself.
func requestHost(t *testing.T, own, host, forwarded string, cookies ...*http.Cookie) (location string, answer *http.Response, err error) {
	t.Helper()
	address, err := url.Parse(own)
	if err != nil {
		t.Fatal(err)
	}
	site := Site{URL: address, TrustedProxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}
	request := httptest.NewRequest(http.MethodGet, "/installations?page=2", nil) // from 192.0.2.1
	request.Host = host
	if forwarded != "" {
		request.Header.Set("X-Forwarded-Host", forwarded)
	}
	for _, cookie := range cookies {
		request.AddCookie(cookie)
	}
	recorder := httptest.NewRecorder()
	err = site.ownHost(func(echo.Context) error { return nil })(echo.New().NewContext(request, recorder))
	return recorder.Header().Get("Location"), recorder.Result(), err
}

func TestR14NoRedirectToTheSameHost(t *testing.T) {
	for _, c := range []struct{ own, host, forwarded string }{
		{"https://neptun.example", "neptun.example", ""},
		{"https://neptun.example", "neptun.example:443", ""}, // nginx: Host $host:443
		{"https://neptun.example:443", "neptun.example", ""},
		{"http://neptun.example:80", "NEPTUN.example", ""},
		{"https://Neptun.Example", "neptun.example.", ""},
		{"https://bücher.example", "xn--bcher-kva.example", ""},
		{"https://xn--bcher-kva.example", "bücher.example:443", ""},
		{"http://[::1]:8080", "[0:0:0:0:0:0:0:1]:8080", ""},
		{"https://[2001:DB8::1]", "[2001:db8:0::1]:443", ""},
		{"https://neptun.example", "10.0.0.7:8080", "neptun.example, 10.0.0.7:8080"},
		{"https://neptun.example", "10.0.0.7:8080", "neptun.example:443"},
	} {
		if location, _, err := requestHost(t, c.own, c.host, c.forwarded); location != "" || err != nil {
			t.Errorf("%+v redirects to %q (%v)", c, location, err)
		}
	}
	for _, c := range []struct{ own, host, want string }{
		{"https://neptun.example", "neptun.example:8443", "https://neptun.example/installations?page=2"},
		{"http://localhost:8080", "127.0.0.1:8080", "http://localhost:8080/installations?page=2"},
	} {
		if location, _, err := requestHost(t, c.own, c.host, ""); location != c.want || err != nil {
			t.Errorf("%+v redirects to %q (%v)", c, location, err)
		}
	}
}

func TestR14ARedirectLoopIsAnErrorThatNamesTheSetting(t *testing.T) {
	location, answer, err := requestHost(t, "https://neptun.example", "upstream:8080", "")
	if location == "" || err != nil {
		t.Fatalf("the first request redirects to %q (%v)", location, err)
	}
	var wrong *Error
	location, _, err = requestHost(t, "https://neptun.example", "upstream:8080<b>", "", answer.Cookies()...)
	if location != "" || !errors.As(err, &wrong) || wrong.Status != http.StatusMisdirectedRequest {
		t.Fatalf("the second request redirects to %q (%v)", location, err)
	}
	for _, says := range []string{"upstream:8080", "https://neptun.example", "NEPTUN_TRUSTED_PROXIES", "NEPTUN_URL"} {
		if !strings.Contains(wrong.Message, says) {
			t.Errorf("%q doesn't mention %s", wrong.Message, says)
		}
	}
	if strings.Contains(wrong.Message, "<b>") {
		t.Errorf("%q repeats the client's input", wrong.Message)
	}
}
