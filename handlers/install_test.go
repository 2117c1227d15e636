package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"neptun/db/dbtest"
	"neptun/sandbox"
)

// until asks for a page again until it says what is waited for.
func (v *visitor) until(path, selector, said string) answer {
	v.s.t.Helper()
	var last answer
	for end := time.Now().Add(dbtest.Timeout); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if last = v.get(path); strings.Contains(last.text(selector), said) {
			return last
		}
	}
	v.s.t.Fatalf("%s says %q and never %q", path, last.text(selector), said)
	return last
}

func setup(pairs ...string) string { return "/auth/github/setup?" + form(pairs...).Encode() }

func TestInstallStartsOnGitHubWithAState(t *testing.T) {
	w, _ := harbor()
	s := open(t, w)
	v := s.logIn("pia")
	v.until("/installations", ".head", "Install on another account")
	toGitHub, err := url.Parse(v.get("/auth/github/install").status(http.StatusSeeOther).header("Location"))
	must(t, err)
	state := toGitHub.Query().Get("state")
	if !strings.HasSuffix(toGitHub.Path, "/apps/neptun-sandbox/installations/new") || state == "" {
		t.Fatalf("the install starts at %s", toGitHub)
	}
	// Without an installation to open, the way back is where one came from.
	started, err := url.Parse(v.get("/auth/github/install?return_to=/imports").header("Location"))
	must(t, err)
	for try, want := range []string{"/imports", "/installations"} {
		if to := v.get(setup("state", started.Query().Get("state"))).status(http.StatusSeeOther).header("Location"); to != want {
			t.Errorf("coming back for time %d leads to %s", try+1, to)
		}
	}
}

func TestP15AnInstallationIDProvesNothing(t *testing.T) {
	w, installation := harbor()
	s := open(t, w)
	pia := s.logIn("pia")
	claim := pia.get(setup("installation_id", fmt.Sprint(installation), "setup_action", "install")).status(http.StatusSeeOther).header("Location")
	pia.settle()
	page := pia.get(claim).status(http.StatusOK)
	if said := page.text("#new-installation"); !strings.Contains(said, "GitHub doesn't show this installation to you") || !strings.Contains(said, "Sync now") {
		t.Errorf("the page says %q", said)
	}
	if strings.Contains(page.body, "harbor") {
		t.Error("the page tells whose it is")
	}
	if list := pia.get("/api/users/me/installations").list(); len(list) != 1 {
		t.Errorf("the list is now %v", list)
	}
	missing := pia.get("/installations/new?installation_id=999").status(http.StatusOK)
	if missing.text("#new-installation .card") != page.text("#new-installation .card") {
		t.Error("what isn't there is told in other words")
	}
}

func TestP16AStateLeadsNowhereElse(t *testing.T) {
	w, _ := harbor()
	s := open(t, w)
	for name, v := range map[string]*visitor{"somebody": s.logIn("pia"), "nobody": s.visit()} {
		for _, state := range []string{"https://evil.example/", "//evil.example", "forged", "../../x"} {
			to := v.get(setup("state", state, "return_to", "https://evil.example", "setup_action", "install")).status(http.StatusSeeOther).header("Location")
			if to != "/installations" && !strings.HasPrefix(to, "/auth/github?return_to=%2Fauth%2Fgithub%2Fsetup") || strings.Contains(to, "evil") {
				t.Errorf("%s with the state %q gets to %s", name, state, to)
			}
		}
	}
	// Another browser's state is none either.
	theirs, err := url.Parse(s.visit().get("/auth/github/install?return_to=/imports").header("Location"))
	must(t, err)
	if to := s.logIn("pia").get(setup("state", theirs.Query().Get("state"))).header("Location"); to != "/installations" {
		t.Errorf("a state of another browser leads to %s", to)
	}
}

func TestWhoComesBackFromGitHubLogsInFirstAndGoesOn(t *testing.T) {
	w, _ := harbor()
	s := open(t, w)
	w.AddRepository("mats", sandbox.Repository{Name: "raft"})
	installation := w.Install("mats", sandbox.SelectAll)
	v := s.visit()
	for _, address := range []string{
		setup("installation_id", fmt.Sprint(installation), "setup_action", "install"),
		// where the App asks for authorization during installation
		"/auth/github/callback?code=abc&" + form("installation_id", fmt.Sprint(installation), "setup_action", "install").Encode(),
	} {
		next := v.get(address).status(http.StatusSeeOther).header("Location")
		if strings.HasPrefix(next, "/auth/github/setup?") {
			next = v.get(next).status(http.StatusSeeOther).header("Location")
		}
		back := v.get(v.path(v.approve(v.get(next).header("Location"), "mats"))).status(http.StatusSeeOther).header("Location")
		arrival := v.get(back).status(http.StatusSeeOther).header("Location")
		v.settle()
		if strings.HasPrefix(arrival, "/installations/new") {
			arrival = v.get(arrival).status(http.StatusSeeOther).header("Location")
		}
		if want := "/installations/" + v.record("mats"); arrival != want {
			t.Errorf("one gets to %s, expected %s", arrival, want)
		}
		v.post("/logout", nil)
	}
}

func TestP18AnInstallationThatIsThereIsOpenedAndNothingIsADeadEnd(t *testing.T) {
	w, installation := harbor()
	s := open(t, w)
	olga := s.logIn("olga")
	record := olga.record("harbor")
	extra := w.AddRepository("harbor", sandbox.Repository{Name: "buoy", Private: true})
	to := olga.get(setup("installation_id", fmt.Sprint(installation), "setup_action", "update")).status(http.StatusSeeOther).header("Location")
	if to != "/installations/"+record {
		t.Errorf("after a change on GitHub one gets to %s", to)
	}
	olga.settle()
	page := olga.get(to).status(http.StatusOK)
	if !strings.Contains(page.text("#results"), extra.Name) {
		t.Error("what changed on GitHub was not read")
	}
	if page.page().Find("#sync-now").Length() == 0 || !strings.Contains(page.text("#missing"), "sync") {
		t.Errorf("the page doesn't say what to do: %q", page.text("#missing"))
	}
	list := olga.get("/installations").status(http.StatusOK)
	if said := list.text(".absent"); !strings.Contains(said, "already installed") || !strings.Contains(said, "/orgs/ORG/sso") || list.page().Find("#sync-now").Length() == 0 {
		t.Errorf("the list says %q", said)
	}
	// A fragment that waits is sent on.
	if to := olga.fragment("/installations/new?installation_id="+fmt.Sprint(installation), "new-installation").status(http.StatusOK).header("HX-Redirect"); to != "/installations/"+record {
		t.Errorf("the page that waits is sent to %q", to)
	}
}

func TestP11WhoIsAuthorizedButInstalledNothingIsToldTheStepThatIsLeft(t *testing.T) {
	w, _ := harbor()
	w.AddUser(sandbox.User{Login: "nele"})
	s := open(t, w)
	nele := s.logIn("nele")
	page := nele.until("/installations", "#installations", "Install on GitHub")
	if said := page.text("#installations"); !strings.Contains(said, "Now install the app") {
		t.Errorf("the page says %q", said)
	}
	if page.page().Find(`#installations a[href="/auth/github/install"][hx-boost="false"]`).Length() == 0 {
		t.Error("there is no link to install it, or htmx would follow it")
	}
}

func TestP13P14ARequestIsWatchedUntilItIsReadyOrGone(t *testing.T) {
	t.Parallel()
	w, _ := harbor()
	for _, org := range []string{"dry-dock", "wharf"} {
		w.AddOrganization(sandbox.Organization{Login: org})
		w.AddMember(org, "olga", sandbox.RoleAdmin)
		w.AddMember(org, "mats", sandbox.RoleMember)
	}
	plank := w.AddRepository("dry-dock", sandbox.Repository{Name: "plank", Private: true})
	w.SetPermission(plank.ID, "mats", sandbox.Pull)
	w.SetAppOwner("pia")
	s := open(t, w)
	mats, otto, pia := s.logIn("mats"), s.logIn("otto"), s.logIn("pia")

	wanted, unwanted := w.RequestInstallation("dry-dock", "mats"), w.RequestInstallation("wharf", "mats")
	to := mats.get(setup("setup_action", "request")).status(http.StatusSeeOther).header("Location")
	if page := mats.get(to).status(http.StatusOK); !strings.Contains(page.text("#notices"), "was sent to the owners") {
		t.Errorf("who asked is told %q", page.text("#notices"))
	}
	mats.until("/installations", "#installations", "Requested dry-dock")
	if said := otto.get("/installations").text("#installations"); strings.Contains(said, "dry-dock") {
		t.Error("somebody else is shown the request")
	}
	inbox := pia.get("/api/app/installation-requests").status(http.StatusOK).list()
	if len(inbox) != 2 {
		t.Fatalf("the operators' inbox is %v", inbox)
	}
	is(t, inbox[0], "state", "pending")
	is(t, inbox[0], "requester_github_login", "mats")
	is(t, inbox[0], "settled_at", nil)
	otto.get("/api/app/installation-requests").status(http.StatusForbidden).message()
	s.visit().get("/api/app/installation-requests").status(http.StatusUnauthorized).message()

	w.ApproveRequest(wanted, "olga", sandbox.SelectAll)
	w.DenyRequest(unwanted)
	s.clock.advance(2 * time.Minute) // nobody has to come back from GitHub for it
	page := mats.until("/installations", "#installations", "Ready dry-dock")
	if said := page.text("#installations"); !strings.Contains(said, "Closed wharf") {
		t.Errorf("the page says %q", said)
	}
	mats.settle()
	mats.get("/installations/" + mats.record("dry-dock")).status(http.StatusOK)
}

func TestAnOrganizationBehindSingleSignOnIsAPossibilityThatIsTold(t *testing.T) {
	w, _ := harbor()
	w.RequireSSO("harbor")
	s := open(t, w)
	olga := s.logIn("olga")
	page := olga.get("/installations").status(http.StatusOK)
	if len(olga.get("/api/users/me/installations").list()) != 0 {
		t.Fatal("GitHub shows the organization in spite of it")
	}
	if said := page.text(".absent"); !strings.Contains(said, "Single sign-on") || !strings.Contains(said, "sign in again") {
		t.Errorf("the page says %q", said)
	}
}
