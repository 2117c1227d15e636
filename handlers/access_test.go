package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"neptun/handlers/handlerstest"
	"neptun/sandbox"
)

// accessWorld has one repository for each verdict of ines' access check.
func accessWorld() *sandbox.World {
	w := sandbox.NewWorld()
	w.Accounts.AddUser(sandbox.User{Login: "ines"})
	for _, org := range []string{"whole", "partly", "asleep", "alien"} {
		w.Accounts.AddOrganization(sandbox.Organization{Login: org})
	}
	for _, org := range []string{"whole", "partly", "asleep"} {
		w.Accounts.AddMember(org, "ines", sandbox.RoleMember)
	}
	add := func(id int64, owner, name string, private bool) {
		w.Repositories.Add(owner, sandbox.Repository{ID: id, Name: name, Private: private})
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
		w.Repositories.SetPermission(id, "ines", sandbox.Push)
	}
	w.Repositories.Rename(2, "new")
	w.Repositories.Archive(3, true)
	w.Installations.Install("whole", sandbox.SelectAll)
	w.Installations.Install("partly", sandbox.SelectSome, 5)
	w.Installations.Suspend(w.Installations.Install("asleep", sandbox.SelectAll), "ines")
	w.Installations.Install("alien", sandbox.SelectAll)
	return w
}

func TestAccessCheckVerdicts(t *testing.T) {
	s := handlerstest.Open(t, accessWorld())
	v := s.LogIn("ines")
	for name, want := range map[string]string{
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
		s.GitHubURL + "/whole/mine":              "fine",
		s.GitHubURL + "/whole/mine.git":          "fine",
		s.GitHubURL + "/whole/mine/issues/7?x=1": "fine",
	} {
		a := v.Get("/api/users/me/doctor?repository=" + url.QueryEscape(name)).Status(http.StatusOK)
		response := a.Object()
		if response["verdict"] != want {
			t.Errorf("%s: %v, want %s", name, response["verdict"], want)
		}
		if a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: the response may be cached", name)
		}
		if strings.HasPrefix(want, "not_") && len(response["reasons"].([]any)) < 2 {
			t.Errorf("%s: reasons %v", name, response["reasons"])
		}
		page := v.Get("/access?repository=" + url.QueryEscape(name)).Status(http.StatusOK)
		if text := page.Text("#access-result h2"); text != response["message"] {
			t.Errorf("%s: the page says %q, the API %q", name, text, response["message"])
		}
	}
	part := v.Fragment("/access?repository=whole%2Fmine", "access-result").Status(http.StatusOK)
	if strings.Contains(part.Body, "<html") || !strings.Contains(part.Body, "Accessible") {
		t.Errorf("the fragment is %s", part.Body)
	}
}

// A repository that exists and one that doesn't look the same to a user without access.
func TestAccessCheckRevealsNothingToStrangers(t *testing.T) {
	const name = "alien/secret"
	check := func(t *testing.T, exists bool) (string, int) {
		w := accessWorld()
		if !exists {
			w.Repositories.Delete(8)
		}
		s := handlerstest.Open(t, w)
		v := s.LogIn("ines")
		s.GitHub.ResetRequests()
		a := v.Get("/api/users/me/doctor?repository=" + url.QueryEscape(name)).Status(http.StatusOK)
		requests := 0
		for _, request := range s.GitHub.Requests() { // syncs send requests as well, but not about this account
			if strings.Contains(request.Path, "alien") {
				requests++
			}
		}
		return strings.ReplaceAll(a.Body, s.GitHubURL, ""), requests
	}
	existing, requestsForExisting := check(t, true)
	invented, requestsForInvented := check(t, false)
	if existing != invented {
		t.Errorf("existing %s, invented %s", existing, invented)
	}
	if requestsForExisting != requestsForInvented || requestsForExisting == 0 {
		t.Errorf("%d requests to GitHub for an existing repository, %d for an invented one", requestsForExisting, requestsForInvented)
	}
}

func TestAccessCheckRequiresARepository(t *testing.T) {
	s := handlerstest.Open(t, accessWorld())
	v := s.LogIn("ines")
	for _, name := range []string{"", "whole", "whole/", "/mine", "a b/c", "whole/mine/x", "../..", "whole/..", "https://github.example/whole/mine", "javascript:alert(1)", strings.Repeat("x", 300) + "/y"} {
		message := v.Get("/api/users/me/doctor?repository=" + url.QueryEscape(name)).Status(http.StatusUnprocessableEntity).Message()
		if !strings.Contains(message, "repository") {
			t.Errorf("%q: %s", name, message)
		}
		if name == "" {
			continue
		}
		if page := v.Get("/access?repository=" + url.QueryEscape(name)); page.Text("#repository-error") == "" {
			t.Errorf("%q: the page shows no error", name)
		}
	}
	v.Get("/access").Status(http.StatusOK)
}

func TestAccessCheckReportsThatGitHubDoesNotRespond(t *testing.T) {
	s := handlerstest.Open(t, accessWorld())
	v := s.LogIn("ines")
	s.GitHub.Fault(func(*http.Request) *sandbox.Fault { return sandbox.BadGateway(http.StatusBadGateway) })
	var response map[string]any
	v.Get("/api/users/me/doctor?repository=whole%2Fmine").Status(http.StatusOK).Into(&response)
	if response["verdict"] != "unavailable" {
		t.Errorf("the verdict is %v", response["verdict"])
	}
	if text := v.Get("/access?repository=whole%2Fmine").Status(http.StatusOK).Text("main"); !strings.Contains(text, "isn't responding") {
		t.Errorf("the page shows %q", text)
	}
}

// R2: GitHub's reason for a refusal is a verdict.
func TestR2ARefusalIsAVerdict(t *testing.T) {
	for verdict, refuse := range map[string]func(*handlerstest.Stage){
		"ip_allow_list": func(s *handlerstest.Stage) { s.World.Accounts.Refuse("whole", sandbox.IPAllowList) },
		"managed_user":  func(s *handlerstest.Stage) { s.World.Accounts.Refuse("whole", sandbox.ManagedUsersOnly) },
		"blocked": func(s *handlerstest.Stage) {
			s.World.Repositories.Block(s.World.Repositories.List("whole")[0].ID, http.StatusUnavailableForLegalReasons)
		},
	} {
		t.Run(verdict, func(t *testing.T) {
			s := handlerstest.Open(t, accessWorld())
			v := s.LogIn("ines")
			name := s.World.Repositories.List("whole")[0].Name
			refuse(s)
			var response map[string]any
			v.Get("/api/users/me/doctor?repository=" + url.QueryEscape("whole/"+name)).Status(http.StatusOK).Into(&response)
			if response["verdict"] != verdict {
				t.Errorf("the verdict is %v: %v", response["verdict"], response["message"])
			}
		})
	}
}

// R2: a suspended account has no access, neither by session nor by API token. The next
// sign-in restores everything.
func TestR2ASuspendedAccountHasNoAccess(t *testing.T) {
	s := handlerstest.Open(t, accessWorld())
	v := s.LogIn("ines")
	s.World.Accounts.Refuse("ines", sandbox.AccountSuspended)
	v.Get("/api/users/me/rate_limit")
	if message := v.Get("/api/users/me/installations").Status(http.StatusUnauthorized).Message(); !strings.Contains(message, "suspended your account") {
		t.Errorf("the message is %q", message)
	}
	s.World.Accounts.Refuse("ines", "")
	s.LogIn("ines").Get("/api/users/me/installations").Status(http.StatusOK)
}

// R3: each OAuth error has its own page, and none starts another sign-in automatically.
func TestR3EachOAuthErrorHasAPage(t *testing.T) {
	for code, says := range map[string]string{
		"access_denied": "canceled", "application_suspended": "suspended this app", "unverified_user_email": "verified email",
		"incorrect_client_credentials": "credentials", "redirect_uri_mismatch": "callback URL", "server_error": "isn't responding", "novel": "didn't complete",
	} {
		s := handlerstest.Open(t, accessWorld())
		page := s.Visit().Get("/auth/github/callback?error=" + code)
		if page.Header.Get("Location") != "" || !strings.Contains(page.Text("main"), says) {
			t.Errorf("%s: redirects to %q and shows %q", code, page.Header.Get("Location"), page.Text("main"))
		}
	}
}

// Admins of the account can look it up on GitHub anyway, so their reasons use what the app
// can see.
func TestAccessCheckShowsAdminsMore(t *testing.T) {
	w := accessWorld()
	w.Accounts.AddUser(sandbox.User{Login: "olga"})
	w.Accounts.AddMember("whole", "olga", sandbox.RoleAdmin)
	w.Accounts.AddMember("partly", "olga", sandbox.RoleAdmin)
	s := handlerstest.Open(t, w)
	olga, ines := s.LogIn("olga"), s.LogIn("ines")
	for _, c := range []struct {
		v       *handlerstest.Visitor
		asked   string
		reasons int
		says    string
	}{
		{olga, "partly/left-out", 2, "only access selected repositories"},
		{olga, "whole/invented", 1, "The repository doesn't exist"},
		{ines, "whole/hidden", 2, "You don't have access"},
		{ines, "whole/invented", 2, "You don't have access"},
	} {
		response := c.v.Get("/api/users/me/doctor?repository=" + url.QueryEscape(c.asked)).Status(http.StatusOK).Object()
		reasons := response["reasons"].([]any)
		if response["verdict"] != "not_reachable" || len(reasons) != c.reasons || !strings.Contains(reasons[0].(string), c.says) {
			t.Errorf("%s: %v", c.asked, response)
		}
	}
}

func TestAccessCheckReportsAPendingRequest(t *testing.T) {
	w := sandbox.NewWorld()
	w.Accounts.AddUser(sandbox.User{Login: "mats"})
	w.Accounts.AddOrganization(sandbox.Organization{Login: "harbor"})
	w.Accounts.AddMember("harbor", "mats", sandbox.RoleMember)
	w.InstallationRequests.Create("harbor", "mats")
	s := handlerstest.Open(t, w)
	mats := s.LogIn("mats")
	mats.Get("/auth/github/setup?setup_action=request").Status(http.StatusSeeOther)
	mats.Until("/installations", "main", "harbor")
	for name, want := range map[string]string{"harbor/anything": "awaiting_approval", "other/anything": "not_visible"} {
		if got := mats.Get("/api/users/me/doctor?repository=" + url.QueryEscape(name)).Status(http.StatusOK).Object()["verdict"]; got != want {
			t.Errorf("%s: %v, want %s", name, got, want)
		}
	}
}

// GitHub doesn't show an organization with SAML single sign-on until the user authorizes the
// app for it. The access check mentions the possibility and how to fix it.
func TestAccessCheckMentionsSingleSignOn(t *testing.T) {
	w := accessWorld()
	w.Accounts.RequireSSO("whole")
	s := handlerstest.Open(t, w)
	v := s.LogIn("ines")
	response := v.Get("/api/users/me/doctor?repository=whole%2Fmine").Status(http.StatusOK).Object()
	reasons := fmt.Sprint(response["reasons"])
	if response["verdict"] != "not_visible" || !strings.Contains(reasons, "/orgs/whole/sso") {
		t.Errorf("%v", response)
	}
}
