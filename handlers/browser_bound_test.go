package handlers_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/sandbox"
)

const secureURL = "https://neptun.example"

func twoPeople() *sandbox.World {
	w := sandbox.NewWorld()
	w.AddUser(sandbox.User{Login: "ada"})
	w.AddUser(sandbox.User{Login: "bob"})
	return w
}

// secureJar has the cookies of a browser that comes by https, through a proxy.
type secureJar struct{ *cookiejar.Jar }

func secure(*url.URL) *url.URL { return &url.URL{Scheme: "https", Host: "neptun.example", Path: "/"} }

func (j secureJar) at(u *url.URL) *url.URL { there := *secure(u); there.Path = u.Path; return &there }

func (j secureJar) Cookies(u *url.URL) []*http.Cookie { return j.Jar.Cookies(j.at(u)) }

func (j secureJar) SetCookies(u *url.URL, cookies []*http.Cookie) { j.Jar.SetCookies(j.at(u), cookies) }

// visitSecurely makes a visitor who comes by https, through a proxy.
func (s *stage) visitSecurely() *visitor {
	v := s.visit()
	jar, err := cookiejar.New(nil)
	must(s.t, err)
	v.client.Jar = secureJar{jar}
	v.client.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
		r.Host = "neptun.example"
		return http.DefaultTransport.RoundTrip(r)
	})
	return v
}

// signInSecurely signs somebody in over https.
func (v *visitor) signInSecurely(login string) *visitor {
	v.s.t.Helper()
	back, err := url.Parse(v.approve(v.get("/auth/github").status(http.StatusSeeOther).header("Location"), login))
	must(v.s.t, err)
	v.get(back.RequestURI()).status(http.StatusSeeOther)
	return v
}

// cookies is what a browser keeps under a name.
func (v *visitor) cookieValue(path, prefix string) *http.Cookie {
	for _, cookie := range v.client.Jar.Cookies(&url.URL{Path: path}) {
		if strings.HasPrefix(cookie.Name, prefix) {
			return cookie
		}
	}
	v.s.t.Fatalf("there is no cookie %s", prefix)
	return nil
}

var fromBrowser = http.Header{"Sec-Fetch-Site": {"same-origin"}}

func withCookies(header http.Header, cookies ...string) http.Header {
	h := header.Clone()
	h.Set("Cookie", strings.Join(cookies, "; "))
	return h
}

func TestS2ASessionCountsOnlyInTheBrowserItIsBoundTo(t *testing.T) {
	t.Parallel()
	s := openAs(t, twoPeople(), dbtest.SQLite(t), secureURL)
	mallory := s.visitSecurely().signInSecurely("bob")
	victim := s.visitSecurely().signInSecurely("ada")
	browser := victim.cookieValue("/", "__Host-neptun-browser")
	own, planted := victim.cookieValue("/", "neptun-session"), mallory.cookieValue("/", "neptun-session")
	bare := s.visitSecurely()
	bare.client.Jar = nil
	who := func(header http.Header) string {
		t.Helper()
		a := bare.do(http.MethodGet, "/api/users/me", "", "", header)
		if a.StatusCode == http.StatusUnauthorized {
			return ""
		}
		login, _ := a.status(http.StatusOK).object()["github_login"].(string)
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
	if a := bare.do(http.MethodGet, "/installations", "", "", withCookies(fromBrowser, cookie(browser), cookie(planted))); a.StatusCode != http.StatusUnauthorized {
		t.Errorf("a page takes a planted session: %d", a.StatusCode)
	}
}

// A cookie that a sibling domain set can't finish somebody else's attempt, nor
// crowd out the browser's own.
func TestS2AnAttemptBelongsToItsBrowser(t *testing.T) {
	t.Parallel()
	s := openAs(t, twoPeople(), dbtest.SQLite(t), secureURL)
	mallory := s.visitSecurely()
	back, err := url.Parse(mallory.approve(mallory.get("/auth/github").header("Location"), "bob"))
	must(t, err)
	attempt := mallory.cookieValue("/auth/github/callback", "__Secure-neptun-login-")
	victim := s.visitSecurely().signInSecurely("ada")
	browser := victim.cookieValue("/", "__Host-neptun-browser")
	for name, cookies := range map[string][]string{
		"another browser": {attempt.Name + "=" + attempt.Value, browser.Name + "=" + browser.Value},
		"no browser":      {attempt.Name + "=" + attempt.Value},
	} {
		bare := s.visitSecurely()
		bare.client.Jar = nil
		a := bare.do(http.MethodGet, back.RequestURI(), "", "", withCookies(fromBrowser, cookies...)).status(http.StatusBadRequest)
		if findCookie(a, "neptun-session") != nil {
			t.Errorf("%s was signed in", name)
		}
	}
	mallory.get(back.RequestURI()).status(http.StatusSeeOther)
}

func TestS6AttemptsAreBounded(t *testing.T) {
	t.Parallel()
	s := openAs(t, shop(), dbtest.SQLite(t), secureURL)
	v := s.visitSecurely()
	for range 9 {
		a := v.get("/auth/github?return_to=/" + strings.Repeat("%3C", 1900)).status(http.StatusSeeOther)
		for _, cookie := range a.Cookies() {
			if size := len(cookie.Name) + len(cookie.Value); size > 4000 {
				t.Errorf("the cookie %s has %d bytes", cookie.Name, size)
			}
		}
	}
	open := 0
	for _, cookie := range v.client.Jar.Cookies(&url.URL{Path: "/auth/github/callback"}) {
		if strings.HasPrefix(cookie.Name, "__Secure-neptun-login-") {
			open++
		}
	}
	if open != 4 {
		t.Errorf("%d attempts are open", open)
	}
	v.client.Jar = nil
	forged := make([]string, 200)
	for i := range forged {
		forged[i] = "__Secure-neptun-login-" + strings.Repeat("x", i+1) + "=y"
	}
	deleted := 0
	for _, cookie := range v.do(http.MethodGet, "/auth/github", "", "", withCookies(http.Header{}, forged...)).status(http.StatusSeeOther).Cookies() {
		if cookie.MaxAge < 0 {
			deleted++
		}
	}
	if deleted > 8 {
		t.Errorf("forged cookies cost %d deletions", deleted)
	}
}
