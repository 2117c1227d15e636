package operators_test

import (
	"net/http"
	"testing"

	"neptun/db/dbtest"
	"neptun/handlers"
	"neptun/handlers/handlerstest"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

// R11: an app with the setup's preset "list and create tokens" can create tokens.
func TestR11TheTokensPresetCreatesTokens(t *testing.T) {
	t.Parallel()
	s := &handlerstest.Stage{
		T: t, World: handlerstest.WithoutApp(), Clock: &handlerstest.Clock{}, Appless: true,
		Configure: []func(*handlers.Config){func(c *handlers.Config) { c.AllowAppTokens = true }},
	}
	s.Start(dbtest.SQLite(t), "")
	v := s.EnterSetup()
	form := handlerstest.SetupForm("Tidal")
	form.Set("access", "tokens")
	action, manifest := v.Review(form)
	back, err := sandboxtest.RegisterApp(&http.Client{}, action, manifest, "ada")
	handlerstest.Must(t, err)
	v.Get(v.Path(back)).Status(http.StatusSeeOther)
	s.World.Installations.Install("acme", sandbox.SelectAll)
	v.LogIn("ada").Status(http.StatusSeeOther)
	v.Settle()
	v.BecomeOperator()
	path := "/api/app/installations/" + v.GitHubID("acme") + "/access_tokens"
	token := v.PostJSON(path, `{"permissions":{"contents":"write","issues":"write"}}`).Status(http.StatusCreated).Object()
	if granted := token["permissions"].(map[string]any); granted["contents"] != "write" {
		t.Errorf("the token has %v", granted)
	}
	v.PostJSON(path, `{"permissions":{"administration":"read"}}`).Status(http.StatusUnprocessableEntity)
}
