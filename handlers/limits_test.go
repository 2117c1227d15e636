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
)

// limited is a shop whose Neptun lets each ask so many times a minute.
func limited(t *testing.T, perMinute int, trusted ...string) *stage {
	return limitedOn(t, dbtest.SQLite(t), perMinute, trusted...)
}

func limitedOn(t *testing.T, databaseURL string, perMinute int, trusted ...string) *stage {
	return openAs(t, shop(), databaseURL, "", func(c *handlers.Config) {
		c.RateLimit = perMinute
		for _, proxy := range trusted {
			c.TrustedProxies = append(c.TrustedProxies, netip.MustParsePrefix(proxy))
		}
	})
}

// exhaust asks until it is refused, and gives the refusal.
func (v *visitor) exhaust(path string, header http.Header) answer {
	v.s.t.Helper()
	for range 200 {
		if a := v.do(http.MethodGet, path, "", "", header); a.StatusCode == http.StatusTooManyRequests {
			return a
		}
	}
	v.s.t.Fatalf("%s is never refused", path)
	return answer{}
}

func TestWhoAsksTooMuchWaits(t *testing.T) {
	s := limited(t, 60)
	anna, again := s.logIn("anna"), s.logIn("anna")
	s.clock.advance(time.Minute)

	first := anna.get("/api/users/me").status(http.StatusOK)
	if first.header("X-RateLimit-Limit") != "60" || first.header("X-RateLimit-Remaining") != "59" {
		t.Errorf("the headers say %v", first.Header)
	}
	if reset, err := strconv.ParseInt(first.header("X-RateLimit-Reset"), 10, 64); err != nil || time.Unix(reset, 0).Sub(s.clock.Now()).Abs() > 3*time.Second {
		t.Errorf("X-RateLimit-Reset %q: %v", first.header("X-RateLimit-Reset"), err)
	}
	refused := anna.exhaust("/api/users/me", nil)
	if message := refused.message(); !strings.Contains(message, "Wait 1 s") || refused.header("Retry-After") != "1" || refused.header("X-RateLimit-Remaining") != "0" ||
		refused.header("Cache-Control") != "no-store" {
		t.Errorf("refused with %q and %v", message, refused.Header)
	}
	// On pages and in parts of them, and for the two published lists.
	anna.exhaust("/api/users/me/installations", nil).message()
	page := anna.exhaust("/installations", nil)
	if page.text("main h1") == "" || !strings.Contains(page.text("main"), "Too many requests") || page.header("Retry-After") == "" {
		t.Errorf("the page says %q, Retry-After %q", page.text("main"), page.header("Retry-After"))
	}
	if part := anna.fragment("/installations", "installations").status(http.StatusTooManyRequests); strings.Contains(part.body, "<html") {
		t.Errorf("the fragment is %.200s", part.body)
	}
	// The same token sent another way is the same token; another session isn't.
	s.visit().do(http.MethodGet, "/api/users/me", "", "", http.Header{"Authorization": {"Bearer " + anna.session()}}).status(http.StatusTooManyRequests)
	again.get("/api/users/me").status(http.StatusOK)
	s.visit().get("/login").status(http.StatusOK)
	for _, path := range []string{"/healthz", "/readyz", "/favicon.ico"} {
		if a := anna.get(path); a.StatusCode == http.StatusTooManyRequests {
			t.Errorf("%s is limited", path)
		}
	}
	s.clock.advance(2 * time.Second)
	anna.get("/api/users/me").status(http.StatusOK)
}

// Whichever address a session is used for first, it is known from then on, and
// waits for nobody else at its place.
func TestASessionIsKnownFromItsFirstUse(t *testing.T) {
	databaseURL := dbtest.SQLite(t)
	s := limitedOn(t, databaseURL, 30)
	v := s.logIn("anna")
	record := v.record("shop")
	for _, path := range []string{
		"/installations", "/api/users/me", "/api/users/me/installations", "/api/users/me/imports", "/api/users/me/installations/" + record + "/imports",
	} {
		s.instance(databaseURL) // which knows nobody
		v.get(path).status(http.StatusOK)
		s.visit().exhaust("/login", nil)
		v.get(path).status(http.StatusOK)
	}
}

// Credentials that somebody makes up don't bring a limit each.
func TestMadeUpCredentialsCountByTheirPlace(t *testing.T) {
	s := limited(t, 60)
	v := s.logIn("anna")
	s.clock.advance(time.Minute)
	v.get("/api/users/me").status(http.StatusOK)
	stranger := s.visit()
	for n := range 200 {
		a := stranger.do(http.MethodGet, "/api/users/me", "", "", http.Header{"Authorization": {"Bearer made-up-" + strconv.Itoa(n)}})
		if a.StatusCode == http.StatusTooManyRequests {
			v.get("/api/users/me").status(http.StatusOK) // from the same place, and known
			return
		}
		a.status(http.StatusUnauthorized)
	}
	t.Error("whoever makes up credentials is never refused")
}

func TestForwardedAddressesCountFromTrustedProxiesAlone(t *testing.T) {
	from := func(address string) http.Header { return http.Header{"X-Forwarded-For": {address}} }

	spoofed := limited(t, 20).visit()
	spoofed.exhaust("/login", nil)
	// It may be a proxy that nobody named, so the others behind it are still let in.
	spoofed.do(http.MethodGet, "/login", "", "", from("192.0.2.1")).status(http.StatusOK)
	refused := false
	for n := 0; n < 500 && !refused; n++ {
		refused = spoofed.do(http.MethodGet, "/login", "", "", from("192.0.2."+strconv.Itoa(n%250))).StatusCode == http.StatusTooManyRequests
	}
	if !refused {
		t.Error("whoever makes up addresses is never refused")
	}

	behind := limited(t, 20, "127.0.0.0/8", "::1/128").visit()
	behind.exhaust("/login", from("192.0.2.1"))
	behind.do(http.MethodGet, "/login", "", "", from("192.0.2.2")).status(http.StatusOK)
	behind.do(http.MethodGet, "/login", "", "", from("203.0.113.9, 192.0.2.1")).status(http.StatusTooManyRequests)
	// One customer's network of IPv6 is one place.
	behind.exhaust("/login", from("2001:db8::1"))
	behind.do(http.MethodGet, "/login", "", "", from("2001:db8::2")).status(http.StatusTooManyRequests)
	behind.do(http.MethodGet, "/login", "", "", from("2001:db8:0:1::1")).status(http.StatusOK)
}

func TestWithoutALimitNobodyWaits(t *testing.T) {
	v := limited(t, 0).visit()
	for range 50 {
		if a := v.get("/api/users/me").status(http.StatusUnauthorized); a.header("X-RateLimit-Limit") != "" {
			t.Fatalf("a limit of %s", a.header("X-RateLimit-Limit"))
		}
	}
}
