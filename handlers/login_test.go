package handlers_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
	"neptun/sessions"
)

func TestLogInGoesThroughGitHubAndBack(t *testing.T) {
	s := open(t, sandbox.DemoWorld())
	v := s.visit()

	toGitHub := v.get("/auth/github?return_to=" + url.QueryEscape("/imports?q=go")).status(http.StatusSeeOther)
	authorize, err := url.Parse(toGitHub.header("Location"))
	must(t, err)
	for _, parameter := range []string{"client_id", "state", "code_challenge", "redirect_uri"} {
		if authorize.Query().Get(parameter) == "" {
			t.Errorf("GitHub isn't told the %s", parameter)
		}
	}
	if method := authorize.Query().Get("code_challenge_method"); method != "S256" {
		t.Errorf("code_challenge_method = %q", method)
	}
	if s.url+"/auth/github/callback" != authorize.Query().Get("redirect_uri") {
		t.Errorf("redirect_uri = %q", authorize.Query().Get("redirect_uri"))
	}

	back := v.get(v.path(v.approve(authorize.String(), "marin"))).status(http.StatusSeeOther)
	if to := back.header("Location"); to != "/imports?q=go" {
		t.Errorf("the person wanted /imports?q=go and got to %s", to)
	}
	cookie := findCookie(back, sessions.CookieName)
	if cookie == nil {
		t.Fatal("no session cookie")
	}
	if !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" {
		t.Errorf("the session cookie is not kept from scripts and other sites: %v", cookie)
	}
	if days := time.Until(cookie.Expires).Hours() / 24; days < 29.9 || days > 30.1 {
		t.Errorf("the session lasts %.1f days, want 30", days)
	}
	v.get("/installations").status(http.StatusOK)
}

func findCookie(a answer, name string) *http.Cookie {
	for _, cookie := range a.Cookies() {
		if cookie.Name == name {
			return cookie
		}
	}
	return nil
}

func TestP20TwoTabsLogInAtOnce(t *testing.T) {
	s := open(t, sandbox.DemoWorld())
	v := s.visit()
	first := v.get("/auth/github?return_to=/imports").header("Location")
	second := v.get("/auth/github?return_to=/installations").header("Location")

	if to := v.get(v.path(v.approve(second, "marin"))).status(http.StatusSeeOther).header("Location"); to != "/installations" {
		t.Errorf("the second tab got to %s", to)
	}
	if to := v.get(v.path(v.approve(first, "marin"))).status(http.StatusSeeOther).header("Location"); to != "/imports" {
		t.Errorf("the first tab got to %s", to)
	}
}

func TestManyLoginsLeaveFewCookies(t *testing.T) {
	s := open(t, sandbox.DemoWorld())
	v := s.visit()
	var last string
	for range 40 {
		last = v.get("/auth/github").header("Location")
	}
	address, err := url.Parse(s.url + "/auth/github/callback")
	must(t, err)
	if n := len(v.client.Jar.Cookies(address)); n > 10 {
		t.Errorf("%d cookies of logins pile up", n)
	}
	v.get(v.path(v.approve(last, "marin"))).status(http.StatusSeeOther)
}

func TestSessionTokenIsNewAtEachLogin(t *testing.T) {
	s := open(t, sandbox.DemoWorld())
	v := s.logIn("marin")
	before := v.session()
	v.logIn("marin")
	if v.session() == before {
		t.Error("the session kept its token through a login")
	}
	if _, err := s.db.FindCredential(t.Context(), sessions.Hash(before)); err == nil {
		t.Error("the token from before the login still opens the session")
	}
}

func TestAnotherPersonStartsFromAnEmptySession(t *testing.T) {
	s := open(t, sandbox.DemoWorld())
	v := s.logIn("marin")
	v.post("/removals", nil).status(http.StatusSeeOther) // leaves marin a notice
	v.logIn("jonas-l")
	page := v.get("/imports").status(http.StatusOK)
	if notices := page.text("#notices"); notices != "" {
		t.Errorf("jonas-l is told what marin did: %s", notices)
	}
	if login := page.text(".account .login"); login != "jonas-l" {
		t.Errorf("logged in as %q", login)
	}
}

func TestLogOutEndsTheSessionInTheStore(t *testing.T) {
	s := open(t, sandbox.DemoWorld())
	v := s.logIn("marin")
	token := v.session()
	v.post("/logout", nil).status(http.StatusSeeOther)

	if v.session() != "" {
		t.Error("the browser keeps the cookie")
	}
	bearer := http.Header{"Authorization": {"Bearer " + token}}
	s.visit().do(http.MethodGet, "/api/users/me", "", "", bearer).status(http.StatusUnauthorized)
	v.get("/installations").status(http.StatusUnauthorized)
}

// Each of these is a page that says what happened and offers the way on.
func TestLoginsThatFail(t *testing.T) {
	tests := map[string]struct {
		answer func(*stage, *visitor) answer
		status int
		says   string
	}{
		"cancelled on GitHub": {func(s *stage, v *visitor) answer {
			back, err := sandboxtest.Cancel(&http.Client{}, v.get("/auth/github").header("Location"), "marin")
			must(s.t, err)
			return v.get(v.path(back))
		}, http.StatusForbidden, "You canceled the sign-in"},
		"a state that is not ours": {func(_ *stage, v *visitor) answer {
			return v.get("/auth/github/callback?code=x&state=forged")
		}, http.StatusBadRequest, "This sign-in has expired"},
		"a state of another browser": {func(s *stage, v *visitor) answer {
			return v.get(v.path(v.approve(s.visit().get("/auth/github").header("Location"), "marin")))
		}, http.StatusBadRequest, "This sign-in has expired"},
		"answered twice": {func(_ *stage, v *visitor) answer {
			back := v.path(v.approve(v.get("/auth/github").header("Location"), "marin"))
			v.get(back).status(http.StatusSeeOther)
			v.post("/logout", nil)
			return v.get(back)
		}, http.StatusBadRequest, "This sign-in has expired"},
		"too late for us": {func(s *stage, v *visitor) answer {
			back := v.path(v.approve(v.get("/auth/github").header("Location"), "marin"))
			s.clock.advance(11 * time.Minute)
			return v.get(back)
		}, http.StatusBadRequest, "This sign-in has expired"},
		"a code that GitHub doesn't know": {func(_ *stage, v *visitor) answer {
			authorize, _ := url.Parse(v.get("/auth/github").header("Location"))
			return v.get("/auth/github/callback?code=unknown&state=" + authorize.Query().Get("state"))
		}, http.StatusBadRequest, "This sign-in has expired"},
		"GitHub away": {func(s *stage, v *visitor) answer {
			back := v.path(v.approve(v.get("/auth/github").header("Location"), "marin"))
			s.gitHub.Fault(func(*http.Request) *sandbox.Fault { return &sandbox.Fault{Drop: true} })
			return v.get(back)
		}, http.StatusBadGateway, "GitHub"},
		"an address that GitHub doesn't know": {func(s *stage, v *visitor) answer {
			s.world.SetCallbackURLs(s.url + "/auth/github/callback")
			authorize := v.get("/auth/github").header("Location")
			state, _ := url.Parse(authorize)
			return v.get("/auth/github/callback?error=redirect_uri_mismatch&state=" + state.Query().Get("state"))
		}, http.StatusBadGateway, "callback URLs"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := open(t, sandbox.DemoWorld())
			v := s.visit()
			a := test.answer(s, v).status(test.status)
			if said := a.text("main"); !strings.Contains(said, test.says) {
				t.Errorf("the page says %q, which doesn't tell %q", said, test.says)
			}
			if a.page().Find(`main a[href^="/auth/github"], main a[href="/"], main a[href^="/login"]`).Length() == 0 {
				t.Error("the page offers no way on")
			}
			if v.session() != "" {
				t.Error("a failed login left a session")
			}
		})
	}
}

func TestCallbackThatNobodyAskedForStartsALogin(t *testing.T) {
	s := open(t, sandbox.DemoWorld())
	a := s.visit().get("/auth/github/callback?code=abc").status(http.StatusSeeOther)
	if to := a.header("Location"); to != "/auth/github" {
		t.Errorf("leads to %s", to)
	}
}

func TestReturnToStaysHere(t *testing.T) {
	s := open(t, sandbox.DemoWorld())
	for _, target := range []string{
		"https://evil.example/", "//evil.example", `/\evil.example`, `\\evil.example`, "/\t/evil.example",
		"javascript:alert(1)", "http:/evil.example", "/%2f%2f/../..//evil.example\n", "evil.example",
	} {
		v := s.visit()
		authorize := v.get("/auth/github?return_to=" + url.QueryEscape(target)).header("Location")
		to := v.get(v.path(v.approve(authorize, "marin"))).status(http.StatusSeeOther).header("Location")
		if to != "/" {
			t.Errorf("return_to %q leads to %q", target, to)
		}
	}
}

func TestForgedCookiesAreNobody(t *testing.T) {
	s := open(t, sandbox.DemoWorld())
	live := s.logIn("marin").session()
	for name, token := range map[string]string{
		"truncated": live[:len(live)-1], "longer": live + "A", "invented": strings.Repeat("A", len(live)),
		"empty": "", "hash of the live one": sessions.Hash(live), "odd bytes": "%00%ff",
	} {
		v := s.visit()
		v.client.Jar, _ = cookiejar.New(nil)
		header := http.Header{"Cookie": {sessions.CookieName + "=" + token}}
		if message := v.do(http.MethodGet, "/api/users/me/installations", "", "", header).status(http.StatusUnauthorized).message(); message == "" {
			t.Errorf("%s: no message", name)
		}
		page := v.do(http.MethodGet, "/installations", "", "", header).status(http.StatusUnauthorized)
		if page.page().Find(`main a[href^="/auth/github"]`).Length() == 0 {
			t.Errorf("%s: the page offers no login", name)
		}
	}
}

func TestPagesOnAnotherHostAreRedirectedFirst(t *testing.T) {
	s := open(t, sandbox.DemoWorld())
	other := strings.Replace(s.url, "127.0.0.1", "localhost", 1)
	v := s.visit()
	response, err := v.client.Get(other + "/imports?q=a%20b")
	must(t, err)
	defer response.Body.Close()
	if to := response.Header.Get("Location"); to != s.url+"/imports?q=a%20b" {
		t.Errorf("status %d leads to %q", response.StatusCode, to)
	}
	script, err := v.client.Get(other + "/healthz")
	must(t, err)
	defer script.Body.Close()
	if script.StatusCode != http.StatusOK {
		t.Errorf("machines are redirected too: %d", script.StatusCode)
	}
}
