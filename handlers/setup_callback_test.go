package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"neptun/db/dbtest"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

func TestP17NoCodeIsExchangedForAnybodyElse(t *testing.T) {
	t.Parallel()
	s := openEmpty(t, dbtest.SQLite(t))
	v := s.enterSetup()
	back := v.register("Tidal", "ada")
	address, err := url.Parse(back)
	must(t, err)
	code, state := address.Query().Get("code"), address.Query().Get("state")
	if code == "" || state == "" {
		t.Fatalf("GitHub leads to %s", back)
	}
	stranger, other := s.visit(), s.enterSetup()
	stranger.get(back).status(http.StatusForbidden)
	other.get(back).status(http.StatusBadRequest)
	for _, query := range []url.Values{{"code": {code}}, {"code": {code}, "state": {""}}, {"code": {code}, "state": {"guessed"}}, {"state": {state}}} {
		v.get("/setup/callback?" + query.Encode()).status(http.StatusBadRequest)
		stranger.get("/setup/callback?" + query.Encode()).status(http.StatusForbidden)
	}
	stranger.post("/setup/app", setupForm("Theirs")).status(http.StatusForbidden)
	if n := s.conversions(); n != 0 {
		t.Fatalf("GitHub was asked %d times", n)
	}
	v.get(back).status(http.StatusSeeOther)
	// Opened twice, it leads on.
	if to := v.get(back).status(http.StatusSeeOther).header("Location"); to != "/setup" {
		t.Errorf("the second time it leads to %s", to)
	}
	if n := s.conversions(); n != 1 {
		t.Errorf("GitHub was asked %d times", n)
	}
}

func TestASetUpSurvivesItsInterruptions(t *testing.T) {
	t.Parallel()
	databaseURL := dbtest.SQLite(t)
	s := openEmpty(t, databaseURL)
	v := s.enterSetup()
	s.instance(databaseURL) // a restart while the form is open
	back := v.register("Tidal", "ada")
	s.instance(databaseURL) // and one while GitHub's page is

	// GitHub's code was used and its answer lost: whoever did it begins anew.
	lost, err := url.Parse(back)
	must(t, err)
	response, err := http.Post(s.gitHubURL+"/api/v3/app-manifests/"+lost.Query().Get("code")+"/conversions", "", nil)
	must(t, err)
	must(t, response.Body.Close())
	told := v.get(back).status(http.StatusBadRequest)
	if reason := told.text(".reason"); !strings.Contains(reason, "has expired") || !strings.Contains(reason, "Start again") {
		t.Errorf("told %q", reason)
	}
	v.get(back).status(http.StatusBadRequest) // the state is used up

	// The browser was closed for good; another one takes a new code.
	again := s.enterSetup()
	again.get(again.register("Tidal 2", "ada")).status(http.StatusSeeOther)
	if list, err := s.db.App(t.Context()); err != nil || list.Slug != "tidal-2" {
		t.Errorf("the App is %q: %v", list.Slug, err)
	}
	// The first browser's set-up is over.
	if to := v.get("/setup").status(http.StatusSeeOther).header("Location"); to != "/" {
		t.Errorf("the first browser is led to %s", to)
	}
}

func TestTheMarkOfABrowserEnds(t *testing.T) {
	t.Parallel()
	s := openEmpty(t, dbtest.SQLite(t))
	v := s.enterSetup()
	s.clock.advance(25 * time.Hour)
	if v.get("/setup").page().Find(`input[name="code"]`).Length() != 1 {
		t.Error("the mark lasts longer than a day")
	}
}

func TestGitHubsRefusalsEndTheAttemptAndItsOutagesDoNot(t *testing.T) {
	t.Parallel()
	json := http.Header{"Content-Type": {"application/json"}}
	for name, c := range map[string]struct {
		fault  sandbox.Fault
		status int
		says   string
		again  int // what the same address answers once GitHub is well
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
			s := openEmpty(t, dbtest.SQLite(t))
			v := s.enterSetup()
			back := v.register("Tidal", "ada")
			s.gitHub.Fault(func(r *http.Request) *sandbox.Fault {
				if strings.Contains(r.URL.Path, "/app-manifests/") {
					return &c.fault
				}
				return nil
			})
			told := v.get(back).status(c.status)
			if !strings.Contains(told.text("main"), c.says) {
				t.Errorf("told %q", told.text("main"))
			}
			if code := strings.Split(strings.TrimPrefix(back, "/setup/callback?code="), "&")[0]; strings.Contains(told.body, code) {
				t.Error("GitHub's code is on the page")
			}
			s.gitHub.Fault(nil)
			v.get(back).status(c.again)
		})
	}
}

func TestTheSecondRacerIsToldSo(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := openEmpty(t, databaseURL)
		first, second := s.enterSetup(), s.enterSetup()
		theirs, ours := first.register("First", "ada"), second.register("Second", "bob")
		// Both have the App from GitHub before either stores it.
		gate := make(chan struct{})
		arrived := make(chan struct{}, 2)
		s.gitHub.Fault(func(r *http.Request) *sandbox.Fault {
			if strings.Contains(r.URL.Path, "/app-manifests/") {
				arrived <- struct{}{}
				<-gate
			}
			return nil
		})
		answers := make(chan answer, 2)
		go func() { answers <- first.get(theirs) }()
		go func() { answers <- second.get(ours) }()
		<-arrived
		<-arrived
		close(gate)
		a, b := <-answers, <-answers
		if a.StatusCode > b.StatusCode {
			a, b = b, a
		}
		a.status(http.StatusSeeOther)
		if told := b.status(http.StatusConflict).text("main"); !strings.Contains(told, "Someone else completed the setup") || !strings.Contains(told, "Delete it on GitHub") {
			t.Errorf("told %q", told)
		}
	})
}

func TestAnAppOfTheEnvironmentClosesTheSetUp(t *testing.T) {
	t.Parallel()
	s := open(t, sandboxtest.EmptyWorld())
	must(t, s.db.AddSetupCode(t.Context(), "unused"))
	v := s.visit()
	for _, path := range []string{"/setup", "/setup/callback?code=c&state=s"} {
		if to := v.get(path).status(http.StatusSeeOther).header("Location"); to != "/" && to != "/setup" {
			t.Errorf("%s leads to %s", path, to)
		}
	}
	v.post("/setup", url.Values{"code": {"AAAA"}}).status(http.StatusSeeOther)
}
