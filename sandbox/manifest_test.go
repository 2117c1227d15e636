package sandbox_test

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

const redirect = "https://neptun.example/setup/callback"

// manifestWith returns a valid manifest with changes; nil removes a field.
func manifestWith(changes object) string {
	m := object{
		"name": "Our Neptun", "url": "https://neptun.example", "redirect_url": redirect, "public": true,
		"callback_urls": []string{callback}, "setup_url": "https://neptun.example/auth/github/setup", "setup_on_update": true,
		"hook_attributes":     object{"url": "https://neptun.example/webhooks/github"},
		"default_permissions": object{"metadata": "read", "members": "read"},
		"default_events":      []string{"repository", "public", "member", "membership", "organization", "team", "team_add"},
	}
	maps.Copy(m, changes)
	for name, value := range m {
		if value == nil {
			delete(m, name)
		}
	}
	return jsonOf(m)
}

func withoutApp() *sandbox.World {
	world := sandbox.NewWorldWithoutApp()
	world.Accounts.AddUser(sandbox.User{Login: "ada"})
	world.Accounts.AddUser(sandbox.User{Login: "bob"})
	world.Accounts.AddOrganization(sandbox.Organization{Login: "acme"})
	world.Accounts.AddMember("acme", "ada", sandbox.RoleAdmin)
	world.Accounts.AddMember("acme", "bob", sandbox.RoleMember)
	return world
}

func TestAnAppIsRegisteredFromAManifest(t *testing.T) {
	s := open(t, withoutApp())
	if r := s.page(s.browser(), "/"); r.Status != 200 {
		t.Errorf("the home page without an App: %d", r.Status)
	}
	back, err := sandboxtest.RegisterApp(http.DefaultClient, s.url+"/organizations/acme/settings/apps/new?state=st%26te", manifestWith(nil), "ada")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(back, redirect+"?") || queryOf(t, back).Get("state") != "st&te" {
		t.Errorf("sent back to %s", back)
	}
	path := "/app-manifests/" + queryOf(t, back).Get("code") + "/conversions"
	var created struct {
		ID            int64
		Slug, PEM     string
		ClientID      string `json:"client_id"`
		ClientSecret  string `json:"client_secret"`
		WebhookSecret string `json:"webhook_secret"`
		HTMLURL       string `json:"html_url"`
		Owner         struct{ Login string }
		Permissions   map[string]string
		Events        []string
	}
	s.status(201, s.send("POST", path, "", "")).into(t, &created)
	app := s.App()
	if created.ID != app.ID || created.Slug != "our-neptun" || created.PEM != app.PrivateKeyPEM || created.ClientID != app.ClientID ||
		created.ClientSecret != app.ClientSecret || created.WebhookSecret != app.WebhookSecret || created.Owner.Login != "acme" ||
		created.HTMLURL != s.url+"/apps/our-neptun" || created.Permissions["members"] != "read" || len(created.Events) != 7 {
		t.Errorf("made %+v", created)
	}
	s.status(404, s.send("POST", path, "", ""))
	s.status(404, s.send("POST", "/app-manifests/0/conversions", "", ""))
	s.status(200, s.get("/app", s.appToken(nil)))
	s.world.Installations.Install("acme", sandbox.SelectAll)
	if got := s.list("/user/installations", s.token("ada")); got.Total != 1 {
		t.Errorf("the new App's user sees %+v", got)
	}
}

func TestAManifestCodeIsValidForAnHour(t *testing.T) {
	s := open(t, withoutApp())
	back, err := sandboxtest.RegisterApp(http.DefaultClient, s.url+"/settings/apps/new", manifestWith(object{"hook_attributes": nil, "default_events": nil}), "bob")
	if err != nil {
		t.Fatal(err)
	}
	if queryOf(t, back).Has("state") {
		t.Errorf("an unknown state: %s", back)
	}
	if s.App().WebhookSecret != "" {
		t.Error("a webhook secret without a webhook")
	}
	s.wait(time.Hour)
	s.status(404, s.send("POST", "/app-manifests/"+queryOf(t, back).Get("code")+"/conversions", "", ""))
}

func TestManifestsThatGitHubRejects(t *testing.T) {
	world, _, _ := acme()
	s := open(t, world)
	before := s.App().ID
	for name, c := range map[string]struct {
		changes object
		say     string
	}{
		"long name":               {object{"name": strings.Repeat("n", 35)}, "Name is too long"},
		"an App's name":           {object{"name": "NEPTUN (Sandbox)"}, "taken"},
		"an account's name":       {object{"name": "acme"}, "taken"},
		"no url":                  {object{"url": nil}, "Url must be"},
		"bad url":                 {object{"url": "neptun.example"}, "Url must be"},
		"no redirect":             {object{"redirect_url": nil}, "Redirect url"},
		"hook without url":        {object{"hook_attributes": object{}}, "Hook url"},
		"hook on localhost":       {object{"hook_attributes": object{"url": "http://localhost:8080/webhooks/github"}}, "public Internet"},
		"hook on loopback":        {object{"hook_attributes": object{"url": "http://127.0.0.2/webhooks/github"}}, "public Internet"},
		"hook on v6 loopback":     {object{"hook_attributes": object{"url": "http://[::1]/webhooks/github"}}, "public Internet"},
		"events without hook":     {object{"hook_attributes": nil}, "Default events"},
		"installation events":     {object{"default_events": []string{"installation"}}, "unsupported: installation"},
		"target events":           {object{"default_events": []string{"installation_target"}}, "unsupported"},
		"authorization events":    {object{"default_events": []string{"github_app_authorization"}}, "unsupported"},
		"unknown event":           {object{"default_events": []string{"repositories"}}, "unsupported"},
		"event out of permission": {object{"default_events": []string{"push"}}, "not supported by permissions: push"},
		"members without":         {object{"default_permissions": object{"metadata": "read"}}, "not supported by permissions: member"},
		"unknown permission":      {object{"default_permissions": object{"everything": "read"}}, "everything"},
		"unknown level":           {object{"default_permissions": object{"members": "all", "metadata": "read"}}, "members"},
		"eleven callbacks":        {object{"callback_urls": make([]string, 11)}, "Callback urls"},
		"setup and authorization": {object{"request_oauth_on_install": true}, "Setup url"},
		"mistyped":                {object{"public": "yes"}, "not valid JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			back, err := sandboxtest.RegisterApp(http.DefaultClient, s.url+"/settings/apps/new", manifestWith(c.changes), "ada")
			if name == "mistyped" && err != nil {
				return // the helper can't read it either
			}
			if err == nil || !strings.Contains(err.Error(), "got 422") || !strings.Contains(err.Error(), c.say) {
				t.Errorf("led to %q, %.3000v", back, err)
			}
		})
	}
	if _, err := sandboxtest.RegisterApp(http.DefaultClient, s.url+"/organizations/acme/settings/apps/new", manifestWith(nil), "bob"); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("a member registered for the organization: %v", err)
	}
	if s.App().ID != before {
		t.Error("an App was registered nevertheless")
	}
}

func TestTwoAppsAreIndependent(t *testing.T) {
	world, id, _ := acme()
	s := open(t, world)
	oldApp, oldPerson, old := s.appToken(nil), s.token("ada"), s.App()
	if _, err := sandboxtest.RegisterApp(http.DefaultClient, s.url+"/settings/apps/new", manifestWith(nil), "ada"); err != nil {
		t.Fatal(err)
	}
	if s.App().ID == old.ID {
		t.Fatal("no second App")
	}
	newApp, newPerson := s.appToken(nil), s.token("ada")
	if s.list("/user/installations", newPerson).Total != 0 || s.list("/user/installations", oldPerson).Total != 1 {
		t.Error("a user's token of one App shows the other's installations")
	}
	path := fmt.Sprintf("/app/installations/%d", id)
	s.status(404, s.get(path, newApp))
	s.status(404, s.send("PUT", path+"/suspended", newApp, ""))
	s.status(404, s.send("POST", path+"/access_tokens", newApp, ""))
	s.status(404, s.get("/orgs/acme/installation", newApp))
	s.status(404, s.get(fmt.Sprintf("/user/installations/%d/repositories", id), newPerson))
	s.status(404, s.get("/repos/acme/one", newPerson))
	s.status(404, s.asClient("POST", "/token", accessToken(oldPerson)))
	s.status(200, s.get(path, oldApp))
}

func TestAPrivateAppIsInstalledOnlyOnItsOwner(t *testing.T) {
	s := open(t, withoutApp())
	if _, err := sandboxtest.RegisterApp(http.DefaultClient, s.url+"/organizations/acme/settings/apps/new", manifestWith(object{"public": false}), "ada"); err != nil {
		t.Fatal(err)
	}
	ada, bob := s.signedInBrowser("ada"), s.signedInBrowser("bob")
	page := string(s.page(ada, "/apps/our-neptun/installations/new").Body)
	if !strings.Contains(page, "Install on acme") || strings.Contains(page, "Install on ada") {
		t.Errorf("offers %s", page)
	}
	if s.page(ada, "/apps/our-neptun/installations", map[string][]string{"account": {"ada"}, "selection": {"all"}}).Status != 404 {
		t.Error("installed on another account")
	}
	s.status(200, s.page(ada, "/apps/our-neptun"))
	s.status(404, s.page(bob, "/apps/our-neptun"))
	s.status(302, s.page(ada, "/apps/our-neptun/installations", map[string][]string{"account": {"acme"}, "selection": {"all"}}))
}
