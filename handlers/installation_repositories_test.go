package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"neptun/db"
	"neptun/handlers/handlerstest"
	"neptun/sandbox"
)

func TestWithoutPersonalTokensTheErrorLinksToGitHub(t *testing.T) {
	world := handlerstest.Workshop()
	s := handlerstest.Open(t, world)
	v := s.LogIn("anna")
	for _, method := range []string{http.MethodPut, http.MethodDelete} {
		message := v.Change(method, "501", world.Accounts.AddPersonalToken("anna")).Status(http.StatusForbidden).Message()
		if !strings.Contains(message, "/settings/installations/") {
			t.Errorf("%s: %q has no link to GitHub", method, message)
		}
	}
}

func TestAPersonalTokenAddsAndRemovesRepositories(t *testing.T) {
	world := handlerstest.Workshop()
	s := handlerstest.Allowing(t, world)
	v := s.LogIn("anna")
	own, weak, berts := world.Accounts.AddPersonalToken("anna"), world.Accounts.AddPersonalToken("anna", "gist"), world.Accounts.AddPersonalToken("bert")
	if message := v.Change(http.MethodPut, "501", own).Status(http.StatusUnprocessableEntity).Message(); !strings.Contains(message, "access to all repositories") {
		t.Errorf("message %q", message)
	}

	installation, err := s.DB.ListAllInstallations(t.Context(), v.Me(), db.OrderByID, db.Page{})
	handlerstest.Must(t, err)
	world.Installations.Select(installation[0].GitHubID, sandbox.SelectSome, 502, 503)
	v.Post("/installations/sync", nil).Status(http.StatusSeeOther)
	v.Settle()
	names := func() string {
		v.Settle()
		var all []string
		for _, item := range v.Get("/api/users/me/installations/" + v.Record("workshop") + "/repositories").List() {
			all = append(all, item["name"].(string))
		}
		return strings.Join(all, " ")
	}
	if got := names(); got != "press" {
		t.Fatalf("initially the list is %s", got)
	}
	for _, c := range []struct {
		repository, token string
		status            int
		words             string
	}{
		{"501", "", http.StatusUnprocessableEntity, "X-GitHub-Token is required"},
		{"501", "ghp_unknown", http.StatusUnprocessableEntity, "rejected the token"},
		{"501", berts, http.StatusForbidden, "another GitHub account"},
		{"501", weak, http.StatusForbidden, "repo scope"},
		{"502", own, http.StatusForbidden, "admin of the repository"},
		{"504", own, http.StatusNotFound, "Repository not found"},
		{"lathe", own, http.StatusNotFound, "Repository not found"},
	} {
		response := v.Change(http.MethodPut, c.repository, c.token)
		if message := response.Status(c.status).Message(); !strings.Contains(message, c.words) {
			t.Errorf("%s with %.8s: %q", c.repository, c.token, message)
		}
		if c.token != "" && strings.Contains(response.Body, c.token) {
			t.Error("the token is shown")
		}
	}
	if audited := s.Audit(); audited != "" {
		t.Errorf("audit log: %s", audited)
	}
	v.Change(http.MethodPut, "501", own).Status(http.StatusNoContent)
	if got := names(); got != "Lathe press" {
		t.Errorf("after adding the list is %s", got)
	}
	v.Change(http.MethodDelete, "501", own).Status(http.StatusNoContent)
	if got := names(); got != "press" {
		t.Errorf("after removing the list is %s", got)
	}
	want := "anna remove repository from installation workshop: 501\nanna add repository to installation workshop: 501"
	if audited := s.Audit(); audited != want {
		t.Errorf("audit log: %s", audited)
	}
	// A personal token isn't a credential for Neptun.
	s.Visit().Do(http.MethodPut, "/api/users/me/installations/1/repositories/501", "", "", http.Header{"X-Github-Token": {own}}).Status(http.StatusUnauthorized)
}
