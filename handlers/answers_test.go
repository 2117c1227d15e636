package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
	"neptun/sandbox"
)

// R7: the look-up finds an installation that GitHub returns without its account.
func TestR7LookUpWithoutAnAccount(t *testing.T) {
	t.Parallel()
	s := handlerstest.OpenRunBy(t, handlerstest.Shop(), dbtest.SQLite(t), "", []string{"anna"})
	v := s.LogIn("anna")
	v.Record("shop")
	s.GitHub.SetBehavior(sandbox.Behavior{Rewrite: func(row sandbox.Row, _ int64, body map[string]any) any {
		if row == sandbox.RowInstallation {
			body["account"] = nil
		}
		return body
	}})
	found := v.Get("/api/app/installation?org=shop").Status(http.StatusOK).Object()
	if found["github_account_login"] != "shop" {
		t.Errorf("found is %v", found)
	}
}

// R19: a list that can't be sorted says so, and examples contain the credential they need.
func TestR19ListParametersAndExampleCredentials(t *testing.T) {
	t.Parallel()
	v := handlerstest.Open(t, handlerstest.Shop()).LogIn("anna")
	path := "/api/users/me/installations/" + v.Record("shop") + "/automatic_import"
	for list, want := range map[string]string{
		path + "/exclusions?sort=name": "Invalid request: sort isn't a known parameter. Known are per_page, page",
		path + "?sort=name":            "Invalid request: sort isn't a known parameter. There are none here",
	} {
		if text := v.Get(list).Status(http.StatusUnprocessableEntity).Message(); text != want {
			t.Errorf("%s: %q, want %q", list, text, want)
		}
	}
	for operation, want := range map[string]string{"imports #listImports": "NEPTUN_TOKEN", "webhooks #updateHook": "NEPTUN_SESSION"} {
		noun, id, _ := strings.Cut(operation, " ")
		if code := v.Get("/docs/" + noun).Text(id + " pre.curl"); !strings.Contains(code, "$"+want) {
			t.Errorf("the example of %s is %q", operation, code)
		}
	}
}
