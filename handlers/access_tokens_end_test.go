package handlers_test

import (
	"net/http"
	"testing"

	"neptun/db/dbtest"
	"neptun/handlers"
)

// A token that acts as the app ends with the connection of whoever has it, however
// that ends, and nobody else's does.
func TestS9AnInstallationTokenEndsWithItsUsersConnection(t *testing.T) {
	t.Parallel()
	const body = `{"kind":"installation","repository_ids":[501],"permissions":{"contents":"read"}}`
	for name, disconnect := range map[string]func(*stage, *visitor){
		"on the page": func(_ *stage, v *visitor) { v.post("/account/disconnection", nil).status(http.StatusOK) },
		"with the account": func(_ *stage, v *visitor) {
			v.do(http.MethodDelete, "/api/users/me", "application/json", `{"account":"anna"}`, nil).status(http.StatusNoContent)
		},
		"with the installation record": func(_ *stage, v *visitor) {
			v.post("/installations/"+v.record("workshop")+"/removal", form("account", "workshop")).status(http.StatusSeeOther)
		},
		"on GitHub": func(s *stage, _ *visitor) { s.gitHub.Revoke("anna") },
	} {
		t.Run(name, func(t *testing.T) {
			s := &stage{
				t: t, world: workshop(), clock: &clock{}, secrets: []string{newSecret},
				configure: []func(*handlers.Config){func(c *handlers.Config) { c.AllowAccessTokens = true }},
			}
			s.start(dbtest.SQLite(t), "")
			t.Cleanup(s.gitHub.Close)
			s.world.SetWebhookSecret(newSecret)
			s.world.SetHookURL(s.url + "/webhooks/github")
			s.world.SetPermission(501, "bert", "admin")
			anna, bert := s.logIn("anna"), s.logIn("bert")
			tokenOf := func(v *visitor) string {
				path := "/api/users/me/installations/" + v.record("workshop") + "/access_tokens"
				token, _ := v.postJSON(path, body).status(http.StatusCreated).object()["token"].(string)
				return token
			}
			hers, his := tokenOf(anna), tokenOf(bert)
			if !s.reads(hers, "lathe") || !s.reads(his, "lathe") {
				t.Fatal("the tokens open nothing")
			}
			disconnect(s, anna)
			dbtest.Until(t, "the token is revoked", func() bool { return !s.reads(hers, "lathe") })
			if !s.reads(his, "lathe") {
				t.Error("somebody else's token is revoked too")
			}
			dbtest.Until(t, "nothing is left of it", func() bool {
				left, err := s.db.ListAbandonedTokens(t.Context(), 10)
				must(t, err)
				return len(left) == 0
			})
		})
	}
}
