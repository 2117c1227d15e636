package handlers_test

import (
	"net/http"
	"testing"

	"neptun/db/dbtest"
	"neptun/handlers"
	"neptun/handlers/handlerstest"
)

// However a user's authorization ends, their installation tokens are revoked, and no others.
func TestS9AnInstallationTokenEndsWithItsUsersAuthorization(t *testing.T) {
	t.Parallel()
	const body = `{"kind":"installation","repository_ids":[501],"permissions":{"contents":"read"}}`
	for name, disconnect := range map[string]func(*handlerstest.Stage, *handlerstest.Visitor){
		"on the page": func(_ *handlerstest.Stage, v *handlerstest.Visitor) {
			v.Post("/account/disconnection", nil).Status(http.StatusOK)
		},
		"with the account": func(_ *handlerstest.Stage, v *handlerstest.Visitor) {
			v.Do(http.MethodDelete, "/api/users/me", "application/json", `{"account":"anna"}`, nil).Status(http.StatusNoContent)
		},
		"with the installation record": func(_ *handlerstest.Stage, v *handlerstest.Visitor) {
			v.Post("/installations/"+v.Record("workshop")+"/removal", handlerstest.Form("account", "workshop")).Status(http.StatusSeeOther)
		},
		"on GitHub": func(s *handlerstest.Stage, _ *handlerstest.Visitor) { s.GitHub.Revoke("anna") },
	} {
		t.Run(name, func(t *testing.T) {
			s := &handlerstest.Stage{
				T: t, World: handlerstest.Workshop(), Clock: &handlerstest.Clock{}, Secrets: []string{handlerstest.NewSecret},
				Configure: []func(*handlers.Config){func(c *handlers.Config) { c.AllowAccessTokens = true }},
			}
			s.Start(dbtest.SQLite(t), "")
			t.Cleanup(s.GitHub.Close)
			s.World.Apps.SetWebhookSecret(handlerstest.NewSecret)
			s.World.Apps.SetHookURL(s.URL + "/webhooks/github")
			s.World.Repositories.SetPermission(501, "bert", "admin")
			anna, bert := s.LogIn("anna"), s.LogIn("bert")
			tokenOf := func(v *handlerstest.Visitor) string {
				path := "/api/users/me/installations/" + v.Record("workshop") + "/access_tokens"
				token, _ := v.PostJSON(path, body).Status(http.StatusCreated).Object()["token"].(string)
				return token
			}
			annaToken, bertToken := tokenOf(anna), tokenOf(bert)
			if !s.Reads(annaToken, "lathe") || !s.Reads(bertToken, "lathe") {
				t.Fatal("the tokens don't work")
			}
			disconnect(s, anna)
			dbtest.Until(t, "the token is revoked", func() bool { return !s.Reads(annaToken, "lathe") })
			if !s.Reads(bertToken, "lathe") {
				t.Error("another user's token is revoked too")
			}
			dbtest.Until(t, "its parts are removed", func() bool {
				left, err := s.DB.ListAbandonedTokens(t.Context(), 10)
				handlerstest.Must(t, err)
				return len(left) == 0
			})
		})
	}
}
