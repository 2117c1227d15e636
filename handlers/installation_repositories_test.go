package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"neptun/db"
	"neptun/sandbox"
)

// change adds or removes a repository with a personal token.
func (v *visitor) change(method, repository, token string) answer {
	v.s.t.Helper()
	header := http.Header{}
	if token != "" {
		header.Set("X-GitHub-Token", token)
	}
	return v.do(method, "/api/users/me/installations/"+v.record("workshop")+"/repositories/"+repository, "", "", header)
}

func TestWithoutTheSwitchGitHubsPageIsTheWay(t *testing.T) {
	world := workshop()
	s := open(t, world)
	v := s.logIn("anna")
	for _, method := range []string{http.MethodPut, http.MethodDelete} {
		message := v.change(method, "501", world.AddPersonalToken("anna")).status(http.StatusForbidden).message()
		if !strings.Contains(message, "/settings/installations/") {
			t.Errorf("%s: %q leads nowhere", method, message)
		}
	}
}

func TestAPersonalTokenAddsAndRemovesRepositories(t *testing.T) {
	world := workshop()
	s := allowing(t, world)
	v := s.logIn("anna")
	own, weak, berts := world.AddPersonalToken("anna"), world.AddPersonalToken("anna", "gist"), world.AddPersonalToken("bert")
	if message := v.change(http.MethodPut, "501", own).status(http.StatusUnprocessableEntity).message(); !strings.Contains(message, "access to all repositories") {
		t.Errorf("message %q", message)
	}

	installation, err := s.db.ListAllInstallations(t.Context(), v.me(), db.OrderByID, db.Page{})
	must(t, err)
	world.SelectRepositories(installation[0].GitHubID, sandbox.SelectSome, 502, 503)
	v.post("/installations/sync", nil).status(http.StatusSeeOther)
	v.settle()
	names := func() string {
		v.settle()
		var all []string
		for _, item := range v.get("/api/users/me/installations/" + v.record("workshop") + "/repositories").list() {
			all = append(all, item["name"].(string))
		}
		return strings.Join(all, " ")
	}
	if got := names(); got != "press" {
		t.Fatalf("at first there is %s", got)
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
		answer := v.change(http.MethodPut, c.repository, c.token)
		if message := answer.status(c.status).message(); !strings.Contains(message, c.words) {
			t.Errorf("%s with %.8s: %q", c.repository, c.token, message)
		}
		if c.token != "" && strings.Contains(answer.body, c.token) {
			t.Error("the token is shown")
		}
	}
	if noted := s.audit(); noted != "" {
		t.Errorf("noted: %s", noted)
	}
	v.change(http.MethodPut, "501", own).status(http.StatusNoContent)
	if got := names(); got != "Lathe press" {
		t.Errorf("after adding there is %s", got)
	}
	v.change(http.MethodDelete, "501", own).status(http.StatusNoContent)
	if got := names(); got != "press" {
		t.Errorf("after removing there is %s", got)
	}
	want := "anna remove repository from installation workshop: 501\nanna add repository to installation workshop: 501"
	if noted := s.audit(); noted != want {
		t.Errorf("noted: %s", noted)
	}
	// A personal token doesn't stand in for the session.
	s.visit().do(http.MethodPut, "/api/users/me/installations/1/repositories/501", "", "", http.Header{"X-Github-Token": {own}}).status(http.StatusUnauthorized)
}
