package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"neptun/sandbox"
)

// ward has one repository for each verdict that ines can hear.
func ward() *sandbox.World {
	w := sandbox.NewWorld()
	w.AddUser(sandbox.User{Login: "ines"})
	for _, org := range []string{"whole", "partly", "asleep", "alien"} {
		w.AddOrganization(sandbox.Organization{Login: org})
	}
	for _, org := range []string{"whole", "partly", "asleep"} {
		w.AddMember(org, "ines", sandbox.RoleMember)
	}
	add := func(id int64, owner, name string, private bool) {
		w.AddRepository(owner, sandbox.Repository{ID: id, Name: name, Private: private})
	}
	add(1, "whole", "mine", true)
	add(2, "whole", "old", true)
	add(3, "whole", "frozen", true)
	add(4, "whole", "hidden", true)
	add(5, "partly", "chosen", true)
	add(6, "partly", "left-out", false)
	add(7, "asleep", "mine", true)
	add(8, "alien", "secret", true)
	add(9, "alien", "open", false)
	for _, id := range []int64{1, 2, 3, 5, 6, 7} {
		w.SetPermission(id, "ines", sandbox.Push)
	}
	w.RenameRepository(2, "new")
	w.ArchiveRepository(3, true)
	w.Install("whole", sandbox.SelectAll)
	w.Install("partly", sandbox.SelectSome, 5)
	w.Suspend(w.Install("asleep", sandbox.SelectAll), "ines")
	w.Install("alien", sandbox.SelectAll)
	return w
}

func TestTheDoctorsVerdicts(t *testing.T) {
	s := open(t, ward())
	v := s.logIn("ines")
	for asked, want := range map[string]string{
		"whole/mine":                             "fine",
		"WHOLE/Mine":                             "fine",
		"whole/old":                              "renamed",
		"whole/frozen":                           "archived",
		"whole/hidden":                           "not_reachable",
		"whole/invented":                         "not_reachable",
		"partly/chosen":                          "fine",
		"partly/left-out":                        "not_reachable",
		"asleep/mine":                            "suspended",
		"alien/secret":                           "not_visible",
		"alien/open":                             "not_visible",
		"nobody/nothing":                         "not_visible",
		s.gitHubURL + "/whole/mine":              "fine",
		s.gitHubURL + "/whole/mine.git":          "fine",
		s.gitHubURL + "/whole/mine/issues/7?x=1": "fine",
	} {
		a := v.get("/api/users/me/doctor?repository=" + url.QueryEscape(asked)).status(http.StatusOK)
		answer := a.object()
		if answer["verdict"] != want {
			t.Errorf("%s: %v, want %s", asked, answer["verdict"], want)
		}
		if a.header("Cache-Control") != "no-store" {
			t.Errorf("%s: the answer may be kept", asked)
		}
		if strings.HasPrefix(want, "not_") && len(answer["reasons"].([]any)) < 2 {
			t.Errorf("%s: reasons %v", asked, answer["reasons"])
		}
		page := v.get("/access?repository=" + url.QueryEscape(asked)).status(http.StatusOK)
		if said := page.text("#access-result h2"); said != answer["message"] {
			t.Errorf("%s: the page says %q, the API %q", asked, said, answer["message"])
		}
	}
	part := v.fragment("/access?repository=whole%2Fmine", "access-result").status(http.StatusOK)
	if strings.Contains(part.body, "<html") || !strings.Contains(part.body, "Accessible") {
		t.Errorf("the fragment is %s", part.body)
	}
}

// asked counts what GitHub was asked, but for what the App itself asks now and
// again whoever does what.
func (s *stage) asked() (n int) {
	for _, request := range s.gitHub.Requests() {
		_, path, ofApp := strings.Cut(request.Path, "/api/v3/app")
		if !ofApp || path != "" && path != "/installations" && path != "/installation-requests" && path != "/hook/deliveries" {
			n++
		}
	}
	return n
}

// To a stranger a repository that exists and one that doesn't are the same.
func TestTheDoctorTellsStrangersNothing(t *testing.T) {
	const asked = "alien/secret"
	hear := func(t *testing.T, exists bool) (string, int) {
		w := ward()
		if !exists {
			w.DeleteRepository(8)
		}
		s := open(t, w)
		v := s.logIn("ines")
		s.gitHub.ResetRequests()
		a := v.get("/api/users/me/doctor?repository=" + url.QueryEscape(asked)).status(http.StatusOK)
		requests := 0
		for _, request := range s.gitHub.Requests() { // syncs ask, too, but not about this account
			if strings.Contains(request.Path, "alien") {
				requests++
			}
		}
		return strings.ReplaceAll(a.body, s.gitHubURL, ""), requests
	}
	there, asksThere := hear(t, true)
	invented, asksInvented := hear(t, false)
	if there != invented {
		t.Errorf("there %s, invented %s", there, invented)
	}
	if asksThere != asksInvented || asksThere == 0 {
		t.Errorf("GitHub is asked %d times for one that is there, %d times for an invented one", asksThere, asksInvented)
	}
}

func TestTheDoctorNeedsARepository(t *testing.T) {
	s := open(t, ward())
	v := s.logIn("ines")
	for _, asked := range []string{"", "whole", "whole/", "/mine", "a b/c", "whole/mine/x", "../..", "whole/..", "https://github.example/whole/mine", "javascript:alert(1)", strings.Repeat("x", 300) + "/y"} {
		message := v.get("/api/users/me/doctor?repository=" + url.QueryEscape(asked)).status(http.StatusUnprocessableEntity).message()
		if !strings.Contains(message, "repository") {
			t.Errorf("%q: %s", asked, message)
		}
		if asked == "" {
			continue
		}
		if page := v.get("/access?repository=" + url.QueryEscape(asked)); page.text("#repository-problem") == "" {
			t.Errorf("%q: the page says nothing", asked)
		}
	}
	v.get("/access").status(http.StatusOK)
}

func TestTheDoctorSaysWhenGitHubDoesNotAnswer(t *testing.T) {
	s := open(t, ward())
	v := s.logIn("ines")
	s.gitHub.Fault(func(*http.Request) *sandbox.Fault { return sandbox.BadGateway(http.StatusBadGateway) })
	var answer map[string]any
	v.get("/api/users/me/doctor?repository=whole%2Fmine").status(http.StatusOK).into(&answer)
	if answer["verdict"] != "unavailable" {
		t.Errorf("the verdict is %v", answer["verdict"])
	}
	if said := v.get("/access?repository=whole%2Fmine").status(http.StatusOK).text("main"); !strings.Contains(said, "isn't responding") {
		t.Errorf("the page says %q", said)
	}
}

// R2: why GitHub refuses is a verdict, in its own words.
func TestR2ARefusalIsAVerdict(t *testing.T) {
	for verdict, refuse := range map[string]func(*stage){
		"ip_allow_list": func(s *stage) { s.world.Refuse("whole", sandbox.IPAllowList) },
		"managed_user":  func(s *stage) { s.world.Refuse("whole", sandbox.ManagedUsersOnly) },
		"blocked": func(s *stage) {
			s.world.BlockRepository(s.world.Repositories("whole")[0].ID, http.StatusUnavailableForLegalReasons)
		},
	} {
		t.Run(verdict, func(t *testing.T) {
			s := open(t, ward())
			v := s.logIn("ines")
			name := s.world.Repositories("whole")[0].Name
			refuse(s)
			var answer map[string]any
			v.get("/api/users/me/doctor?repository=" + url.QueryEscape("whole/"+name)).status(http.StatusOK).into(&answer)
			if answer["verdict"] != verdict {
				t.Errorf("the verdict is %v: %v", answer["verdict"], answer["message"])
			}
		})
	}
}

// R2: a suspended account reads nothing more, with a session or an API token, and the
// next sign-in brings all back.
func TestR2ASuspendedAccountReadsNothing(t *testing.T) {
	s := open(t, ward())
	v := s.logIn("ines")
	s.world.Refuse("ines", sandbox.AccountSuspended)
	v.get("/api/users/me/rate_limit")
	if message := v.get("/api/users/me/installations").status(http.StatusUnauthorized).message(); !strings.Contains(message, "suspended your account") {
		t.Errorf("the message is %q", message)
	}
	s.world.Refuse("ines", "")
	s.logIn("ines").get("/api/users/me/installations").status(http.StatusOK)
}

// R3: each way in which GitHub ends a sign-in has a page of its own, and none starts
// the next.
func TestR3EachOAuthErrorHasAPage(t *testing.T) {
	for code, says := range map[string]string{
		"access_denied": "canceled", "application_suspended": "suspended this app", "unverified_user_email": "verified email",
		"incorrect_client_credentials": "credentials", "redirect_uri_mismatch": "callback URL", "server_error": "isn't responding", "novel": "didn't complete",
	} {
		s := open(t, ward())
		page := s.visit().get("/auth/github/callback?error=" + code)
		if page.header("Location") != "" || !strings.Contains(page.text("main"), says) {
			t.Errorf("%s: leads to %q and says %q", code, page.header("Location"), page.text("main"))
		}
	}
}

// Whoever administers the account could look on GitHub all the same: to them
// the App's own word narrows the reasons.
func TestTheDoctorTellsAdminsMore(t *testing.T) {
	w := ward()
	w.AddUser(sandbox.User{Login: "olga"})
	w.AddMember("whole", "olga", sandbox.RoleAdmin)
	w.AddMember("partly", "olga", sandbox.RoleAdmin)
	s := open(t, w)
	olga, ines := s.logIn("olga"), s.logIn("ines")
	for _, c := range []struct {
		v       *visitor
		asked   string
		reasons int
		says    string
	}{
		{olga, "partly/left-out", 2, "only access selected repositories"},
		{olga, "whole/invented", 1, "The repository doesn't exist"},
		{ines, "whole/hidden", 2, "You don't have access"},
		{ines, "whole/invented", 2, "You don't have access"},
	} {
		answer := c.v.get("/api/users/me/doctor?repository=" + url.QueryEscape(c.asked)).status(http.StatusOK).object()
		reasons := answer["reasons"].([]any)
		if answer["verdict"] != "not_reachable" || len(reasons) != c.reasons || !strings.Contains(reasons[0].(string), c.says) {
			t.Errorf("%s: %v", c.asked, answer)
		}
	}
}

func TestTheDoctorKnowsOfARequestThatWaits(t *testing.T) {
	w := sandbox.NewWorld()
	w.AddUser(sandbox.User{Login: "mats"})
	w.AddOrganization(sandbox.Organization{Login: "harbor"})
	w.AddMember("harbor", "mats", sandbox.RoleMember)
	w.RequestInstallation("harbor", "mats")
	s := open(t, w)
	mats := s.logIn("mats")
	mats.get("/auth/github/setup?setup_action=request").status(http.StatusSeeOther)
	mats.until("/installations", "main", "harbor")
	for asked, want := range map[string]string{"harbor/anything": "awaiting_approval", "other/anything": "not_visible"} {
		if got := mats.get("/api/users/me/doctor?repository=" + url.QueryEscape(asked)).status(http.StatusOK).object()["verdict"]; got != want {
			t.Errorf("%s: %v, want %s", asked, got, want)
		}
	}
}

// An organization behind single sign-on is absent until one signs on to it: the
// doctor says so as a possibility, with the way out.
func TestTheDoctorThinksOfSingleSignOn(t *testing.T) {
	w := ward()
	w.RequireSSO("whole")
	s := open(t, w)
	v := s.logIn("ines")
	answer := v.get("/api/users/me/doctor?repository=whole%2Fmine").status(http.StatusOK).object()
	reasons := fmt.Sprint(answer["reasons"])
	if answer["verdict"] != "not_visible" || !strings.Contains(reasons, "/orgs/whole/sso") {
		t.Errorf("%v", answer)
	}
}
