package signin_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"neptun/handlers/handlerstest"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
	"neptun/sessions"
)

func TestSigningInGoesThroughGitHubAndBack(t *testing.T) {
	s := handlerstest.Open(t, sandbox.DemoWorld())
	v := s.Visit()

	toGitHub := v.Get("/auth/github?return_to=" + url.QueryEscape("/imports?q=go")).Status(http.StatusSeeOther)
	authorize, err := url.Parse(toGitHub.Header.Get("Location"))
	handlerstest.Must(t, err)
	for _, parameter := range []string{"client_id", "state", "code_challenge", "redirect_uri"} {
		if authorize.Query().Get(parameter) == "" {
			t.Errorf("the authorization URL lacks %s", parameter)
		}
	}
	if method := authorize.Query().Get("code_challenge_method"); method != "S256" {
		t.Errorf("code_challenge_method = %q", method)
	}
	if s.URL+"/auth/github/callback" != authorize.Query().Get("redirect_uri") {
		t.Errorf("redirect_uri = %q", authorize.Query().Get("redirect_uri"))
	}

	back := v.Get(v.Path(v.Approve(authorize.String(), "marin"))).Status(http.StatusSeeOther)
	if to := back.Header.Get("Location"); to != "/imports?q=go" {
		t.Errorf("the user wanted /imports?q=go and was redirected to %s", to)
	}
	cookie := handlerstest.FindCookie(back, sessions.CookieName)
	if cookie == nil {
		t.Fatal("no session cookie")
	}
	if !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" {
		t.Errorf("the session cookie isn't HttpOnly and SameSite: %v", cookie)
	}
	if days := time.Until(cookie.Expires).Hours() / 24; days < 29.9 || days > 30.1 {
		t.Errorf("the session lasts %.1f days, want 30", days)
	}
	v.Get("/installations").Status(http.StatusOK)
}

// FindCookie is the cookie of a name that an answer sets, nil for none.

func TestP20TwoTabsSignInAtOnce(t *testing.T) {
	s := handlerstest.Open(t, sandbox.DemoWorld())
	v := s.Visit()
	first := v.Get("/auth/github?return_to=/imports").Header.Get("Location")
	second := v.Get("/auth/github?return_to=/installations").Header.Get("Location")

	if to := v.Get(v.Path(v.Approve(second, "marin"))).Status(http.StatusSeeOther).Header.Get("Location"); to != "/installations" {
		t.Errorf("the second tab was redirected to %s", to)
	}
	if to := v.Get(v.Path(v.Approve(first, "marin"))).Status(http.StatusSeeOther).Header.Get("Location"); to != "/imports" {
		t.Errorf("the first tab was redirected to %s", to)
	}
}

func TestManySignInsLeaveFewCookies(t *testing.T) {
	s := handlerstest.Open(t, sandbox.DemoWorld())
	v := s.Visit()
	var last string
	for range 40 {
		last = v.Get("/auth/github").Header.Get("Location")
	}
	address, err := url.Parse(s.URL + "/auth/github/callback")
	handlerstest.Must(t, err)
	if n := len(v.Client.Jar.Cookies(address)); n > 10 {
		t.Errorf("%d sign-in cookies are left", n)
	}
	v.Get(v.Path(v.Approve(last, "marin"))).Status(http.StatusSeeOther)
}

func TestSessionTokenIsNewAtEachSignIn(t *testing.T) {
	s := handlerstest.Open(t, sandbox.DemoWorld())
	v := s.LogIn("marin")
	before := v.Session()
	v.LogIn("marin")
	if v.Session() == before {
		t.Error("the session has the same token after a sign-in")
	}
	if _, err := s.DB.FindCredential(t.Context(), sessions.Hash(before)); err == nil {
		t.Error("the token from before the sign-in still works")
	}
}

func TestAnotherUserStartsWithAnEmptySession(t *testing.T) {
	s := handlerstest.Open(t, sandbox.DemoWorld())
	v := s.LogIn("marin")
	v.Post("/removals", nil).Status(http.StatusSeeOther) // leaves marin a notice
	v.LogIn("jonas-l")
	page := v.Get("/imports").Status(http.StatusOK)
	if notices := page.Text("#notices"); notices != "" {
		t.Errorf("jonas-l sees marin's actions: %s", notices)
	}
	if login := page.Text(".account .login"); login != "jonas-l" {
		t.Errorf("signed in as %q", login)
	}
}

func TestSigningOutEndsTheSessionInTheStore(t *testing.T) {
	s := handlerstest.Open(t, sandbox.DemoWorld())
	v := s.LogIn("marin")
	token := v.Session()
	v.Post("/logout", nil).Status(http.StatusSeeOther)

	if v.Session() != "" {
		t.Error("the browser keeps the cookie")
	}
	bearer := http.Header{"Authorization": {"Bearer " + token}}
	s.Visit().Do(http.MethodGet, "/api/users/me", "", "", bearer).Status(http.StatusUnauthorized)
	v.Get("/installations").Status(http.StatusUnauthorized)
}

// Each of these failures has a page that says what happened and how to continue.
func TestFailedSignIns(t *testing.T) {
	tests := map[string]struct {
		answer func(*handlerstest.Stage, *handlerstest.Visitor) handlerstest.Answer
		status int
		says   string
	}{
		"cancelled on GitHub": {func(s *handlerstest.Stage, v *handlerstest.Visitor) handlerstest.Answer {
			back, err := sandboxtest.Cancel(&http.Client{}, v.Get("/auth/github").Header.Get("Location"), "marin")
			handlerstest.Must(s.T, err)
			return v.Get(v.Path(back))
		}, http.StatusForbidden, "You canceled the sign-in"},
		"a state that is not ours": {func(_ *handlerstest.Stage, v *handlerstest.Visitor) handlerstest.Answer {
			return v.Get("/auth/github/callback?code=x&state=forged")
		}, http.StatusBadRequest, "This sign-in has expired"},
		"a state of another browser": {func(s *handlerstest.Stage, v *handlerstest.Visitor) handlerstest.Answer {
			return v.Get(v.Path(v.Approve(s.Visit().Get("/auth/github").Header.Get("Location"), "marin")))
		}, http.StatusBadRequest, "This sign-in has expired"},
		"answered twice": {func(_ *handlerstest.Stage, v *handlerstest.Visitor) handlerstest.Answer {
			back := v.Path(v.Approve(v.Get("/auth/github").Header.Get("Location"), "marin"))
			v.Get(back).Status(http.StatusSeeOther)
			v.Post("/logout", nil)
			return v.Get(back)
		}, http.StatusBadRequest, "This sign-in has expired"},
		"too late for us": {func(s *handlerstest.Stage, v *handlerstest.Visitor) handlerstest.Answer {
			back := v.Path(v.Approve(v.Get("/auth/github").Header.Get("Location"), "marin"))
			s.Clock.Advance(11 * time.Minute)
			return v.Get(back)
		}, http.StatusBadRequest, "This sign-in has expired"},
		"a code that GitHub doesn't know": {func(_ *handlerstest.Stage, v *handlerstest.Visitor) handlerstest.Answer {
			authorize, _ := url.Parse(v.Get("/auth/github").Header.Get("Location"))
			return v.Get("/auth/github/callback?code=unknown&state=" + authorize.Query().Get("state"))
		}, http.StatusBadRequest, "This sign-in has expired"},
		"GitHub away": {func(s *handlerstest.Stage, v *handlerstest.Visitor) handlerstest.Answer {
			back := v.Path(v.Approve(v.Get("/auth/github").Header.Get("Location"), "marin"))
			s.GitHub.Fault(func(*http.Request) *sandbox.Fault { return &sandbox.Fault{Drop: true} })
			return v.Get(back)
		}, http.StatusBadGateway, "GitHub"},
		"an address that GitHub doesn't know": {func(s *handlerstest.Stage, v *handlerstest.Visitor) handlerstest.Answer {
			s.World.Apps.SetCallbackURLs(s.URL + "/auth/github/callback")
			authorize := v.Get("/auth/github").Header.Get("Location")
			state, _ := url.Parse(authorize)
			return v.Get("/auth/github/callback?error=redirect_uri_mismatch&state=" + state.Query().Get("state"))
		}, http.StatusBadGateway, "callback URLs"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := handlerstest.Open(t, sandbox.DemoWorld())
			v := s.Visit()
			a := test.answer(s, v).Status(test.status)
			if text := a.Text("main"); !strings.Contains(text, test.says) {
				t.Errorf("the page shows %q, which lacks %q", text, test.says)
			}
			if a.Page().Find(`main a[href^="/auth/github"], main a[href="/"], main a[href^="/login"]`).Length() == 0 {
				t.Error("the page has no link to continue")
			}
			if v.Session() != "" {
				t.Error("a failed sign-in left a session")
			}
		})
	}
}

func TestACallbackWithoutAStateStartsASignIn(t *testing.T) {
	s := handlerstest.Open(t, sandbox.DemoWorld())
	a := s.Visit().Get("/auth/github/callback?code=abc").Status(http.StatusSeeOther)
	if to := a.Header.Get("Location"); to != "/auth/github" {
		t.Errorf("redirects to %s", to)
	}
}

func TestReturnToStaysOnThisServer(t *testing.T) {
	s := handlerstest.Open(t, sandbox.DemoWorld())
	for _, target := range []string{
		"https://evil.example/", "//evil.example", `/\evil.example`, `\\evil.example`, "/\t/evil.example",
		"javascript:alert(1)", "http:/evil.example", "/%2f%2f/../..//evil.example\n", "evil.example",
	} {
		v := s.Visit()
		authorize := v.Get("/auth/github?return_to=" + url.QueryEscape(target)).Header.Get("Location")
		to := v.Get(v.Path(v.Approve(authorize, "marin"))).Status(http.StatusSeeOther).Header.Get("Location")
		if to != "/" {
			t.Errorf("return_to %q redirects to %q", target, to)
		}
	}
}

func TestForgedCookiesAreRejected(t *testing.T) {
	s := handlerstest.Open(t, sandbox.DemoWorld())
	live := s.LogIn("marin").Session()
	for name, token := range map[string]string{
		"truncated": live[:len(live)-1], "longer": live + "A", "invented": strings.Repeat("A", len(live)),
		"empty": "", "hash of the live one": sessions.Hash(live), "odd bytes": "%00%ff",
	} {
		v := s.Visit()
		v.Client.Jar, _ = cookiejar.New(nil)
		header := http.Header{"Cookie": {sessions.CookieName + "=" + token}}
		if message := v.Do(http.MethodGet, "/api/users/me/installations", "", "", header).Status(http.StatusUnauthorized).Message(); message == "" {
			t.Errorf("%s: no message", name)
		}
		page := v.Do(http.MethodGet, "/installations", "", "", header).Status(http.StatusUnauthorized)
		if page.Page().Find(`main a[href^="/auth/github"]`).Length() == 0 {
			t.Errorf("%s: the page has no link to sign in", name)
		}
	}
}

func TestPagesOnAnotherHostAreRedirectedFirst(t *testing.T) {
	s := handlerstest.Open(t, sandbox.DemoWorld())
	other := strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
	v := s.Visit()
	response, err := v.Client.Get(other + "/imports?q=a%20b")
	handlerstest.Must(t, err)
	defer response.Body.Close()
	if to := response.Header.Get("Location"); to != s.URL+"/imports?q=a%20b" {
		t.Errorf("status %d redirects to %q", response.StatusCode, to)
	}
	script, err := v.Client.Get(other + "/healthz")
	handlerstest.Must(t, err)
	defer script.Body.Close()
	if script.StatusCode != http.StatusOK {
		t.Errorf("scripts are redirected too: %d", script.StatusCode)
	}
}
