package sandbox_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

// asClient sends a request with the App's client id and secret.
func (s *site) asClient(method, path, body string) reply {
	s.Helper()
	app := s.App()
	basic := base64.StdEncoding.EncodeToString([]byte(app.ClientID + ":" + app.ClientSecret))
	return s.send(method, "/applications/"+app.ClientID+path, "", body, "Authorization", "Basic "+basic)
}

func accessToken(token string) string { return jsonOf(object{"access_token": token}) }

type authorized struct {
	ID        int64
	Token     string
	LastEight string `json:"token_last_eight"`
	ExpiresAt string `json:"expires_at"`
	User      struct{ Login string }
}

func TestTokensAreCheckedAndReset(t *testing.T) {
	s := open(t, sandboxtest.EmptyWorld())
	first := s.exchange("code", s.code("ada"))
	var checked, reset authorized
	s.status(200, s.asClient("POST", "/token", accessToken(first.Access))).into(t, &checked)
	if checked.User.Login != "ada" || !strings.HasSuffix(first.Access, checked.LastEight) || checked.ExpiresAt != "2026-11-02T18:00:00Z" {
		t.Errorf("checked %+v", checked)
	}
	s.status(200, s.asClient("PATCH", "/token", accessToken(first.Access))).into(t, &reset)
	if reset.Token == first.Access || reset.ID != checked.ID {
		t.Errorf("reset to %+v", reset)
	}
	s.status(401, s.get("/user", first.Access))
	s.status(200, s.get("/user", reset.Token))
	s.status(404, s.asClient("POST", "/token", accessToken(first.Access)))
	s.status(404, s.asClient("PATCH", "/token", accessToken(first.Access)))
	refreshed := s.exchange("grant_type", "refresh_token", "refresh_token", first.Refresh)
	if refreshed.Access == "" {
		t.Errorf("a reset ended the refresh token: %+v", refreshed)
	}

	s.world.Apps.EndRefreshTokensOnReset(true)
	s.status(200, s.asClient("PATCH", "/token", accessToken(refreshed.Access)))
	if late := s.exchange("grant_type", "refresh_token", "refresh_token", refreshed.Refresh); late.Error != "bad_refresh_token" {
		t.Errorf("after the switch: %+v", late)
	}
}

func TestTokensAndGrantsAreDeleted(t *testing.T) {
	s := open(t, sandbox.DemoWorld())
	one, two, other := s.exchange("code", s.code("marin")), s.exchange("code", s.code("marin")), s.token("jonas-l")
	s.status(204, s.asClient("DELETE", "/token", accessToken(one.Access)))
	s.status(401, s.get("/user", one.Access))
	s.status(200, s.get("/user", two.Access))
	s.status(422, s.asClient("DELETE", "/token", accessToken(one.Access)))
	s.status(422, s.asClient("DELETE", "/grant", accessToken(one.Access)))

	three := s.exchange("code", s.code("marin"))
	s.status(204, s.asClient("DELETE", "/grant", accessToken(two.Access)))
	for _, token := range []string{two.Access, three.Access} {
		s.status(401, s.get("/user", token))
	}
	if late := s.exchange("grant_type", "refresh_token", "refresh_token", three.Refresh); late.Error != "bad_refresh_token" {
		t.Errorf("a refresh token works after its grant was deleted: %+v", late)
	}
	s.status(200, s.get("/user", other))
	if r := s.page(s.signedInBrowser("marin"), s.authorizeURL()); r.Status != 200 {
		t.Error("no consent page after the grant was deleted")
	}
}

func TestAuthorizationsRequireTheClient(t *testing.T) {
	s := open(t, sandboxtest.EmptyWorld())
	token := s.token("ada")
	id := s.App().ClientID
	for _, c := range [][2]string{
		{"POST", "/token"}, {"PATCH", "/token"}, {"DELETE", "/token"}, {"DELETE", "/grant"}, {"POST", "/token/scoped"},
	} {
		for _, header := range []string{"", "Bearer " + token, "Bearer " + s.appToken(nil), "Basic eDp5", "Basic ???"} {
			var headers []string
			if header != "" {
				headers = []string{"Authorization", header}
			}
			s.status(401, s.send(c[0], "/applications/"+id+c[1], "", accessToken(token), headers...))
		}
		for body, status := range map[string]int{``: 422, `{}`: 422, `{"access_token":1}`: 422, `{`: 400, `"x"`: 400} {
			if r := s.asClient(c[0], c[1], body); r.Status != status {
				t.Errorf("%s %s with %s answered %d", c[0], c[1], body, r.Status)
			}
		}
		s.status(404, s.asClient(c[0], "x"+c[1], accessToken(token)))
	}
	s.status(200, s.get("/user", token))
}

func TestScopedTokens(t *testing.T) {
	world, id, repositories := acme()
	world.Installations.Install("bob", sandbox.SelectAll)
	world.Repositories.Add("bob", sandbox.Repository{Name: "own", Private: true})
	s := open(t, world)
	whole := s.token("bob")
	narrow := func(status int, body object) (token string) {
		t.Helper()
		body["access_token"] = whole
		r := s.status(status, s.asClient("POST", "/token/scoped", jsonOf(body)))
		if status == 200 {
			var got struct {
				Token        string
				Installation struct {
					Selection string `json:"repository_selection"`
				}
			}
			r.into(t, &got)
			token = got.Token
		}
		return token
	}
	token := narrow(200, object{"target": "acme", "repositories": []string{"one"}, "permissions": object{"metadata": "read"}})
	if got := s.list("/user/installations", token); got.Total != 1 || got.Installations[0].ID != id {
		t.Errorf("sees %+v", got)
	}
	if got := s.list(fmt.Sprintf("/user/installations/%d/repositories", id), token); got.Total != 1 {
		t.Errorf("reaches %+v", got)
	}
	s.status(200, s.get("/repos/acme/one", token))
	s.status(404, s.get("/repos/bob/own", token))
	s.status(200, s.get("/repos/bob/own", whole))
	s.status(403, s.get("/user/memberships/orgs/acme", token))
	s.status(200, s.get("/user/memberships/orgs/acme", whole))

	narrow(200, object{"target_id": world.Accounts.IDOf("acme"), "repository_ids": []int64{repositories[0].ID}})
	narrow(422, object{"repositories": []string{"one"}})
	narrow(422, object{"target": "acme", "repositories": []string{"one"}, "repository_ids": []int64{repositories[0].ID}})
	narrow(422, object{"target": "acme", "repositories": []string{"two"}}) // the App has access, but bob doesn't
	narrow(422, object{"target": "acme", "repositories": []string{"three"}})
	narrow(422, object{"target": "acme", "permissions": object{"contents": "read"}})
	narrow(422, object{"target": 1})
	narrow(404, object{"target": "ada"})
	narrow(404, object{"target": "nobody"})
	s.status(422, s.asClient("POST", "/token/scoped", jsonOf(object{"access_token": token, "target": "acme"})))
	s.status(404, s.asClient("POST", "/token/scoped", jsonOf(object{"access_token": "ghu_x", "target": "acme"})))
	world.Installations.Suspend(id, "ada")
	narrow(403, object{"target": "acme"})
	s.Revoke("bob")
	s.status(401, s.get("/user", token))
}
