package setup_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

func TestP17OnlyTheBrowserThatStartedItExchangesTheCode(t *testing.T) {
	t.Parallel()
	s := handlerstest.OpenEmpty(t, dbtest.SQLite(t))
	v := s.EnterSetup()
	back := v.Register("Tidal", "ada")
	address, err := url.Parse(back)
	handlerstest.Must(t, err)
	code, state := address.Query().Get("code"), address.Query().Get("state")
	if code == "" || state == "" {
		t.Fatalf("GitHub redirects to %s", back)
	}
	stranger, other := s.Visit(), s.EnterSetup()
	stranger.Get(back).Status(http.StatusForbidden)
	other.Get(back).Status(http.StatusBadRequest)
	for _, query := range []url.Values{{"code": {code}}, {"code": {code}, "state": {""}}, {"code": {code}, "state": {"guessed"}}, {"state": {state}}} {
		v.Get("/setup/callback?" + query.Encode()).Status(http.StatusBadRequest)
		stranger.Get("/setup/callback?" + query.Encode()).Status(http.StatusForbidden)
	}
	stranger.Post("/setup/app", handlerstest.SetupForm("Theirs")).Status(http.StatusForbidden)
	if n := s.Conversions(); n != 0 {
		t.Fatalf("%d requests to GitHub", n)
	}
	v.Get(back).Status(http.StatusSeeOther)
	// Opened again, it redirects.
	if to := v.Get(back).Status(http.StatusSeeOther).Header.Get("Location"); to != "/setup" {
		t.Errorf("the second time it redirects to %s", to)
	}
	if n := s.Conversions(); n != 1 {
		t.Errorf("%d requests to GitHub", n)
	}
}

func TestTheSetupSurvivesInterruptions(t *testing.T) {
	t.Parallel()
	databaseURL := dbtest.SQLite(t)
	s := handlerstest.OpenEmpty(t, databaseURL)
	v := s.EnterSetup()
	s.Instance(databaseURL) // a restart while the form is open
	back := v.Register("Tidal", "ada")
	s.Instance(databaseURL) // and one while GitHub's page is

	// GitHub's code was used and its response lost: the user starts again.
	lost, err := url.Parse(back)
	handlerstest.Must(t, err)
	response, err := http.Post(s.GitHubURL+"/api/v3/app-manifests/"+lost.Query().Get("code")+"/conversions", "", nil)
	handlerstest.Must(t, err)
	handlerstest.Must(t, response.Body.Close())
	got := v.Get(back).Status(http.StatusBadRequest)
	if reason := got.Text(".reason"); !strings.Contains(reason, "has expired") || !strings.Contains(reason, "Start again") {
		t.Errorf("told %q", reason)
	}
	v.Get(back).Status(http.StatusBadRequest) // the state can't be used again

	// The browser was closed. Another browser uses a new code.
	again := s.EnterSetup()
	again.Get(again.Register("Tidal 2", "ada")).Status(http.StatusSeeOther)
	if list, err := s.DB.App(t.Context()); err != nil || list.Slug != "tidal-2" {
		t.Errorf("the app is %q: %v", list.Slug, err)
	}
	// The first browser's setup has ended.
	if to := v.Get("/setup").Status(http.StatusSeeOther).Header.Get("Location"); to != "/" {
		t.Errorf("the first browser is redirected to %s", to)
	}
}

func TestASetupBrowsersCookieExpires(t *testing.T) {
	t.Parallel()
	s := handlerstest.OpenEmpty(t, dbtest.SQLite(t))
	v := s.EnterSetup()
	s.Clock.Advance(25 * time.Hour)
	if v.Get("/setup").Page().Find(`input[name="code"]`).Length() != 1 {
		t.Error("the setup cookie lasts longer than a day")
	}
}

func TestGitHubsErrorsEndTheAttemptButOutagesDoNot(t *testing.T) {
	t.Parallel()
	json := http.Header{"Content-Type": {"application/json"}}
	for name, c := range map[string]struct {
		fault  sandbox.Fault
		status int
		says   string
		again  int // the status of the same URL once GitHub is available
	}{
		"the code is unknown": {sandbox.Fault{Status: 404, Header: json, Body: `{"message":"Not Found"}`}, 400, "has expired", 400},
		"GitHub refuses":      {sandbox.Fault{Status: 422, Header: json, Body: `{"message":"Validation Failed"}`}, 502, "didn't return the app's credentials", 400},
		"GitHub is broken":    {*sandbox.BadGateway(502), 504, "Reload this page", 303},
		"GitHub is away":      {sandbox.Fault{Drop: true}, 504, "Reload this page", 303},
		"half an answer":      {sandbox.Fault{Status: 201, Header: json, Body: `{"id":7,"owner":{"login":"ada"}}`}, 504, "Reload this page", 303},
		"too many requests":   {sandbox.Fault{Status: 429, Header: http.Header{"Retry-After": {"60"}}, Body: `{}`}, 503, "Reload this page", 303},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := handlerstest.OpenEmpty(t, dbtest.SQLite(t))
			v := s.EnterSetup()
			back := v.Register("Tidal", "ada")
			s.GitHub.Fault(func(r *http.Request) *sandbox.Fault {
				if strings.Contains(r.URL.Path, "/app-manifests/") {
					return &c.fault
				}
				return nil
			})
			got := v.Get(back).Status(c.status)
			if !strings.Contains(got.Text("main"), c.says) {
				t.Errorf("told %q", got.Text("main"))
			}
			if code := strings.Split(strings.TrimPrefix(back, "/setup/callback?code="), "&")[0]; strings.Contains(got.Body, code) {
				t.Error("GitHub's code is on the page")
			}
			s.GitHub.Fault(nil)
			v.Get(back).Status(c.again)
		})
	}
}

func TestTheSecondOfTwoSetupsFails(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := handlerstest.OpenEmpty(t, databaseURL)
		first, second := s.EnterSetup(), s.EnterSetup()
		firstCallback, secondCallback := first.Register("First", "ada"), second.Register("Second", "bob")
		// Both get the app from GitHub before either stores it.
		gate := make(chan struct{})
		arrived := make(chan struct{}, 2)
		s.GitHub.Fault(func(r *http.Request) *sandbox.Fault {
			if strings.Contains(r.URL.Path, "/app-manifests/") {
				arrived <- struct{}{}
				<-gate
			}
			return nil
		})
		answers := make(chan handlerstest.Answer, 2)
		go func() { answers <- first.Get(firstCallback) }()
		go func() { answers <- second.Get(secondCallback) }()
		<-arrived
		<-arrived
		close(gate)
		a, b := <-answers, <-answers
		if a.StatusCode > b.StatusCode {
			a, b = b, a
		}
		a.Status(http.StatusSeeOther)
		if got := b.Status(http.StatusConflict).Text("main"); !strings.Contains(got, "Someone else completed the setup") || !strings.Contains(got, "Delete it on GitHub") {
			t.Errorf("told %q", got)
		}
	})
}

func TestAnAppInTheEnvironmentClosesTheSetup(t *testing.T) {
	t.Parallel()
	s := handlerstest.Open(t, sandboxtest.EmptyWorld())
	handlerstest.Must(t, s.DB.AddSetupCode(t.Context(), "unused"))
	v := s.Visit()
	for _, path := range []string{"/setup", "/setup/callback?code=c&state=s"} {
		if to := v.Get(path).Status(http.StatusSeeOther).Header.Get("Location"); to != "/" && to != "/setup" {
			t.Errorf("%s redirects to %s", path, to)
		}
	}
	v.Post("/setup", url.Values{"code": {"AAAA"}}).Status(http.StatusSeeOther)
}
