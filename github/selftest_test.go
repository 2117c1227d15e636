package github

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"neptun/sandbox"
)

// checks runs the self-test and returns its checks by name.
func (s *stage) checks(hookAddress string) map[string]Check {
	s.t.Helper()
	list, err := s.github.SelfTest(s.t.Context(), "http://neptun.example", hookAddress)
	if err != nil {
		s.t.Fatal(err)
	}
	byName := map[string]Check{}
	for _, c := range list {
		if byName[c.Name].Name != "" || c.Title == "" || c.Message == "" || c.Result != CheckOK && c.Result != CheckSkipped && c.Advice == "" {
			s.t.Errorf("the line %+v", c)
		}
		byName[c.Name] = c
	}
	for _, name := range []string{"private_key", "clock", "app_token", "homepage", "webhook_url", "deliveries"} {
		if byName[name].Name == "" {
			s.t.Errorf("there is no check %s", name)
		}
	}
	return byName
}

func (s *stage) expectCheck(c Check, result, words string) {
	s.t.Helper()
	if c.Result != result || !strings.Contains(c.Message, words) {
		s.t.Errorf("%s is %s: %q, expected %s and %q", c.Name, c.Result, c.Message, result, words)
	}
}

// P33: a clock that is off is reported, and by how much.
func TestP33TheSelfTestReportsAClockThatIsOff(t *testing.T) {
	s, address, _ := hooked(t)
	s.expectCheck(s.checks(address)["clock"], CheckOK, "matches")
	s.expectCheck(s.checks(address)["app_token"], CheckOK, "")
	gitHubs := s.clock.Now()
	for _, c := range []struct {
		off           time.Duration
		clock, token  string
		words, advice string
	}{
		{45 * time.Second, CheckWarning, CheckOK, "45s ahead of", "clock"},
		{-45 * time.Second, CheckWarning, CheckOK, "45s behind", "clock"},
		{3 * time.Minute, CheckFailed, CheckFailed, "3m0s ahead of", "clock"},
		{-20 * time.Minute, CheckFailed, CheckFailed, "20m0s behind", "clock"},
	} {
		s.github.now = func() time.Time { return gitHubs.Add(c.off) }
		got := s.checks(address)
		s.expectCheck(got["clock"], c.clock, c.words)
		s.expectCheck(got["app_token"], c.token, "")
		if !strings.Contains(got["clock"].Advice, c.advice) || c.token == CheckFailed && !strings.Contains(got["app_token"].Message, "clocks differ") {
			t.Errorf("%s off: %+v", c.off, got)
		}
	}
}

func TestTheSelfTestGivesAdvice(t *testing.T) {
	s, address, answer := hooked(t)
	got := s.checks(address)
	s.expectCheck(got["private_key"], CheckOK, "bits")
	s.expectCheck(got["homepage"], CheckWarning, "neptun.example")
	s.expectCheck(got["webhook_url"], CheckOK, "")
	s.expectCheck(got["deliveries"], CheckOK, "No deliveries")
	s.expectCheck(s.checks("https://elsewhere.example/webhooks/github")["webhook_url"], CheckFailed, "elsewhere.example")

	s.ping()
	s.expectCheck(s.checks(address)["deliveries"], CheckOK, "all delivered")
	answer(http.StatusBadGateway)
	s.ping()
	s.expectCheck(s.checks(address)["deliveries"], CheckFailed, "1 of the latest 2")
	answer(http.StatusOK)
	s.ping()
	s.expectCheck(s.checks(address)["deliveries"], CheckWarning, "1 of the latest 3")

	app := s.github.app().App
	s.github.SetApp(App{ClientID: app.ClientID, ClientSecret: app.ClientSecret, PrivateKey: app.PrivateKey})
	s.expectCheck(s.checks(address)["webhook_url"], CheckFailed, "no webhook secret")
	s.github.SetApp(app)
	s.world.Apps.SetWebhookSecret("")
	s.expectCheck(s.checks(address)["webhook_url"], CheckFailed, "sign")
	s.world.Apps.SetHookURL("")
	s.expectCheck(s.checks(address)["webhook_url"], CheckWarning, "no webhook")

	s.server.FailPath("/app", &sandbox.Fault{Status: http.StatusUnauthorized, Header: http.Header{"Content-Type": {"application/json"}}, Body: `{"message":"Bad credentials"}`})
	got = s.checks(address)
	s.expectCheck(got["clock"], CheckOK, "")
	s.expectCheck(got["app_token"], CheckFailed, "key")
	s.expectCheck(got["deliveries"], CheckSkipped, "")
	if advice := got["app_token"].Advice; !strings.HasPrefix(advice, "Compare GITHUB_CLIENT_ID") {
		t.Errorf("for an App of the environment the advice is %q", advice)
	}
	s.github.fixed = false
	if advice := s.checks(address)["app_token"].Advice; !strings.Contains(advice, "override the values from the setup") {
		t.Errorf("for an App of the setup the advice is %q", advice)
	}
	s.server.FailPath("/app", &sandbox.Fault{Drop: true})
	s.expectCheck(s.checks(address)["app_token"], CheckFailed, "")
	s.server.ResetRequests()
	s.github.SetApp(App{ClientID: "an App without a key"})
	s.expectCheck(s.checks(address)["private_key"], CheckFailed, "private key is missing")
	if n := len(s.server.Requests()); n != 0 {
		t.Errorf("without a key GitHub was asked %d times", n)
	}
}
