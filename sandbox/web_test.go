package sandbox_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

// page opens a page, or posts a form to it as the page's form would.
func (s *site) page(client *http.Client, address string, form ...url.Values) reply {
	s.Helper()
	if strings.HasPrefix(address, "/") {
		address = s.url + address
	}
	request, _ := http.NewRequest("GET", address, nil)
	if len(form) > 0 {
		request, _ = http.NewRequest("POST", address, strings.NewReader(form[0].Encode()))
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	response, err := client.Do(request)
	if err != nil {
		s.Fatal(err)
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	return reply{response.StatusCode, response.Header, body}
}

func (s *site) signedInBrowser(login string) *http.Client {
	s.Helper()
	client := s.browser()
	if r := s.page(client, "/session", url.Values{"login": {login}}); r.Status != http.StatusSeeOther {
		s.Fatalf("signing in answered %d", r.Status)
	}
	return client
}

func TestPagesShowOnlyVisibleRepositories(t *testing.T) {
	s := open(t, sandbox.DemoWorld())
	stranger, member := s.browser(), s.signedInBrowser("jonas-l")
	for _, c := range []struct {
		client *http.Client
		path   string
		status int
	}{
		{stranger, "/", 200},
		{stranger, "/login", 200},
		{stranger, "/tidewater-labs", 200},
		{stranger, "/nobody-here", 404},
		{stranger, "/tidewater-labs/emoji", 200},
		{stranger, "/tidewater-labs/handbook", 404},
		{member, "/tidewater-labs/handbook", 200},
		{stranger, "/apps/neptun-sandbox", 200},
		{stranger, "/apps/other", 404},
		{stranger, "/apps/neptun-sandbox/installations/new", 302},
		{member, "/apps/neptun-sandbox/installations/new?state=x", 200},
		{stranger, "/static/sandbox.css", 200},
		{stranger, "/avatars/u/18402385", 200},
		{stranger, "/a/b/c/d", 404},
	} {
		r := s.page(c.client, c.path)
		if r.Status != c.status {
			t.Errorf("%s answered %d, want %d", c.path, r.Status, c.status)
		}
		if strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") && r.Status != 302 {
			if !strings.Contains(string(r.Body), "This is the sandbox.") || !strings.Contains(r.Header.Get("Content-Security-Policy"), "form-action 'self'") {
				t.Errorf("%s has no banner or no policy", c.path)
			}
		}
	}
	if body := string(s.page(stranger, "/tidewater-labs/markup").Body); strings.Contains(body, "<script>") || !strings.Contains(body, "&lt;script&gt;") {
		t.Error("markup in a description is not escaped")
	}
}

func TestFormsMayRedirectToTheApp(t *testing.T) {
	s := open(t, sandboxtest.EmptyWorld())
	client := s.signedInBrowser("ada")
	policy := s.page(client, s.authorizeURL()).Header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "form-action 'self' https://neptun.example") {
		t.Errorf("policy %s", policy)
	}
	s.world.Apps.SetCallbackURLs("http://127.0.0.1/cb")
	authorizePath := strings.TrimPrefix(s.authorizeURL("redirect_uri", "http://127.0.0.1:49152/cb"), s.url)
	policy = s.page(client, "/login?return_to="+url.QueryEscape(authorizePath)).Header.Get("Content-Security-Policy")
	if !strings.Contains(policy, " http://127.0.0.1:49152 ") {
		t.Errorf("signing in can't redirect to the requested port: %s", policy)
	}
}

func TestFormsRejectOtherSites(t *testing.T) {
	s := open(t, sandboxtest.EmptyWorld())
	request, _ := http.NewRequest("POST", s.url+"/session", strings.NewReader("login=ada"))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Sec-Fetch-Site", "cross-site")
	response, err := http.DefaultClient.Do(request)
	if err != nil || response.StatusCode != http.StatusForbidden {
		t.Errorf("got %v, %v", response.StatusCode, err)
	}
	for _, elsewhere := range []string{"https://evil.example/", "//evil.example", `/\evil.example`} {
		r := s.page(s.browser(), "/session", url.Values{"login": {"ada"}, "return_to": {elsewhere}})
		if r.Header.Get("Location") != "/" {
			t.Errorf("%s led to %s", elsewhere, r.Header.Get("Location"))
		}
	}
}

func TestInstallingOnPages(t *testing.T) {
	world := sandbox.NewWorld()
	world.Accounts.AddUser(sandbox.User{Login: "ada"})
	world.Accounts.AddUser(sandbox.User{Login: "bob"})
	world.Accounts.AddOrganization(sandbox.Organization{Login: "acme"})
	world.Accounts.AddMember("acme", "ada", sandbox.RoleAdmin)
	world.Accounts.AddMember("acme", "bob", sandbox.RoleMember)
	one := world.Repositories.Add("acme", sandbox.Repository{Name: "one", Private: true})
	world.Repositories.Add("acme", sandbox.Repository{Name: "two"})
	world.Apps.SetSetupURL("https://neptun.example/auth/github/setup")
	s := open(t, world)
	ada, bob := s.signedInBrowser("ada"), s.signedInBrowser("bob")

	form := url.Values{"account": {"acme"}, "selection": {"selected"}, "repository": {idText(one.ID)}, "state": {"s 1"}}
	if r := s.page(bob, "/apps/neptun-sandbox/installations", form); r.Status != 404 {
		t.Errorf("a member installed: %d", r.Status)
	}
	back := s.page(ada, "/apps/neptun-sandbox/installations", form).Header.Get("Location")
	query := queryOf(t, back)
	if !strings.HasPrefix(back, "https://neptun.example/auth/github/setup?") || query.Get("setup_action") != "install" || query.Get("state") != "s 1" {
		t.Errorf("sent to %s", back)
	}
	token := s.token("ada")
	repositories := "/user/installations/" + query.Get("installation_id") + "/repositories"
	if got := s.list(repositories, token); got.Total != 1 || got.Repositories[0].FullName != "acme/one" {
		t.Errorf("reaches %+v", got)
	}

	settings := "/organizations/acme/settings/installations/" + query.Get("installation_id")
	if s.page(bob, settings).Status != 404 || s.page(bob, settings, url.Values{"action": {"uninstall"}}).Status != 404 {
		t.Error("a member may configure")
	}
	if s.page(ada, "/settings/installations/"+query.Get("installation_id")).Status != 404 {
		t.Error("an organization's installation is configured at a person's address")
	}
	if r := s.page(ada, settings); r.Status != 200 || !strings.Contains(string(r.Body), "checked> one") {
		t.Errorf("settings answered %d", r.Status)
	}
	s.page(ada, settings, url.Values{"action": {"select"}, "selection": {"all"}})
	if got := s.list(repositories, token); got.Total != 2 {
		t.Errorf("with all selected: %d", got.Total)
	}
	s.page(ada, settings, url.Values{"action": {"suspend"}})
	if s.get(repositories, token).Status != 403 {
		t.Error("not suspended")
	}
	s.page(ada, settings, url.Values{"action": {"unsuspend"}})
	s.page(ada, settings, url.Values{"action": {"uninstall"}})
	if got := s.list("/user/installations", token); got.Total != 0 {
		t.Error("not uninstalled")
	}
}
