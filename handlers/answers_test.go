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

// R7: a request to install the app whose requester GitHub doesn't report is listed, and one that it reported is kept.
func TestR7TheRequesterMayBeUnknown(t *testing.T) {
	t.Parallel()
	world := handlerstest.Shop()
	world.Accounts.AddUser(sandbox.User{Login: "olga"})
	for _, org := range []string{"kiosk", "stall"} {
		world.Accounts.AddOrganization(sandbox.Organization{Login: org})
		world.Accounts.AddMember(org, "olga", sandbox.RoleAdmin)
		world.Accounts.AddMember(org, "anna", sandbox.RoleMember)
	}
	s := handlerstest.OpenRunBy(t, world, dbtest.SQLite(t), "", []string{"anna"})
	v := s.LogIn("anna")
	// request creates an installation request, and returns the listed requests, with that one, by account.
	request := func(org string) map[string]map[string]any {
		world.InstallationRequests.Create(org, "anna")
		v.Get("/auth/github/setup?setup_action=request").Status(http.StatusSeeOther)
		var listed map[string]map[string]any
		dbtest.Until(t, "the request for "+org+" is listed", func() bool {
			listed = map[string]map[string]any{}
			for _, row := range v.Get("/api/app/installation-requests").Status(http.StatusOK).List() {
				listed[row["github_account_login"].(string)] = row
			}
			return listed[org] != nil
		})
		return listed
	}
	known := request("kiosk")["kiosk"]
	handlerstest.WantField(t, known, "requester_github_login", "anna")
	s.GitHub.SetBehavior(sandbox.Behavior{Rewrite: func(row sandbox.Row, _ int64, body map[string]any) any {
		if row == sandbox.RowInstallationRequest {
			body["requester"] = nil
		}
		return body
	}})
	listed := request("stall")
	for _, field := range []string{"requester_github_id", "requester_github_login"} {
		handlerstest.WantField(t, listed["stall"], field, nil)
		handlerstest.WantField(t, listed["kiosk"], field, known[field])
	}
	text := v.Get("/app/requests").Status(http.StatusOK).Text("main")
	for _, want := range []string{"stall requested by a user not reported by GitHub", "kiosk requested by anna"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page says %q", text)
		}
	}
}

// R19: an unsupported sort is an error, and examples contain the credential they need.
func TestR19ListParametersAndExampleCredentials(t *testing.T) {
	t.Parallel()
	v := handlerstest.Open(t, handlerstest.Shop()).LogIn("anna")
	path := "/api/users/me/installations/" + v.Record("shop") + "/automatic_import"
	for list, want := range map[string]string{
		path + "/exclusions?sort=name": "Invalid request: sort isn't a known parameter. Known parameters: per_page, page",
		path + "?sort=name":            "Invalid request: sort isn't a known parameter. This operation has none",
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
