package sandbox_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"neptun/sandbox"
)

const setup = "https://neptun.example/auth/github/setup"

type requests []struct {
	ID        int64
	Account   struct{ Login string }
	Requester struct{ Login string }
}

func (s *site) requests() (all requests) {
	s.Helper()
	s.status(200, s.get("/app/installation-requests", s.appToken(nil))).into(s.T, &all)
	return all
}

func TestMembersRequestAndOwnersDecide(t *testing.T) {
	world, id, repositories := acme()
	world.Installations.Uninstall(id)
	s := open(t, world)
	ada, bob := s.signedInBrowser("ada"), s.signedInBrowser("bob")
	form := url.Values{"account": {"acme"}, "state": {"s 1"}}
	if page := string(s.page(bob, "/apps/neptun-sandbox/installations/new?state=s+1").Body); !strings.Contains(page, "Request installation on acme") ||
		strings.Contains(page, "Install on acme") || !strings.Contains(page, `name="state" value="s 1"`) {
		t.Errorf("for bob the page offers %s", page)
	}
	if r := s.page(bob, "/apps/neptun-sandbox/installations/requests", form); r.Status != 200 || !strings.Contains(string(r.Body), "Request sent") {
		t.Errorf("without a setup URL: %d", r.Status)
	}
	world.Apps.SetSetupURL(setup)
	back := s.page(bob, "/apps/neptun-sandbox/installations/requests", form).Header.Get("Location")
	if query := queryOf(t, back); !strings.HasPrefix(back, setup+"?") || query.Get("setup_action") != "request" || query.Get("state") != "s 1" || query.Has("installation_id") {
		t.Errorf("sent to %s", back)
	}
	pending := s.requests()
	if len(pending) != 1 || pending[0].Account.Login != "acme" || pending[0].Requester.Login != "bob" {
		t.Fatalf("asked %+v", pending)
	}
	for _, form := range []url.Values{{"account": {"ada"}}, {"account": {"nobody"}}} {
		s.status(404, s.page(bob, "/apps/neptun-sandbox/installations/requests", form))
	}
	s.status(404, s.page(ada, "/apps/neptun-sandbox/installations/requests", form)) // she can install the App herself
	s.status(401, s.get("/app/installation-requests", s.token("bob")))

	settings := "/organizations/acme/settings/installations"
	answer := fmt.Sprintf("%s/requests/%d", settings, pending[0].ID)
	s.status(404, s.page(bob, settings))
	s.status(404, s.page(bob, answer, url.Values{"action": {"approve"}, "selection": {"all"}}))
	if page := string(s.page(ada, settings).Body); !strings.Contains(page, "bob requested Neptun (sandbox)") || !strings.Contains(page, answer) {
		t.Errorf("ada sees %s", page)
	}
	back = s.page(ada, answer, url.Values{"action": {"approve"}, "selection": {"selected"}, "repository": {idText(repositories[0].ID)}}).Header.Get("Location")
	if query := queryOf(t, back); query.Get("setup_action") != "install" || query.Get("installation_id") == "" {
		t.Errorf("approved to %s", back)
	}
	if len(s.requests()) != 0 || s.list("/user/installations", s.token("bob")).Total != 1 {
		t.Error("approved in part")
	}

	world.Accounts.AddOrganization(sandbox.Organization{Login: "else"})
	world.Accounts.AddMember("else", "bob", sandbox.RoleMember)
	world.Accounts.AddMember("else", "ada", sandbox.RoleAdmin)
	request := world.InstallationRequests.Create("else", "bob")
	s.status(303, s.page(ada, fmt.Sprintf("/organizations/else/settings/installations/requests/%d", request), url.Values{"action": {"deny"}}))
	if len(s.requests()) != 0 || s.get("/orgs/else/installation", s.appToken(nil)).Status != 404 {
		t.Error("still listed after it was denied")
	}
	world.InstallationRequests.Approve(world.InstallationRequests.Create("else", "bob"), "ada", sandbox.SelectAll)
	s.status(200, s.get("/orgs/else/installation", s.appToken(nil)))
}

func TestInstallingAgainOpensTheSettings(t *testing.T) {
	world, id, repositories := acme()
	world.Apps.SetSetupURL(setup)
	s := open(t, world)
	ada, bob := s.signedInBrowser("ada"), s.signedInBrowser("bob")
	settings := fmt.Sprintf("/organizations/acme/settings/installations/%d", id)
	target := "/apps/neptun-sandbox/installations/new/permissions?target_id=" + idText(world.Accounts.IDOf("acme"))
	if r := s.page(ada, target); r.Status != 302 || r.Header.Get("Location") != settings {
		t.Errorf("led to %d %s", r.Status, r.Header.Get("Location"))
	}
	if to := s.page(ada, "/apps/neptun-sandbox/installations", url.Values{"account": {"acme"}, "selection": {"all"}}).Header.Get("Location"); to != settings {
		t.Errorf("installing again led to %s", to)
	}
	s.status(200, s.page(bob, target))
	s.status(404, s.page(ada, "/apps/neptun-sandbox/installations/new/permissions?target_id=1"))
	own := s.page(ada, "/apps/neptun-sandbox/installations/new/permissions?target_id="+idText(world.Accounts.IDOf("ada")))
	if own.Status != 200 || strings.Contains(string(own.Body), "Install on acme") {
		t.Errorf("one target showed %d", own.Status)
	}

	change := url.Values{"action": {"select"}, "selection": {"selected"}, "repository": {idText(repositories[2].ID)}}
	if to := s.page(ada, settings, change).Header.Get("Location"); to != settings {
		t.Errorf("an update led to %s", to)
	}
	world.Apps.SetSetupOnUpdate(true)
	to := s.page(ada, settings, change).Header.Get("Location")
	if query := queryOf(t, to); !strings.HasPrefix(to, setup) || query.Get("setup_action") != "update" || query.Get("installation_id") != idText(id) {
		t.Errorf("an update led to %s", to)
	}
}

func TestPermissionDrift(t *testing.T) {
	world, id, _ := acme()
	s := open(t, world)
	app := s.appToken(nil)
	accepted := func() (got map[string]string) {
		t.Helper()
		var i struct{ Permissions map[string]string }
		s.status(200, s.get(fmt.Sprintf("/app/installations/%d", id), app)).into(t, &i)
		return i.Permissions
	}
	world.Apps.SetPermissions(map[string]string{"metadata": "read", "contents": "write"}, "push")
	var asks struct {
		Permissions map[string]string
		Events      []string
	}
	s.get("/app", app).into(t, &asks)
	if asks.Permissions["contents"] != "write" || len(asks.Events) != 1 {
		t.Errorf("requests %+v", asks)
	}
	if got := accepted(); len(got) != 1 || got["metadata"] != "read" {
		t.Errorf("has %v", got)
	}
	s.status(422, s.send("POST", fmt.Sprintf("/app/installations/%d/access_tokens", id), app, `{"permissions":{"contents":"read"}}`))

	ada, bob := s.signedInBrowser("ada"), s.signedInBrowser("bob")
	settings := fmt.Sprintf("/organizations/acme/settings/installations/%d", id)
	review := settings + "/permissions/update"
	if page := string(s.page(ada, settings).Body); !strings.Contains(page, review) {
		t.Errorf("the settings don't show it: %s", page)
	}
	if page := string(s.page(ada, review).Body); !strings.Contains(page, "contents") || !strings.Contains(page, "push") {
		t.Errorf("to review: %s", page)
	}
	s.status(404, s.page(bob, review, url.Values{"action": {"accept"}}))
	s.status(303, s.page(ada, review, url.Values{"action": {"accept"}}))
	if got := accepted(); got["contents"] != "write" {
		t.Errorf("after accepting it has %v", got)
	}
	if page := string(s.page(ada, settings).Body); strings.Contains(page, review) {
		t.Error("still requests permissions")
	}
}
