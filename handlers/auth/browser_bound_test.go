package auth_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
	"neptun/sandbox"
)

const secureURL = "https://neptun.example"

func twoPeople() *sandbox.World {
	w := sandbox.NewWorld()
	w.Accounts.AddUser(sandbox.User{Login: "ada"})
	w.Accounts.AddUser(sandbox.User{Login: "bob"})
	return w
}

// Cookies implements http.CookieJar.

// SetCookies implements http.CookieJar.

var fromBrowser = http.Header{"Sec-Fetch-Site": {"same-origin"}}

func withCookies(header http.Header, cookies ...string) http.Header {
	h := header.Clone()
	h.Set("Cookie", strings.Join(cookies, "; "))
	return h
}

func TestS2ASessionCountsOnlyInTheBrowserItIsBoundTo(t *testing.T) {
	t.Parallel()
	s := handlerstest.OpenAs(t, twoPeople(), dbtest.SQLite(t), secureURL)
	mallory := s.VisitSecurely().SignInSecurely("bob")
	victim := s.VisitSecurely().SignInSecurely("ada")
	browser := victim.CookieValue("/", "__Host-neptun-browser")
	own, planted := victim.CookieValue("/", "neptun-session"), mallory.CookieValue("/", "neptun-session")
	bare := s.VisitSecurely()
	bare.Client.Jar = nil
	who := func(header http.Header) string {
		t.Helper()
		a := bare.Do(http.MethodGet, "/api/users/me", "", "", header)
		if a.StatusCode == http.StatusUnauthorized {
			return ""
		}
		login, _ := a.Status(http.StatusOK).Object()["github_login"].(string)
		return login
	}
	cookie := func(c *http.Cookie) string { return c.Name + "=" + c.Value }
	for _, c := range []struct {
		name   string
		header http.Header
		want   string
	}{
		{"a browser with its own", withCookies(fromBrowser, cookie(browser), cookie(own)), "ada"},
		{"a planted session alone", withCookies(fromBrowser, cookie(browser), cookie(planted)), ""},
		{"a planted session first", withCookies(fromBrowser, cookie(planted), cookie(browser), cookie(own)), "ada"},
		{"a planted session last", withCookies(fromBrowser, cookie(browser), cookie(own), cookie(planted)), "ada"},
		{"no browser's cookie", withCookies(fromBrowser, cookie(own)), ""},
		{"another browser's cookie", withCookies(fromBrowser, browser.Name+"=X", cookie(own)), ""},
		{"a script", withCookies(http.Header{}, cookie(own)), "ada"},
		{"a script with the same twice", withCookies(http.Header{}, cookie(own), cookie(own)), "ada"},
		{"a script with two", withCookies(http.Header{}, cookie(own), cookie(planted)), ""},
		{"a Bearer token", http.Header{"Sec-Fetch-Site": {"same-origin"}, "Authorization": {"Bearer " + own.Value}}, "ada"},
	} {
		if got := who(c.header); got != c.want {
			t.Errorf("%s is %q, want %q", c.name, got, c.want)
		}
	}
	if a := bare.Do(http.MethodGet, "/installations", "", "", withCookies(fromBrowser, cookie(browser), cookie(planted))); a.StatusCode != http.StatusUnauthorized {
		t.Errorf("a page accepts a planted session: %d", a.StatusCode)
	}
}

// A cookie from a sibling domain can't complete another browser's sign-in attempt, or displace
// the browser's own attempts.
func TestS2AnAttemptBelongsToItsBrowser(t *testing.T) {
	t.Parallel()
	s := handlerstest.OpenAs(t, twoPeople(), dbtest.SQLite(t), secureURL)
	mallory := s.VisitSecurely()
	back, err := url.Parse(mallory.Approve(mallory.Get("/auth/github").Header.Get("Location"), "bob"))
	handlerstest.Must(t, err)
	attempt := mallory.CookieValue("/auth/github/callback", "__Secure-neptun-login-")
	victim := s.VisitSecurely().SignInSecurely("ada")
	browser := victim.CookieValue("/", "__Host-neptun-browser")
	for name, cookies := range map[string][]string{
		"another browser": {attempt.Name + "=" + attempt.Value, browser.Name + "=" + browser.Value},
		"no browser":      {attempt.Name + "=" + attempt.Value},
	} {
		bare := s.VisitSecurely()
		bare.Client.Jar = nil
		a := bare.Do(http.MethodGet, back.RequestURI(), "", "", withCookies(fromBrowser, cookies...)).Status(http.StatusBadRequest)
		if handlerstest.FindCookie(a, "neptun-session") != nil {
			t.Errorf("%s was signed in", name)
		}
	}
	mallory.Get(back.RequestURI()).Status(http.StatusSeeOther)
}

func TestS6TheNumberOfSignInAttemptsIsLimited(t *testing.T) {
	t.Parallel()
	s := handlerstest.OpenAs(t, handlerstest.Shop(), dbtest.SQLite(t), secureURL)
	v := s.VisitSecurely()
	for range 9 {
		a := v.Get("/auth/github?return_to=/" + strings.Repeat("%3C", 1900)).Status(http.StatusSeeOther)
		for _, cookie := range a.Cookies() {
			if size := len(cookie.Name) + len(cookie.Value); size > 4000 {
				t.Errorf("the cookie %s has %d bytes", cookie.Name, size)
			}
		}
	}
	open := 0
	for _, cookie := range v.Client.Jar.Cookies(&url.URL{Path: "/auth/github/callback"}) {
		if strings.HasPrefix(cookie.Name, "__Secure-neptun-login-") {
			open++
		}
	}
	if open != 4 {
		t.Errorf("there are %d attempts", open)
	}
	v.Client.Jar = nil
	forged := make([]string, 200)
	for i := range forged {
		forged[i] = "__Secure-neptun-login-" + strings.Repeat("x", i+1) + "=y"
	}
	deleted := 0
	for _, cookie := range v.Do(http.MethodGet, "/auth/github", "", "", withCookies(http.Header{}, forged...)).Status(http.StatusSeeOther).Cookies() {
		if cookie.MaxAge < 0 {
			deleted++
		}
	}
	if deleted > 8 {
		t.Errorf("forged cookies caused %d deletions", deleted)
	}
}
