package sandbox_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"neptun/sandbox"
)

func jsonOf(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func TestOnlyTheSuspenderCanUnsuspend(t *testing.T) {
	world, id, _ := acme()
	s := open(t, world)
	app, ada := s.appToken(nil), s.signedInBrowser("ada")
	path, settings := fmt.Sprintf("/app/installations/%d/suspended", id), fmt.Sprintf("/organizations/acme/settings/installations/%d", id)
	suspendedBy := func() string {
		var now struct {
			By *struct{ Login string } `json:"suspended_by"`
		}
		s.get(fmt.Sprintf("/app/installations/%d", id), app).into(t, &now)
		if now.By == nil {
			return ""
		}
		return now.By.Login
	}

	s.status(204, s.send("PUT", path, app, ""))
	s.status(204, s.send("PUT", path, app, ""))
	if by := suspendedBy(); by != "neptun-sandbox[bot]" {
		t.Errorf("suspended by %q", by)
	}
	if strings.Contains(string(s.page(ada, settings).Body), `value="unsuspend"`) {
		t.Error("the account can unsuspend a suspension by the App")
	}
	s.page(ada, settings, url.Values{"action": {"unsuspend"}})
	if suspendedBy() == "" {
		t.Error("the account unsuspended a suspension by the App")
	}
	s.status(204, s.send("DELETE", path, app, ""))
	s.status(204, s.send("DELETE", path, app, ""))

	s.page(ada, settings, url.Values{"action": {"suspend"}})
	s.status(404, s.send("DELETE", path, app, ""))
	s.status(204, s.send("PUT", path, app, ""))
	if by := suspendedBy(); by != "ada" {
		t.Errorf("the App replaced a suspension: %q", by)
	}
	s.page(ada, settings, url.Values{"action": {"unsuspend"}})
	if suspendedBy() != "" {
		t.Error("not unsuspended")
	}

	s.status(404, s.send("PUT", "/app/installations/1/suspended", app, ""))
	s.status(404, s.send("DELETE", "/app/installations/1/suspended", app, ""))
	for _, token := range []string{"", s.token("ada"), s.installationToken(id, ""), world.Accounts.AddPersonalToken("ada")} {
		s.status(401, s.send("PUT", path, token, ""))
		s.status(401, s.send("DELETE", fmt.Sprintf("/app/installations/%d", id), token, ""))
	}
	s.status(204, s.send("DELETE", fmt.Sprintf("/app/installations/%d", id), app, ""))
	s.status(404, s.send("DELETE", fmt.Sprintf("/app/installations/%d", id), app, ""))
}

// installationToken is a token of the installation, limited by the body.
func (s *site) installationToken(id int64, body string) string {
	s.Helper()
	var minted struct{ Token string }
	s.status(201, s.send("POST", fmt.Sprintf("/app/installations/%d/access_tokens", id), s.appToken(nil), body)).into(s.T, &minted)
	return minted.Token
}

func TestInstallationTokens(t *testing.T) {
	world, id, repositories := acme()
	s := open(t, world)
	path, app := fmt.Sprintf("/app/installations/%d/access_tokens", id), s.appToken(nil)
	whole := s.installationToken(id, "")
	if !strings.HasPrefix(whole, "ghs_") || len(whole) != 520 || strings.Count(whole, ".") != 2 {
		t.Errorf("a token like %.60s with %d characters", whole, len(whole))
	}
	if got := s.list("/installation/repositories", whole); got.Total != 2 || got.Repositories[0].Permissions["pull"] {
		t.Errorf("reaches %+v", got)
	}
	s.status(200, s.get("/repos/acme/one", whole))
	s.status(404, s.get("/repos/acme/three", whole))
	s.status(200, s.get("/users/ada", whole))
	s.status(200, s.get("/rate_limit", whole))
	for _, path := range []string{"/user", "/user/installations", "/user/memberships/orgs/acme"} {
		s.status(403, s.get(path, whole))
	}
	s.status(401, s.get("/app", whole))

	var narrow struct {
		Token        string
		Permissions  map[string]string
		Selection    string `json:"repository_selection"`
		Repositories []struct{ Name string }
	}
	body := jsonOf(object{"repository_ids": []int64{repositories[1].ID}, "permissions": object{"metadata": "read"}})
	s.status(201, s.send("POST", path, app, body)).into(t, &narrow)
	if len(narrow.Permissions) != 1 || narrow.Selection != "selected" || len(narrow.Repositories) != 1 || narrow.Repositories[0].Name != "two" {
		t.Errorf("narrowed to %+v", narrow)
	}
	if got := s.list("/installation/repositories", narrow.Token); got.Total != 1 {
		t.Errorf("a restricted token gets %d", got.Total)
	}
	s.status(404, s.get("/repos/acme/one", narrow.Token))
	if got := s.list("/installation/repositories", s.installationToken(id, `{"repositories":["ONE"]}`)); got.Total != 1 {
		t.Errorf("by name: %d repositories", got.Total)
	}

	many := make([]string, 501)
	for body, status := range map[string]int{
		`{"permissions":{"contents":"read"}}`:      422,
		`{"permissions":{"metadata":"write"}}`:     422,
		`{"permissions":{"invented":"read"}}`:      422,
		`{"permissions":{"metadata":"all"}}`:       422,
		`{"permissions":["metadata"]}`:             422,
		`{"repositories":["three"]}`:               422,
		`{"repositories":["none"]}`:                422,
		`{"repositories":[1]}`:                     422,
		`{"repository_ids":[1]}`:                   422,
		`{"repository_ids":["x"]}`:                 422,
		jsonOf(object{"repositories": many}):       422,
		`{"repositories"`:                          400,
		`[]`:                                       400,
		`{"permissions":{"members":"read"}}`:       201,
		`{"repositories":["one"],"anything":true}`: 201,
	} {
		if r := s.send("POST", path, app, body); r.Status != status {
			t.Errorf("%.60s answered %d, want %d", body, r.Status, status)
		}
	}
	s.status(401, s.send("POST", path, "", ""))
	s.status(401, s.send("POST", path, s.token("ada"), ""))
	s.status(404, s.send("POST", "/app/installations/1/access_tokens", app, ""))

	world.Installations.Suspend(id, "ada")
	if r := s.status(403, s.send("POST", path, app, "")); r.message(t) != "This installation has been suspended" {
		t.Errorf("the response is %s", r.Body)
	}
	s.status(403, s.get("/installation/repositories", whole))
	world.Installations.Unsuspend(id)

	s.status(204, s.send("DELETE", "/installation/token", whole, ""))
	s.status(401, s.get("/installation/repositories", whole))
	s.status(401, s.send("DELETE", "/installation/token", whole, ""))
	s.status(200, s.get("/installation/repositories", narrow.Token))
	for token, status := range map[string]int{"": 401, app: 403, s.token("ada"): 403} {
		s.status(status, s.get("/installation/repositories", token))
		s.status(status, s.send("DELETE", "/installation/token", token, ""))
	}
	s.wait(time.Hour)
	s.status(401, s.get("/installation/repositories", narrow.Token))
	gone := s.installationToken(id, "")
	world.Installations.Uninstall(id)
	s.status(401, s.get("/installation/repositories", gone))
}

func TestPersonalTokensChangeSelections(t *testing.T) {
	world, id, repositories := acme()
	world.Repositories.SetPermission(repositories[1].ID, "bob", sandbox.Maintain)
	all := world.Installations.Install("ada", sandbox.SelectAll)
	own := world.Repositories.Add("ada", sandbox.Repository{Name: "mine"})
	s := open(t, world)
	path := func(installation, repository int64) string {
		return fmt.Sprintf("/user/installations/%d/repositories/%d", installation, repository)
	}
	ada, bob := world.Accounts.AddPersonalToken("ada"), world.Accounts.AddPersonalToken("bob")
	reached := func() int {
		return s.list(fmt.Sprintf("/user/installations/%d/repositories", id), s.token("ada")).Total
	}
	for _, method := range []string{"PUT", "DELETE"} {
		for token, status := range map[string]int{
			"": 401, "ghp_wrong": 401, s.token("ada"): 403, s.installationToken(id, ""): 403, s.appToken(nil): 403,
			world.Accounts.AddPersonalToken("ada", "read:org"): 403, bob: 403,
		} {
			s.status(status, s.send(method, path(id, repositories[1].ID), token, ""))
		}
		s.status(404, s.send(method, path(1, repositories[1].ID), ada, ""))
		s.status(404, s.send(method, path(id, 1), ada, ""))
		s.status(404, s.send(method, path(id, own.ID), ada, ""))
		s.status(404, s.send(method, path(id, repositories[2].ID), bob, ""))
		s.status(422, s.send(method, path(all, own.ID), ada, ""))
	}
	s.status(204, s.send("PUT", path(id, repositories[2].ID), ada, ""))
	s.status(204, s.send("PUT", path(id, repositories[2].ID), ada, ""))
	if got := reached(); got != 3 {
		t.Errorf("reaches %d", got)
	}
	s.status(204, s.send("DELETE", path(id, repositories[2].ID), ada, ""))
	s.status(404, s.send("DELETE", path(id, repositories[2].ID), ada, ""))
	s.status(204, s.send("DELETE", path(id, repositories[0].ID), ada, ""))
	s.status(422, s.send("DELETE", path(id, repositories[1].ID), ada, ""))
	if got := reached(); got != 1 {
		t.Errorf("reaches %d", got)
	}
	s.status(403, s.get("/user/installations", ada))
	s.status(200, s.get("/user", ada))
	s.status(200, s.get("/repos/acme/three", ada))
}
