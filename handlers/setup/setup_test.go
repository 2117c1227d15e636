package setup_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
	"neptun/sandbox"
)

// OpenEmptyAs is OpenEmpty at a public address.

// SetupForm describes an App of this name.

func TestTheSetupCreatesAnApp(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := handlerstest.OpenEmpty(t, databaseURL)
		v := s.Visit()
		if to := v.Get("/installations").Status(http.StatusSeeOther).Header.Get("Location"); to != "/setup" {
			t.Fatalf("without an app a page redirects to %s", to)
		}
		if v.Get("/setup").Status(http.StatusOK).Page().Find(`input[name="code"]`).Length() != 1 {
			t.Fatal("the setup doesn't ask for the code")
		}
		v = s.EnterSetup()
		form := v.Get("/setup").Status(http.StatusOK)
		if got := form.Page().Find(`input[name="public_url"]`).AttrOr("value", ""); got != s.PublicURL {
			t.Errorf("the public address is suggested as %q", got)
		}
		back := v.Register("Tidal", "ada")
		s.Instance(databaseURL) // which finds the app in the database
		if to := v.Get(back).Status(http.StatusSeeOther).Header.Get("Location"); to != "/setup" {
			t.Fatalf("the setup redirects to %s", to)
		}
		done := v.Get("/setup").Status(http.StatusOK)
		if install := done.Page().Find(`a[href$="/apps/tidal/installations/new"]`).Length(); install != 1 || !strings.Contains(done.Text("h1"), "Tidal") {
			t.Errorf("the next steps are %s", done.Text("main"))
		}
		app := s.GitHub.App()
		for _, secret := range []string{app.ClientSecret, app.PrivateKeyPEM[40:80]} {
			if strings.Contains(done.Body, secret) {
				t.Error("the page contains a secret")
			}
		}
		if to := s.Visit().Get("/setup").Status(http.StatusSeeOther).Header.Get("Location"); to != "/" {
			t.Errorf("the setup is still open for others: %s", to)
		}

		s.World.Installations.Install("acme", sandbox.SelectAll)
		if to := v.LogIn("ada").Status(http.StatusSeeOther).Header.Get("Location"); to != "/setup" {
			t.Errorf("after signing in the setup redirects to %s", to)
		}
		v.Settle()
		v.BecomeOperator()
		if list := v.Get("/api/users/me/installations").List(); len(list) != 1 {
			t.Errorf("installations are %v", list)
		}
		s.LogIn("bob")
		var created []db.Operator
		operators, err := s.DB.ListOperators(t.Context())
		handlerstest.Must(t, err)
		for _, operator := range operators {
			if operator.Reason == db.BySetup {
				created = append(created, operator)
			}
		}
		if notes := s.Actions(); len(notes) != 1 || notes[0].Login != "ada" || notes[0].Subject != "Tidal" ||
			len(created) != 1 || created[0].GitHubID != notes[0].GitHubID {
			t.Errorf("operators are %+v, audit log: %+v: %v", created, notes, err)
		}
		if to := v.Get("/setup").Header.Get("Location"); to != "/" {
			t.Errorf("after the sign-in the setup redirects to %q", to)
		}
		for _, path := range []string{"/setup", "/setup/app"} {
			if to := v.Post(path, handlerstest.SetupForm("Second")).Status(http.StatusSeeOther).Header.Get("Location"); to != "/setup" {
				t.Errorf("POST %s redirects to %q", path, to)
			}
		}
	})
}

func TestTheManifestHasWhatNeptunNeeds(t *testing.T) {
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
			s := handlerstest.OpenEmpty(t, dbtest.SQLite(t))
			form := handlerstest.SetupForm("Tidal")
			for field, value := range c.change {
				form.Set(field, value)
			}
			action, encoded := s.EnterSetup().Review(form)
			if address, err := url.Parse(action); err != nil || address.Path != c.action || len(address.Query().Get("state")) < 26 || !strings.HasPrefix(action, s.GitHubURL) {
				t.Errorf("P38: the manifest is sent to %s", action)
			}
			var manifest map[string]any
			handlerstest.Must(t, json.Unmarshal([]byte(encoded), &manifest))
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
				t.Errorf("P19: the internal address is in the manifest: %s", encoded)
			}
		})
	}
}

func TestOnlyTheSetupPageMaySendAFormToGitHub(t *testing.T) {
	t.Parallel()
	s := handlerstest.OpenEmpty(t, dbtest.SQLite(t))
	v := s.EnterSetup()
	form := handlerstest.SetupForm("Tidal")
	form.Set("public_url", s.PublicURL)
	if policy := v.Post("/setup/app", form).Header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self' "+s.GitHubURL+";") {
		t.Errorf("the policy is %s", policy)
	}
	if policy := v.Get("/setup").Header.Get("Content-Security-Policy"); strings.Contains(policy, s.GitHubURL+"; base") {
		t.Errorf("on another page the policy is %s", policy)
	}
}

func TestTheSetupFormShowsItsErrors(t *testing.T) {
	t.Parallel()
	s := handlerstest.OpenEmpty(t, dbtest.SQLite(t))
	v := s.EnterSetup()
	for field, c := range map[string]struct{ value, says string }{
		"name":       {strings.Repeat("é", 35), "up to 34 characters. This one has 35"},
		"owner":      {"organization", "Enter the organization"},
		"install":    {"", "Select where the app"},
		"public_url": {"https://neptun.example/path", "without a path"},
		"webhooks":   {"on", "GitHub can't deliver webhooks to 127.0.0.1"},
	} {
		form := handlerstest.SetupForm("Tidal")
		if field == "webhooks" {
			form.Set("public_url", s.PublicURL)
		}
		form.Set(field, c.value)
		answer := v.Post("/setup/app", form).Status(http.StatusUnprocessableEntity)
		if got := answer.Text(".problem"); !strings.Contains(got, c.says) {
			t.Errorf("%s: told %q, want %q", field, got, c.says)
		}
		if value := answer.Page().Find(`input[name="name"]`).AttrOr("value", ""); value != form.Get("name") {
			t.Errorf("%s: the name became %q", field, value)
		}
	}
	if n := s.Conversions(); n != 0 {
		t.Errorf("%d requests to GitHub", n)
	}
}

func TestS7OnlyWrongSetupCodesAreThrottled(t *testing.T) {
	t.Parallel()
	s := handlerstest.OpenEmpty(t, dbtest.SQLite(t))
	right := s.SetupCode()
	try := func(code string) handlerstest.Answer { return s.Visit().Post("/setup", url.Values{"code": {code}}) }
	for range 5 {
		if got := try("AAAAAAAAAAAAAAAAAAAAAAAAAA").Status(http.StatusForbidden).Text(".reason"); !strings.Contains(got, "isn't valid") {
			t.Errorf("told %q", got)
		}
	}
	if wait := try("AAAAAAAAAAAAAAAAAAAAAAAAAA").Status(http.StatusTooManyRequests).Header.Get("Retry-After"); wait == "" {
		t.Error("Retry-After is missing")
	}
	// The right code works immediately, and once.
	try(" " + strings.ToLower(right[:8]) + "-" + right[8:] + " ").Status(http.StatusSeeOther)
	try(right).Status(http.StatusTooManyRequests)
	s.Clock.Advance(time.Minute)
	try(right).Status(http.StatusForbidden)
}

func TestTheSetupCookieIsProtected(t *testing.T) {
	t.Parallel()
	s := handlerstest.OpenEmptyAs(t, dbtest.SQLite(t), "https://neptun.example")
	cookie := s.Visit().Post("/setup", url.Values{"code": {s.SetupCode()}}).Header.Get("Set-Cookie")
	for _, part := range []string{"__Host-neptun-browser=", "Path=/", "HttpOnly", "Secure", "SameSite=Lax"} {
		if !strings.Contains(cookie, part) {
			t.Errorf("%s lacks %s", cookie, part)
		}
	}
}
