package handlers_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
	"neptun/sessions"
)

// withoutApp is a GitHub on which nobody has made the App yet.
func withoutApp() *sandbox.World {
	world := sandbox.NewWorldWithoutApp()
	world.AddUser(sandbox.User{Login: "ada"})
	world.AddUser(sandbox.User{Login: "bob"})
	world.AddOrganization(sandbox.Organization{Login: "acme"})
	world.AddMember("acme", "ada", sandbox.RoleAdmin)
	world.AddRepository("acme", sandbox.Repository{Name: "anvil"})
	return world
}

// openEmpty stages a Neptun without an App.
func openEmpty(t testing.TB, databaseURL string) *stage {
	t.Helper()
	return openEmptyAs(t, databaseURL, "")
}

func openEmptyAs(t testing.TB, databaseURL, publicURL string) *stage {
	t.Helper()
	s := &stage{t: t, world: withoutApp(), clock: &clock{}, appless: true}
	s.start(databaseURL, publicURL)
	return s
}

// setupCode makes a code the way a start does.
func (s *stage) setupCode() string {
	s.t.Helper()
	code := sessions.NewSetupCode()
	must(s.t, s.db.AddSetupCode(s.t.Context(), sessions.HashSetupCode(code)))
	return code
}

// enterSetup is a visitor who knew the code.
func (s *stage) enterSetup() *visitor {
	s.t.Helper()
	v := s.visit()
	if to := v.post("/setup", url.Values{"code": {s.setupCode()}}).status(http.StatusSeeOther).header("Location"); to != "/setup" {
		s.t.Fatalf("the code leads to %s", to)
	}
	return v
}

func setupForm(name string) url.Values {
	return url.Values{"name": {name}, "owner": {"personal"}, "install": {"anyone"}, "public_url": {"https://neptun.example"}}
}

// review describes an App, and gives back where its form goes and with which
// manifest.
func (v *visitor) review(form url.Values) (action, manifest string) {
	v.s.t.Helper()
	if form.Get("public_url") == "https://neptun.example" {
		form.Set("public_url", v.s.publicURL)
	}
	page := v.post("/setup/app", form).status(http.StatusOK).page()
	sent := page.Find(`form:has(input[name="manifest"])`)
	return sent.AttrOr("action", ""), sent.Find("input").AttrOr("value", "")
}

// register describes an App and has GitHub make it, and gives back the path
// that GitHub leads to.
func (v *visitor) register(name, login string) string {
	v.s.t.Helper()
	action, manifest := v.review(setupForm(name))
	back, err := sandboxtest.RegisterApp(&http.Client{}, action, manifest, login)
	must(v.s.t, err)
	return v.path(back)
}

// conversions counts what was asked of GitHub with a manifest's code.
func (s *stage) conversions() (n int) {
	for _, request := range s.gitHub.Requests() {
		if strings.Contains(request.Path, "/app-manifests/") {
			n++
		}
	}
	return n
}

func TestTheSetUpMakesAnApp(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := openEmpty(t, databaseURL)
		v := s.visit()
		if to := v.get("/installations").status(http.StatusSeeOther).header("Location"); to != "/setup" {
			t.Fatalf("without an App a page leads to %s", to)
		}
		if v.get("/setup").status(http.StatusOK).page().Find(`input[name="code"]`).Length() != 1 {
			t.Fatal("the set-up asks for no code")
		}
		v = s.enterSetup()
		form := v.get("/setup").status(http.StatusOK)
		if got := form.page().Find(`input[name="public_url"]`).AttrOr("value", ""); got != s.publicURL {
			t.Errorf("the public address is proposed as %q", got)
		}
		back := v.register("Tidal", "ada")
		s.instance(databaseURL) // which hears of the App only from the database
		if to := v.get(back).status(http.StatusSeeOther).header("Location"); to != "/setup" {
			t.Fatalf("the set-up leads to %s", to)
		}
		done := v.get("/setup").status(http.StatusOK)
		if install := done.page().Find(`a[href$="/apps/tidal/installations/new"]`).Length(); install != 1 || !strings.Contains(done.text("h1"), "Tidal") {
			t.Errorf("what comes next is %s", done.text("main"))
		}
		app := s.gitHub.App()
		for _, secret := range []string{app.ClientSecret, app.PrivateKeyPEM[40:80]} {
			if strings.Contains(done.body, secret) {
				t.Error("a secret is on the page")
			}
		}
		if to := s.visit().get("/setup").status(http.StatusSeeOther).header("Location"); to != "/" {
			t.Errorf("the set-up stays open for others: %s", to)
		}

		s.world.Install("acme", sandbox.SelectAll)
		if to := v.logIn("ada").status(http.StatusSeeOther).header("Location"); to != "/setup" {
			t.Errorf("after signing in the setup leads to %s", to)
		}
		v.settle()
		v.becomeOperator()
		if list := v.get("/api/users/me/installations").list(); len(list) != 1 {
			t.Errorf("installations are %v", list)
		}
		s.logIn("bob")
		var made []db.Operator
		operators, err := s.db.ListOperators(t.Context())
		must(t, err)
		for _, operator := range operators {
			if operator.Reason == db.BySetup {
				made = append(made, operator)
			}
		}
		if notes := s.actions(); len(notes) != 1 || notes[0].Login != "ada" || notes[0].Subject != "Tidal" ||
			len(made) != 1 || made[0].GitHubID != notes[0].GitHubID {
			t.Errorf("operators are %+v, noted is %+v: %v", made, notes, err)
		}
		if to := v.get("/setup").header("Location"); to != "/" {
			t.Errorf("after the login the set-up leads to %q", to)
		}
		for _, path := range []string{"/setup", "/setup/app"} {
			if to := v.post(path, setupForm("Second")).status(http.StatusSeeOther).header("Location"); to != "/setup" {
				t.Errorf("POST %s leads to %q", path, to)
			}
		}
	})
}

func TestTheManifestSaysWhatNeptunNeeds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change map[string]string
		action string
		want   map[string]any
		absent []string
	}{
		"personal, without webhooks": {
			action: "/settings/apps/new",
			want:   map[string]any{"public": true, "setup_on_update": true},
			absent: []string{"hook_attributes", "default_events", "request_oauth_on_install"},
		},
		"an organization's own, with webhooks": {
			change: map[string]string{"owner": "organization", "organization": "@acme", "install": "owner", "webhooks": "on", "public_url": "https://Hooks.example/"},
			action: "/organizations/acme/settings/apps/new",
			want: map[string]any{
				"public": false, "url": "https://hooks.example", "redirect_url": "https://hooks.example/setup/callback",
				"setup_url":       "https://hooks.example/auth/github/setup",
				"callback_urls":   []any{"https://hooks.example/auth/github/callback"},
				"hook_attributes": map[string]any{"url": "https://hooks.example/webhooks/github", "active": true},
				"default_events":  []any{"repository", "public", "member", "membership", "organization", "team", "team_add"},
			},
			absent: []string{"request_oauth_on_install"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openEmpty(t, dbtest.SQLite(t))
			form := setupForm("Tidal")
			for field, value := range c.change {
				form.Set(field, value)
			}
			action, encoded := s.enterSetup().review(form)
			if address, err := url.Parse(action); err != nil || address.Path != c.action || len(address.Query().Get("state")) < 26 || !strings.HasPrefix(action, s.gitHubURL) {
				t.Errorf("P38: the manifest goes to %s", action)
			}
			var manifest map[string]any
			must(t, json.Unmarshal([]byte(encoded), &manifest))
			c.want["name"] = "Tidal"
			c.want["default_permissions"] = map[string]any{"metadata": "read", "members": "read"}
			for field, want := range c.want {
				got, _ := json.Marshal(manifest[field])
				if expected, _ := json.Marshal(want); string(got) != string(expected) {
					t.Errorf("%s is %s, want %s", field, got, expected)
				}
			}
			for _, field := range c.absent {
				if _, there := manifest[field]; there {
					t.Errorf("%s is in the manifest", field)
				}
			}
			if c.change != nil && strings.Contains(encoded, "127.0.0.1") {
				t.Errorf("P19: the inner address is in the manifest: %s", encoded)
			}
		})
	}
}

func TestTheFormToGitHubIsAllowedOnItsPageAlone(t *testing.T) {
	t.Parallel()
	s := openEmpty(t, dbtest.SQLite(t))
	v := s.enterSetup()
	form := setupForm("Tidal")
	form.Set("public_url", s.publicURL)
	if policy := v.post("/setup/app", form).header("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self' "+s.gitHubURL+";") {
		t.Errorf("the policy is %s", policy)
	}
	if policy := v.get("/setup").header("Content-Security-Policy"); strings.Contains(policy, s.gitHubURL+"; base") {
		t.Errorf("elsewhere the policy is %s", policy)
	}
}

func TestWhatTheFormGetsWrongIsTold(t *testing.T) {
	t.Parallel()
	s := openEmpty(t, dbtest.SQLite(t))
	v := s.enterSetup()
	for field, c := range map[string]struct{ value, says string }{
		"name":       {strings.Repeat("é", 35), "up to 34 characters. This one has 35"},
		"owner":      {"organization", "Enter the organization"},
		"install":    {"", "Select where the app"},
		"public_url": {"https://neptun.example/path", "without a path"},
		"webhooks":   {"on", "GitHub can't deliver webhooks to 127.0.0.1"},
	} {
		form := setupForm("Tidal")
		if field == "webhooks" {
			form.Set("public_url", s.publicURL)
		}
		form.Set(field, c.value)
		answer := v.post("/setup/app", form).status(http.StatusUnprocessableEntity)
		if told := answer.text(".problem"); !strings.Contains(told, c.says) {
			t.Errorf("%s: told %q, want %q", field, told, c.says)
		}
		if kept := answer.page().Find(`input[name="name"]`).AttrOr("value", ""); kept != form.Get("name") {
			t.Errorf("%s: the name became %q", field, kept)
		}
	}
	if n := s.conversions(); n != 0 {
		t.Errorf("GitHub was asked %d times", n)
	}
}

func TestS7WrongSetupCodesAreThrottledAndARightOneNever(t *testing.T) {
	t.Parallel()
	s := openEmpty(t, dbtest.SQLite(t))
	right := s.setupCode()
	try := func(code string) answer { return s.visit().post("/setup", url.Values{"code": {code}}) }
	for range 5 {
		if told := try("AAAAAAAAAAAAAAAAAAAAAAAAAA").status(http.StatusForbidden).text(".reason"); !strings.Contains(told, "isn't valid") {
			t.Errorf("told %q", told)
		}
	}
	if wait := try("AAAAAAAAAAAAAAAAAAAAAAAAAA").status(http.StatusTooManyRequests).header("Retry-After"); wait == "" {
		t.Error("nobody says how long to wait")
	}
	// The right one at once, as it may be typed, and once.
	try(" " + strings.ToLower(right[:8]) + "-" + right[8:] + " ").status(http.StatusSeeOther)
	try(right).status(http.StatusTooManyRequests)
	s.clock.advance(time.Minute)
	try(right).status(http.StatusForbidden)
}

func TestTheSetupCookieTellsNothing(t *testing.T) {
	t.Parallel()
	s := openEmptyAs(t, dbtest.SQLite(t), "https://neptun.example")
	cookie := s.visit().post("/setup", url.Values{"code": {s.setupCode()}}).header("Set-Cookie")
	for _, part := range []string{"__Host-neptun-browser=", "Path=/", "HttpOnly", "Secure", "SameSite=Lax"} {
		if !strings.Contains(cookie, part) {
			t.Errorf("%s lacks %s", cookie, part)
		}
	}
}
