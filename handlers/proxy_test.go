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

// Behind a proxy that terminates TLS, requests arrive by HTTP, with the proxy's host name or
// the original one.
func TestP21NoSignInLoopBehindATLSProxy(t *testing.T) {
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
		t.Errorf("the sign-in cookie isn't Secure: %v", attempt)
	}
	back, err := url.Parse(v.Approve(start.Header.Get("Location"), "marin"))
	handlerstest.Must(t, err)
	if back.Scheme+"://"+back.Host != "https://neptun.example" {
		t.Errorf("GitHub redirects to %s", back)
	}
	done := v.Do(http.MethodGet, back.RequestURI(), "", "", http.Header{"Cookie": {attempt.Name + "=" + attempt.Value + "; " + browser.Name + "=" + browser.Value}}).Status(http.StatusSeeOther)
	session := handlerstest.FindCookie(done, "neptun-session")
	if session == nil || !session.Secure {
		t.Fatalf("the session's cookie is %v, want it Secure", session)
	}
	if done.Header.Get("Strict-Transport-Security") == "" {
		t.Error("Strict-Transport-Security is missing")
	}
	v.Do(http.MethodGet, "/installations", "", "", http.Header{"Cookie": {session.Name + "=" + session.Value}}).Status(http.StatusOK)
}

func TestForwardedHostIsTrustedFromTrustedProxiesOnly(t *testing.T) {
	s := handlerstest.OpenAs(t, sandbox.DemoWorld(), dbtest.SQLite(t), "https://neptun.example")
	a := s.Visit().Do(http.MethodGet, "/login", "", "", http.Header{"X-Forwarded-Host": {"neptun.example"}}).Status(http.StatusTemporaryRedirect)
	if to := a.Header.Get("Location"); to != "https://neptun.example/login" {
		t.Errorf("redirects to %s", to)
	}
}

func TestSecurityHeaders(t *testing.T) {
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
