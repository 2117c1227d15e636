package github

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

// newStageWithoutApp returns a stage connected to a sandbox without an App.
func newStageWithoutApp(t *testing.T) *stage {
	t.Helper()
	clock := dbtest.NewClock(time.Now().Truncate(time.Second))
	world := sandbox.NewWorldWithoutApp()
	world.Accounts.AddUser(sandbox.User{Login: "ada"})
	world.Accounts.AddOrganization(sandbox.Organization{Login: "acme"})
	world.Accounts.AddMember("acme", "ada", sandbox.RoleAdmin)
	server := sandboxtest.Serve(t, world, clock.Now)
	d, err := db.Open(t.Context(), dbtest.SQLite(t), db.Options{Keyring: dbtest.Keyring(t), AccessMaxAge: time.Hour, GitHubURL: server.URL, Now: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	s := &stage{t: t, clock: clock, world: world, server: server}
	s.github = New(configFor(t, server.URL, sandbox.App{}, d, clock.Now))
	return s
}

// registerApp creates an App in the sandbox, and returns its code.
func (s *stage) registerApp(organization, name string) string {
	s.t.Helper()
	manifest, err := Manifest{Name: name, PublicURL: &url.URL{Scheme: "https", Host: "neptun.example"}, Public: true, Webhooks: true}.JSON()
	if err != nil {
		s.t.Fatal(err)
	}
	back, err := sandboxtest.RegisterApp(&http.Client{}, s.github.host.NewAppURL(organization, "the state"), manifest, "ada")
	if err != nil {
		s.t.Fatal(err)
	}
	address, err := url.Parse(back)
	if err != nil || !strings.HasPrefix(back, "https://neptun.example/setup/callback?") || address.Query().Get("state") != "the state" {
		s.t.Fatalf("GitHub redirects to %s", back)
	}
	return address.Query().Get("code")
}

func TestAManifestBecomesAnApp(t *testing.T) {
	for _, organization := range []string{"", "acme"} {
		s := newStageWithoutApp(t)
		code := s.registerApp(organization, "Tidal")
		app, err := s.github.ConvertManifest(testContext(t), code)
		if err != nil {
			t.Fatal(err)
		}
		created := s.server.App()
		owner := "ada"
		if organization != "" {
			owner = organization
		}
		want := db.App{
			ID: created.ID, Slug: "tidal", Name: "Tidal", Owner: owner, HTMLURL: s.github.host.WebURL() + "/apps/tidal",
			ClientID: created.ClientID, ClientSecret: created.ClientSecret, WebhookSecret: created.WebhookSecret, PrivateKey: created.PrivateKeyPEM,
		}
		if app != want || app.WebhookSecret == "" {
			t.Errorf("the App is %+v", app)
		}
		_, err = s.github.ConvertManifest(testContext(t), code)
		expectErr(t, err, ErrManifestCode)

		// The App is used right away, until it is forgotten.
		if err := s.github.db.StoreApp(t.Context(), app, "browser"); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := s.github.LoadApp(t.Context()); err != nil || !s.github.Configured() {
				t.Fatalf("the App isn't used: %v", err)
			}
		}
		if err := s.github.ReadAppFacts(testContext(t)); err != nil {
			t.Fatal(err)
		}
		if facts, known := s.github.AppFacts(); !known || facts.Name != "Tidal" || facts.Permissions["members"] != "read" || len(facts.Events) != 7 {
			t.Errorf("GitHub says of the App: %+v", facts)
		}
		if _, err := s.github.db.ForgetApp(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := s.github.LoadApp(t.Context()); err != nil || s.github.Configured() {
			t.Errorf("a deleted App is still in use: %v", err)
		}
		if _, known := s.github.AppFacts(); known {
			t.Error("data of a deleted App is left")
		}
	}
}

func TestFailedConversionsAreClassifiedWithoutTheCode(t *testing.T) {
	json := http.Header{"Content-Type": {"application/json"}}
	for name, c := range map[string]struct {
		fault sandbox.Fault
		want  error
	}{
		"unknown":   {sandbox.Fault{Status: 404, Header: json, Body: `{"message":"Not Found"}`}, ErrManifestCode},
		"refused":   {sandbox.Fault{Status: 422, Header: json, Body: `{"message":"Validation Failed"}`}, ErrManifestRefused},
		"a proxy":   {sandbox.Fault{Status: 404, Body: "<html>"}, ErrUnavailable},
		"broken":    {*sandbox.BadGateway(502), ErrUnavailable},
		"away":      {sandbox.Fault{Drop: true}, ErrUnavailable},
		"no JSON":   {sandbox.Fault{Status: 201, Body: "<html>"}, ErrUnavailable},
		"empty":     {sandbox.Fault{Status: 201, Header: json, Body: "{}"}, ErrUnavailable},
		"bad key":   {sandbox.Fault{Status: 201, Header: json, Body: `{"id":1,"client_id":"a","client_secret":"b","owner":{"login":"x"},"pem":"c"}`}, ErrUnavailable},
		"cut short": {sandbox.Fault{CutAfter: 40}, ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStageWithoutApp(t)
			code := s.registerApp("", "Tidal")
			s.server.FailPath("/conversions", &c.fault)
			_, err := s.github.ConvertManifest(testContext(t), code)
			expectErr(t, err, c.want)
			if strings.Contains(err.Error(), code) {
				t.Errorf("the code is in the error: %v", err)
			}
		})
	}
	s := newStageWithoutApp(t)
	s.server.FailPath("/conversions", &sandbox.Fault{Status: 429, Header: http.Header{"Retry-After": {"60"}}, Body: "{}"})
	var limit *RateLimitError
	if _, err := s.github.ConvertManifest(testContext(t), "code"); !errors.As(err, &limit) {
		t.Errorf("too many requests: %v", err)
	}
}

// P38: a manifest is sent to the configured GitHub host.
func TestP38ManifestsGoToTheConfiguredHost(t *testing.T) {
	for host, want := range map[string]string{
		"https://github.com":           "https://github.com/organizations/acme/settings/apps/new?state=a+b",
		"https://octo.ghe.com":         "https://octo.ghe.com/organizations/acme/settings/apps/new?state=a+b",
		"https://ghes.example":         "https://ghes.example/organizations/acme/settings/apps/new?state=a+b",
		"https://ghes.example/api/v3/": "https://ghes.example/organizations/acme/settings/apps/new?state=a+b",
	} {
		h, err := ParseHost(host, "", false)
		if err != nil {
			t.Fatal(err)
		}
		if got := h.NewAppURL("acme", "a b"); got != want {
			t.Errorf("%s: %s", host, got)
		}
		if got := h.NewAppURL("", "s"); got != h.WebURL()+"/settings/apps/new?state=s" {
			t.Errorf("%s: %s", host, got)
		}
		if h.AppsURL("") != h.WebURL()+"/settings/apps" || h.AppsURL("acme") != h.WebURL()+"/organizations/acme/settings/apps" {
			t.Errorf("%s: %s", host, h.AppsURL("acme"))
		}
	}
}

func TestGitHubDeliversNothingToLoopback(t *testing.T) {
	for address, want := range map[string]bool{
		"http://localhost:8080": false, "http://neptun.localhost": false, "http://127.0.0.1": false, "http://[::1]:80": false,
		"http://0.0.0.0": false, "http://LOCALHOST.": false, "https://neptun.example": true, "http://192.168.1.4": true,
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if CanHook(u) != want {
			t.Errorf("%s: %t", address, !want)
		}
	}
}

func TestTheAppFromTheEnvironmentIsNotReplaced(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
	before := s.github.app()
	if err := s.github.LoadApp(t.Context()); err != nil || s.github.app() != before {
		t.Errorf("the App changed: %v", err)
	}
}
