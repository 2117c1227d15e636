package handlers_test

import (
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"neptun/db/dbtest"
	"neptun/handlers"
	"neptun/handlers/handlerstest"
)

// limited opens a Neptun that allows so many requests per minute.
func limited(t *testing.T, perMinute int, trusted ...string) *handlerstest.Stage {
	return limitedOn(t, dbtest.SQLite(t), perMinute, trusted...)
}

func limitedOn(t *testing.T, databaseURL string, perMinute int, trusted ...string) *handlerstest.Stage {
	return handlerstest.OpenAs(t, handlerstest.Shop(), databaseURL, "", func(c *handlers.Config) {
		c.RateLimit = perMinute
		for _, proxy := range trusted {
			c.TrustedProxies = append(c.TrustedProxies, netip.MustParsePrefix(proxy))
		}
	})
}

func TestRequestsPastTheRateLimitAreRefused(t *testing.T) {
	s := limited(t, 60)
	anna, again := s.LogIn("anna"), s.LogIn("anna")
	s.Clock.Advance(time.Minute)

	first := anna.Get("/api/users/me").Status(http.StatusOK)
	if first.Header.Get("X-RateLimit-Limit") != "60" || first.Header.Get("X-RateLimit-Remaining") != "59" {
		t.Errorf("the headers are %v", first.Header)
	}
	if reset, err := strconv.ParseInt(first.Header.Get("X-RateLimit-Reset"), 10, 64); err != nil || time.Unix(reset, 0).Sub(s.Clock.Now()).Abs() > 3*time.Second {
		t.Errorf("X-RateLimit-Reset %q: %v", first.Header.Get("X-RateLimit-Reset"), err)
	}
	refused := anna.Exhaust("/api/users/me", nil)
	if message := refused.Message(); !strings.Contains(message, "Wait 1 s") || refused.Header.Get("Retry-After") != "1" || refused.Header.Get("X-RateLimit-Remaining") != "0" ||
		refused.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("refused with %q and %v", message, refused.Header)
	}
	// The same on pages, in fragments, and for the two published lists.
	anna.Exhaust("/api/users/me/installations", nil).Message()
	page := anna.Exhaust("/installations", nil)
	if page.Text("main h1") == "" || !strings.Contains(page.Text("main"), "Too many requests") || page.Header.Get("Retry-After") == "" {
		t.Errorf("the page shows %q, Retry-After %q", page.Text("main"), page.Header.Get("Retry-After"))
	}
	if part := anna.Fragment("/installations", "installations").Status(http.StatusTooManyRequests); strings.Contains(part.Body, "<html") {
		t.Errorf("the fragment is %.200s", part.Body)
	}
	// A token has one limit, however it is sent. Another session has its own.
	s.Visit().Do(http.MethodGet, "/api/users/me", "", "", http.Header{"Authorization": {"Bearer " + anna.Session()}}).Status(http.StatusTooManyRequests)
	again.Get("/api/users/me").Status(http.StatusOK)
	s.Visit().Get("/login").Status(http.StatusOK)
	for _, path := range []string{"/healthz", "/readyz", "/favicon.ico"} {
		if a := anna.Get(path); a.StatusCode == http.StatusTooManyRequests {
			t.Errorf("%s is limited", path)
		}
	}
	s.Clock.Advance(2 * time.Second)
	anna.Get("/api/users/me").Status(http.StatusOK)
}

// A session is recognized from its first use, for any URL, and doesn't count
// towards the limit of its IP address.
func TestASessionIsRecognizedFromItsFirstUse(t *testing.T) {
	databaseURL := dbtest.SQLite(t)
	s := limitedOn(t, databaseURL, 30)
	v := s.LogIn("anna")
	record := v.Record("shop")
	for _, path := range []string{
		"/installations", "/api/users/me", "/api/users/me/installations", "/api/users/me/imports", "/api/users/me/installations/" + record + "/imports",
	} {
		s.Instance(databaseURL) // which knows no session yet
		v.Get(path).Status(http.StatusOK)
		s.Visit().Exhaust("/login", nil)
		v.Get(path).Status(http.StatusOK)
	}
}

// Invented credentials don't get a limit of their own.
func TestInventedCredentialsCountByTheirAddress(t *testing.T) {
	s := limited(t, 60)
	v := s.LogIn("anna")
	s.Clock.Advance(time.Minute)
	v.Get("/api/users/me").Status(http.StatusOK)
	stranger := s.Visit()
	for n := range 200 {
		a := stranger.Do(http.MethodGet, "/api/users/me", "", "", http.Header{"Authorization": {"Bearer made-up-" + strconv.Itoa(n)}})
		if a.StatusCode == http.StatusTooManyRequests {
			v.Get("/api/users/me").Status(http.StatusOK) // from the same address, with a session
			return
		}
		a.Status(http.StatusUnauthorized)
	}
	t.Error("a client that invents credentials is never refused")
}

func TestForwardedAddressesCountFromTrustedProxiesAlone(t *testing.T) {
	from := func(address string) http.Header { return http.Header{"X-Forwarded-For": {address}} }

	spoofed := limited(t, 20).Visit()
	spoofed.Exhaust("/login", nil)
	// It may be an unlisted proxy, so the others behind it are still allowed.
	spoofed.Do(http.MethodGet, "/login", "", "", from("192.0.2.1")).Status(http.StatusOK)
	refused := false
	for n := 0; n < 500 && !refused; n++ {
		refused = spoofed.Do(http.MethodGet, "/login", "", "", from("192.0.2."+strconv.Itoa(n%250))).StatusCode == http.StatusTooManyRequests
	}
	if !refused {
		t.Error("a client that invents addresses is never refused")
	}

	behind := limited(t, 20, "127.0.0.0/8", "::1/128").Visit()
	behind.Exhaust("/login", from("192.0.2.1"))
	behind.Do(http.MethodGet, "/login", "", "", from("192.0.2.2")).Status(http.StatusOK)
	behind.Do(http.MethodGet, "/login", "", "", from("203.0.113.9, 192.0.2.1")).Status(http.StatusTooManyRequests)
	// An IPv6 network of one customer counts as one address.
	behind.Exhaust("/login", from("2001:db8::1"))
	behind.Do(http.MethodGet, "/login", "", "", from("2001:db8::2")).Status(http.StatusTooManyRequests)
	behind.Do(http.MethodGet, "/login", "", "", from("2001:db8:0:1::1")).Status(http.StatusOK)
}

func TestWithoutARateLimitNothingIsRefused(t *testing.T) {
	v := limited(t, 0).Visit()
	for range 50 {
		if a := v.Get("/api/users/me").Status(http.StatusUnauthorized); a.Header.Get("X-RateLimit-Limit") != "" {
			t.Fatalf("a limit of %s", a.Header.Get("X-RateLimit-Limit"))
		}
	}
}
