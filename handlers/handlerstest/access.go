package handlerstest

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"neptun/db/dbtest"
	"neptun/sandbox"
)

// RepositoriesOn returns the names of the repositories that a visitor sees on an account, in
// order; nil without an installation.
func (v *Visitor) RepositoriesOn(login string) []string {
	v.Stage.T.Helper()
	for _, item := range v.Get("/api/users/me/installations").Status(http.StatusOK).List() {
		if item["github_account_login"] != login {
			continue
		}
		names := []string{}
		id := strconv.FormatInt(int64(item["id"].(float64)), 10)
		answer := v.Get("/api/users/me/installations/" + id + "/repositories?sort=name")
		if answer.StatusCode == http.StatusNotFound {
			return nil // it was removed between the two requests
		}
		for _, r := range answer.Status(http.StatusOK).List() {
			names = append(names, r["name"].(string))
		}
		return names
	}
	return nil
}

// Sees fails the test unless a visitor sees these repositories now.
func (v *Visitor) Sees(login string, names ...string) {
	v.Stage.T.Helper()
	if got := v.RepositoriesOn(login); fmt.Sprint(got) != fmt.Sprint(names) {
		v.Stage.T.Errorf("on %s one sees %q, expected %q", login, got, names)
	}
}

// SoonSees waits until a visitor sees these repositories.
func (v *Visitor) SoonSees(login string, names ...string) {
	v.Stage.T.Helper()
	var got []string
	v.Stage.Soon(func() bool {
		got = v.RepositoriesOn(login)
		return fmt.Sprint(got) == fmt.Sprint(names)
	}, func() string { return fmt.Sprintf("on %s one sees %q, expected %q", login, got, names) })
}

// Soon waits for a condition.
func (s *Stage) Soon(is func() bool, otherwise func() string) {
	s.T.Helper()
	for deadline := time.Now().Add(dbtest.Timeout); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.T.Fatal(otherwise())
		}
	}
}

// RepositoryNamed returns a repository of the world.
func (s *Stage) RepositoryNamed(owner, name string) sandbox.Repository {
	s.T.Helper()
	for _, r := range s.World.Repositories.List(owner) {
		if r.Name == name {
			return r
		}
	}
	s.T.Fatalf("%s has no repository %s", owner, name)
	return sandbox.Repository{}
}

// Applied fails the test unless every stored webhook was applied.
func (s *Stage) Applied() {
	s.T.Helper()
	for _, outcome := range s.Delivered() {
		if !strings.HasSuffix(outcome, ": applied") && !strings.HasPrefix(outcome, "team created") {
			s.T.Errorf("%s", outcome)
		}
	}
}
