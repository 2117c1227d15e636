package signin_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"neptun/handlers/handlerstest"
	"neptun/sandbox"
)

func setup(pairs ...string) string {
	return "/auth/github/setup?" + handlerstest.Form(pairs...).Encode()
}

func TestInstallStartsOnGitHubWithAState(t *testing.T) {
	w, _ := handlerstest.Harbor()
	s := handlerstest.Open(t, w)
	v := s.LogIn("pia")
	v.Until("/installations", ".head", "Install on another account")
	toGitHub, err := url.Parse(v.Get("/auth/github/install").Status(http.StatusSeeOther).Header.Get("Location"))
	handlerstest.Must(t, err)
	state := toGitHub.Query().Get("state")
	if !strings.HasSuffix(toGitHub.Path, "/apps/neptun-sandbox/installations/new") || state == "" {
		t.Fatalf("the installation starts at %s", toGitHub)
	}
	// Without an installation to open, users return to where they came from.
	started, err := url.Parse(v.Get("/auth/github/install?return_to=/imports").Header.Get("Location"))
	handlerstest.Must(t, err)
	for try, want := range []string{"/imports", "/installations"} {
		if to := v.Get(setup("state", started.Query().Get("state"))).Status(http.StatusSeeOther).Header.Get("Location"); to != want {
			t.Errorf("the return %d redirects to %s", try+1, to)
		}
	}
}

func TestP15AnInstallationIDProvesNothing(t *testing.T) {
	w, installation := handlerstest.Harbor()
	s := handlerstest.Open(t, w)
	pia := s.LogIn("pia")
	claim := pia.Get(setup("installation_id", fmt.Sprint(installation), "setup_action", "install")).Status(http.StatusSeeOther).Header.Get("Location")
	pia.Settle()
	page := pia.Get(claim).Status(http.StatusOK)
	if text := page.Text("#new-installation"); !strings.Contains(text, "GitHub doesn't show this installation to you") || !strings.Contains(text, "Sync now") {
		t.Errorf("the page shows %q", text)
	}
	if strings.Contains(page.Body, "harbor") {
		t.Error("the page reveals the owner")
	}
	if list := pia.Get("/api/users/me/installations").List(); len(list) != 1 {
		t.Errorf("the list is now %v", list)
	}
	missing := pia.Get("/installations/new?installation_id=999").Status(http.StatusOK)
	if missing.Text("#new-installation .card") != page.Text("#new-installation .card") {
		t.Error("an unknown installation gets another text")
	}
}

func TestP16AStateRedirectsNowhereElse(t *testing.T) {
	w, _ := handlerstest.Harbor()
	s := handlerstest.Open(t, w)
	for name, v := range map[string]*handlerstest.Visitor{"somebody": s.LogIn("pia"), "nobody": s.Visit()} {
		for _, state := range []string{"https://evil.example/", "//evil.example", "forged", "../../x"} {
			to := v.Get(setup("state", state, "return_to", "https://evil.example", "setup_action", "install")).Status(http.StatusSeeOther).Header.Get("Location")
			if to != "/installations" && !strings.HasPrefix(to, "/auth/github?return_to=%2Fauth%2Fgithub%2Fsetup") || strings.Contains(to, "evil") {
				t.Errorf("%s with the state %q redirects to %s", name, state, to)
			}
		}
	}
	// The same for the state of another browser.
	otherURL, err := url.Parse(s.Visit().Get("/auth/github/install?return_to=/imports").Header.Get("Location"))
	handlerstest.Must(t, err)
	if to := s.LogIn("pia").Get(setup("state", otherURL.Query().Get("state"))).Header.Get("Location"); to != "/installations" {
		t.Errorf("the state of another browser redirects to %s", to)
	}
}

func TestReturningFromGitHubSignsInFirst(t *testing.T) {
	w, _ := handlerstest.Harbor()
	s := handlerstest.Open(t, w)
	w.Repositories.Add("mats", sandbox.Repository{Name: "raft"})
	installation := w.Installations.Install("mats", sandbox.SelectAll)
	v := s.Visit()
	for _, address := range []string{
		setup("installation_id", fmt.Sprint(installation), "setup_action", "install"),
		// if the app requests authorization during installation
		"/auth/github/callback?code=abc&" + handlerstest.Form("installation_id", fmt.Sprint(installation), "setup_action", "install").Encode(),
	} {
		next := v.Get(address).Status(http.StatusSeeOther).Header.Get("Location")
		if strings.HasPrefix(next, "/auth/github/setup?") {
			next = v.Get(next).Status(http.StatusSeeOther).Header.Get("Location")
		}
		back := v.Get(v.Path(v.Approve(v.Get(next).Header.Get("Location"), "mats"))).Status(http.StatusSeeOther).Header.Get("Location")
		arrival := v.Get(back).Status(http.StatusSeeOther).Header.Get("Location")
		v.Settle()
		if strings.HasPrefix(arrival, "/installations/new") {
			arrival = v.Get(arrival).Status(http.StatusSeeOther).Header.Get("Location")
		}
		if want := "/installations/" + v.Record("mats"); arrival != want {
			t.Errorf("redirects to %s, want %s", arrival, want)
		}
		v.Post("/logout", nil)
	}
}

func TestP18ReturningOpensTheInstallationOrSaysWhatToDo(t *testing.T) {
	w, installation := handlerstest.Harbor()
	s := handlerstest.Open(t, w)
	olga := s.LogIn("olga")
	record := olga.Record("harbor")
	extra := w.Repositories.Add("harbor", sandbox.Repository{Name: "buoy", Private: true})
	to := olga.Get(setup("installation_id", fmt.Sprint(installation), "setup_action", "update")).Status(http.StatusSeeOther).Header.Get("Location")
	if to != "/installations/"+record {
		t.Errorf("after a change on GitHub the redirect goes to %s", to)
	}
	olga.Settle()
	page := olga.Get(to).Status(http.StatusOK)
	if !strings.Contains(page.Text("#results"), extra.Name) {
		t.Error("the change on GitHub wasn't synced")
	}
	if page.Page().Find("#sync-now").Length() == 0 || !strings.Contains(page.Text("#missing"), "sync") {
		t.Errorf("the page doesn't show what to do: %q", page.Text("#missing"))
	}
	list := olga.Get("/installations").Status(http.StatusOK)
	if text := list.Text(".absent"); !strings.Contains(text, "already installed") || !strings.Contains(text, "/orgs/ORG/sso") || list.Page().Find("#sync-now").Length() == 0 {
		t.Errorf("the list shows %q", text)
	}
	// A waiting fragment is redirected.
	if to := olga.Fragment("/installations/new?installation_id="+fmt.Sprint(installation), "new-installation").Status(http.StatusOK).Header.Get("HX-Redirect"); to != "/installations/"+record {
		t.Errorf("the waiting page is redirected to %q", to)
	}
}

func TestP11AUserWithoutInstallationsSeesTheNextStep(t *testing.T) {
	w, _ := handlerstest.Harbor()
	w.Accounts.AddUser(sandbox.User{Login: "nele"})
	s := handlerstest.Open(t, w)
	nele := s.LogIn("nele")
	page := nele.Until("/installations", "#installations", "Install on GitHub")
	if text := page.Text("#installations"); !strings.Contains(text, "Now install the app") {
		t.Errorf("the page shows %q", text)
	}
	if page.Page().Find(`#installations a[href="/auth/github/install"][hx-boost="false"]`).Length() == 0 {
		t.Error("there is no link to install it, or htmx would follow it")
	}
}

func TestP13P14ARequestIsFollowedUntilItIsApprovedOrGone(t *testing.T) {
	t.Parallel()
	w, _ := handlerstest.Harbor()
	for _, org := range []string{"dry-dock", "wharf"} {
		w.Accounts.AddOrganization(sandbox.Organization{Login: org})
		w.Accounts.AddMember(org, "olga", sandbox.RoleAdmin)
		w.Accounts.AddMember(org, "mats", sandbox.RoleMember)
	}
	plank := w.Repositories.Add("dry-dock", sandbox.Repository{Name: "plank", Private: true})
	w.Repositories.SetPermission(plank.ID, "mats", sandbox.Pull)
	w.Apps.SetOwner("pia")
	s := handlerstest.Open(t, w)
	mats, otto, pia := s.LogIn("mats"), s.LogIn("otto"), s.LogIn("pia")

	wanted, unwanted := w.InstallationRequests.Create("dry-dock", "mats"), w.InstallationRequests.Create("wharf", "mats")
	to := mats.Get(setup("setup_action", "request")).Status(http.StatusSeeOther).Header.Get("Location")
	if page := mats.Get(to).Status(http.StatusOK); !strings.Contains(page.Text("#notices"), "was sent to the owners") {
		t.Errorf("the requester sees %q", page.Text("#notices"))
	}
	mats.Until("/installations", "#installations", "Requested dry-dock")
	if text := otto.Get("/installations").Text("#installations"); strings.Contains(text, "dry-dock") {
		t.Error("another user sees the request")
	}
	inbox := pia.Get("/api/app/installation-requests").Status(http.StatusOK).List()
	if len(inbox) != 2 {
		t.Fatalf("the operators' list is %v", inbox)
	}
	handlerstest.WantField(t, inbox[0], "state", "pending")
	handlerstest.WantField(t, inbox[0], "requester_github_login", "mats")
	handlerstest.WantField(t, inbox[0], "settled_at", nil)
	otto.Get("/api/app/installation-requests").Status(http.StatusForbidden).Message()
	s.Visit().Get("/api/app/installation-requests").Status(http.StatusUnauthorized).Message()

	w.InstallationRequests.Approve(wanted, "olga", sandbox.SelectAll)
	w.InstallationRequests.Deny(unwanted)
	s.Clock.Advance(2 * time.Minute) // without a return from GitHub
	page := mats.Until("/installations", "#installations", "Ready dry-dock")
	if text := page.Text("#installations"); !strings.Contains(text, "Closed wharf") {
		t.Errorf("the page shows %q", text)
	}
	mats.Settle()
	mats.Get("/installations/" + mats.Record("dry-dock")).Status(http.StatusOK)
}

func TestThePageMentionsOrganizationsWithSingleSignOn(t *testing.T) {
	w, _ := handlerstest.Harbor()
	w.Accounts.RequireSSO("harbor")
	s := handlerstest.Open(t, w)
	olga := s.LogIn("olga")
	page := olga.Get("/installations").Status(http.StatusOK)
	if len(olga.Get("/api/users/me/installations").List()) != 0 {
		t.Fatal("GitHub shows the organization despite single sign-on")
	}
	if text := page.Text(".absent"); !strings.Contains(text, "Single sign-on") || !strings.Contains(text, "sign in again") {
		t.Errorf("the page shows %q", text)
	}
}
