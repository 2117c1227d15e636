package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
	"neptun/sandbox"
)

// Behind a proxy that ends TLS, the inner hop is http, and the host may be
// ours or the one that people asked for.
func TestP21NoLoginLoopBehindATLSProxy(t *testing.T) {
	s := handlerstest.OpenAs(t, sandbox.DemoWorld(), dbtest.SQLite(t), "https://neptun.example")
	transport := &http.Transport{Proxy: func(*http.Request) (*url.URL, error) { return nil, nil }}
	v := s.Visit()
	v.Client.Transport = handlerstest.RoundTrip(func(r *http.Request) (*http.Response, error) {
		r.Host = "neptun.example"
		return transport.RoundTrip(r)
	})
	v.Client.Jar = nil

	start := v.Get("/auth/github").Status(http.StatusSeeOther)
	attempt, browser := start.Cookies()[0], handlerstest.FindCookie(start, "__Host-neptun-browser")
	if !attempt.Secure || !attempt.HttpOnly {
		t.Errorf("the cookie of the login may travel in the clear: %v", attempt)
	}
	back, err := url.Parse(v.Approve(start.Header.Get("Location"), "marin"))
	handlerstest.Must(t, err)
	if back.Scheme+"://"+back.Host != "https://neptun.example" {
		t.Errorf("GitHub sends people to %s", back)
	}
	done := v.Do(http.MethodGet, back.RequestURI(), "", "", http.Header{"Cookie": {attempt.Name + "=" + attempt.Value + "; " + browser.Name + "=" + browser.Value}}).Status(http.StatusSeeOther)
	session := handlerstest.FindCookie(done, "neptun-session")
	if session == nil || !session.Secure {
		t.Fatalf("the session's cookie is %v, want it Secure", session)
	}
	if done.Header.Get("Strict-Transport-Security") == "" {
		t.Error("browsers aren't told to stay with https")
	}
	v.Do(http.MethodGet, "/installations", "", "", http.Header{"Cookie": {session.Name + "=" + session.Value}}).Status(http.StatusOK)
}

func TestForwardedHostIsBelievedFromTrustedProxiesAlone(t *testing.T) {
	s := handlerstest.OpenAs(t, sandbox.DemoWorld(), dbtest.SQLite(t), "https://neptun.example")
	a := s.Visit().Do(http.MethodGet, "/login", "", "", http.Header{"X-Forwarded-Host": {"neptun.example"}}).Status(http.StatusTemporaryRedirect)
	if to := a.Header.Get("Location"); to != "https://neptun.example/login" {
		t.Errorf("leads to %s", to)
	}
}

// RoundTrip is a function as an http.RoundTripper.

// RoundTrip implements http.RoundTripper.

func TestHeadersKeepBrowsersSafe(t *testing.T) {
	s := handlerstest.Open(t, handlerstest.Shop())
	for _, path := range []string{"/", "/login", "/nothing", "/api/users/me", "/static/nothing"} {
		a := s.Visit().Get(path)
		policy := a.Header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"} {
			if !strings.Contains(policy, part) {
				t.Errorf("%s: the policy lacks %s: %s", path, part, policy)
			}
		}
		if strings.Contains(policy, "unsafe") {
			t.Errorf("%s: the policy is unsafe: %s", path, policy)
		}
		if a.Header.Get("X-Content-Type-Options") != "nosniff" || a.Header.Get("Referrer-Policy") == "" || a.Header.Get("Permissions-Policy") == "" {
			t.Errorf("%s: headers are missing: %v", path, a.Header)
		}
	}
}
