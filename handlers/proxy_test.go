package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/sandbox"
)

// Behind a proxy that ends TLS, the inner hop is http, and the host may be
// ours or the one that people asked for.
func TestP21NoLoginLoopBehindATLSProxy(t *testing.T) {
	s := openAs(t, sandbox.DemoWorld(), dbtest.SQLite(t), "https://neptun.example")
	transport := &http.Transport{Proxy: func(*http.Request) (*url.URL, error) { return nil, nil }}
	v := s.visit()
	v.client.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
		r.Host = "neptun.example"
		return transport.RoundTrip(r)
	})
	v.client.Jar = nil

	start := v.get("/auth/github").status(http.StatusSeeOther)
	attempt, browser := start.Cookies()[0], findCookie(start, "__Host-neptun-browser")
	if !attempt.Secure || !attempt.HttpOnly {
		t.Errorf("the cookie of the login may travel in the clear: %v", attempt)
	}
	back, err := url.Parse(v.approve(start.header("Location"), "marin"))
	must(t, err)
	if back.Scheme+"://"+back.Host != "https://neptun.example" {
		t.Errorf("GitHub sends people to %s", back)
	}
	done := v.do(http.MethodGet, back.RequestURI(), "", "", http.Header{"Cookie": {attempt.Name + "=" + attempt.Value + "; " + browser.Name + "=" + browser.Value}}).status(http.StatusSeeOther)
	session := findCookie(done, "neptun-session")
	if session == nil || !session.Secure {
		t.Fatalf("the session's cookie is %v, want it Secure", session)
	}
	if done.header("Strict-Transport-Security") == "" {
		t.Error("browsers aren't told to stay with https")
	}
	v.do(http.MethodGet, "/installations", "", "", http.Header{"Cookie": {session.Name + "=" + session.Value}}).status(http.StatusOK)
}

func TestForwardedHostIsBelievedFromTrustedProxiesAlone(t *testing.T) {
	s := openAs(t, sandbox.DemoWorld(), dbtest.SQLite(t), "https://neptun.example")
	a := s.visit().do(http.MethodGet, "/login", "", "", http.Header{"X-Forwarded-Host": {"neptun.example"}}).status(http.StatusTemporaryRedirect)
	if to := a.header("Location"); to != "https://neptun.example/login" {
		t.Errorf("leads to %s", to)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestHeadersKeepBrowsersSafe(t *testing.T) {
	s := open(t, shop())
	for _, path := range []string{"/", "/login", "/nothing", "/api/users/me", "/static/nothing"} {
		a := s.visit().get(path)
		policy := a.header("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"} {
			if !strings.Contains(policy, part) {
				t.Errorf("%s: the policy lacks %s: %s", path, part, policy)
			}
		}
		if strings.Contains(policy, "unsafe") {
			t.Errorf("%s: the policy is unsafe: %s", path, policy)
		}
		if a.header("X-Content-Type-Options") != "nosniff" || a.header("Referrer-Policy") == "" || a.header("Permissions-Policy") == "" {
			t.Errorf("%s: headers are missing: %v", path, a.Header)
		}
	}
}
