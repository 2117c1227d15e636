package operators_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/handlers"
	"neptun/handlers/handlerstest"
)

// R11: the setup's presets without JavaScript, and the resulting manifest.
func TestR11TheSetUpChoosesPermissionsAndEvents(t *testing.T) {
	t.Parallel()
	s := handlerstest.OpenEmpty(t, dbtest.SQLite(t))
	v := s.EnterSetup()
	page := v.Get("/setup").Status(http.StatusOK)
	if text := page.Text("#access"); !strings.Contains(text, "List only") || !strings.Contains(text, "Repository contents, commits, branches") {
		t.Errorf("the form shows %q", text)
	}
	for name, c := range map[string]struct {
		choose      url.Values
		permissions map[string]string
		events      []string
	}{
		"nothing chosen": {url.Values{}, map[string]string{"metadata": "read", "members": "read"}, nil},
		"list only":      {url.Values{"access": {"list"}, "permission_contents": {"write"}}, map[string]string{"metadata": "read", "members": "read"}, nil},
		"tokens": {
			url.Values{"access": {"tokens"}},
			map[string]string{"metadata": "read", "members": "read", "contents": "write", "issues": "write", "pull_requests": "write"},
			nil,
		},
		"own": {
			url.Values{"access": {"own"}, "permission_contents": {"read"}, "permission_workflows": {"write"}, "permission_checks": {"admin"}, "permission_administration": {"write"}, "event": {"push", "nonsense"}},
			map[string]string{"metadata": "read", "members": "read", "contents": "read", "workflows": "write"},
			[]string{"push"},
		},
	} {
		form := handlerstest.SetupForm("Neptun " + name)
		form.Set("webhooks", "on")
		form.Set("public_url", "https://hooks.example")
		for field, values := range c.choose {
			form[field] = values
		}
		_, encoded := v.Review(form)
		var manifest struct {
			Permissions map[string]string `json:"default_permissions"`
			Events      []string          `json:"default_events"`
		}
		handlerstest.Must(t, json.Unmarshal([]byte(encoded), &manifest))
		if len(manifest.Permissions) != len(c.permissions) {
			t.Errorf("%s: permissions %v", name, manifest.Permissions)
		}
		for permission, level := range c.permissions {
			if manifest.Permissions[permission] != level {
				t.Errorf("%s: %s is %q, want %q", name, permission, manifest.Permissions[permission], level)
			}
		}
		for _, event := range append([]string{"repository", "team_add"}, c.events...) {
			if !slices.Contains(manifest.Events, event) {
				t.Errorf("%s: events %v lack %s", name, manifest.Events, event)
			}
		}
		if slices.Contains(manifest.Events, "nonsense") {
			t.Errorf("%s: events %v", name, manifest.Events)
		}
	}
	form := handlerstest.SetupForm("Neptun")
	form.Set("webhooks", "on")
	form.Set("access", "own")
	form.Set("public_url", "https://hooks.example")
	form["event"] = []string{"pull_request"}
	if text := v.Post("/setup/app", form).Status(http.StatusUnprocessableEntity).Text("#access"); !strings.Contains(text, "pull_requests") {
		t.Errorf("an event without its permission: %q", text)
	}
}

// R11: operators' tokens are off by default; if allowed, they require a recent sign-in in a
// browser, and are audited.
func TestR11OperatorsCreateInstallationTokensWhereAllowed(t *testing.T) {
	t.Parallel()
	body := `{"repository_ids":[501],"permissions":{"contents":"read"}}`
	off := handlerstest.OpenRunBy(t, handlerstest.Workshop(), dbtest.SQLite(t), "", []string{"anna"})
	v := off.LogIn("anna")
	v.Record("workshop")
	if message := v.PostJSON("/api/app/installations/"+v.GitHubID("workshop")+"/access_tokens", body).Status(http.StatusForbidden).Message(); !strings.Contains(message, "NEPTUN_ALLOW_APP_TOKENS=true") {
		t.Errorf("turned off: %q", message)
	}

	s := handlerstest.OpenRunBy(t, handlerstest.Workshop(), dbtest.SQLite(t), "", []string{"anna"}, func(c *handlers.Config) { c.AllowAppTokens = true })
	v = s.LogIn("anna")
	v.Record("workshop")
	path := "/api/app/installations/" + v.GitHubID("workshop") + "/access_tokens"
	created := v.PostJSON(path, body).Status(http.StatusCreated)
	token := created.Object()
	if !s.Reads(token["token"].(string), "lathe") || s.Reads(token["token"].(string), "press") {
		t.Error("the token has access to other repositories than lathe")
	}
	handlerstest.WantField(t, token, "repository_selection", "selected")
	if list := token["repositories"].([]any); len(list) != 1 || list[0].(map[string]any)["full_name"] != "workshop/Lathe" {
		t.Errorf("repositories are %v", list)
	}
	expires, err := time.Parse(time.RFC3339, token["expires_at"].(string))
	if err != nil || expires.After(s.Clock.Now().Add(time.Hour+time.Minute)) {
		t.Errorf("it expires at %v, %v", expires, err)
	}
	if created.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("Cache-Control is %q", created.Header.Get("Cache-Control"))
	}
	audit := v.Get("/api/app/audit").Status(http.StatusOK).Body
	if !strings.Contains(audit, db.AuditCreateAppToken) || !strings.Contains(audit, "workshop: repositories 501, contents read") || strings.Contains(audit, token["token"].(string)) {
		t.Errorf("the audit log says %s", audit)
	}
	v.PostJSON("/api/app/installations/1/access_tokens", body).Status(http.StatusNotFound).Message()
	v.PostJSON(path, `{"repository_ids":[-1]}`).Status(http.StatusUnprocessableEntity)
	v.PostJSON(path, `{"permissions":{"contents":"everything"}}`).Status(http.StatusUnprocessableEntity)
	v.PostJSON(path, `{"repository_ids":[999999]}`).Status(http.StatusUnprocessableEntity)
	s.Clock.Advance(16 * time.Minute)
	if again := v.PostJSON(path, body).Status(http.StatusForbidden); !strings.Contains(again.Body, "reauthentication_required") {
		t.Errorf("an old sign-in gets %s", again.Body)
	}
	s.LogIn("bert").PostJSON(path, body).Status(http.StatusForbidden)
}
