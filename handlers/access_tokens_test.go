package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"neptun/handlers/handlerstest"
	"neptun/sandbox"
)

func TestAccessTokensAreOffUnlessAllowed(t *testing.T) {
	s := handlerstest.Open(t, handlerstest.Workshop())
	v := s.LogIn("anna")
	path := "/api/users/me/installations/" + v.Record("workshop") + "/access_tokens"
	for _, refused := range []handlerstest.Answer{
		v.PostJSON(path, `{"repository_ids":[501],"permissions":{"contents":"read"}}`),
		v.DeleteJSON(path, `{"token":"ghs_x"}`),
	} {
		if message := refused.Status(http.StatusForbidden).Message(); !strings.Contains(message, "NEPTUN_ALLOW_ACCESS_TOKENS=true") {
			t.Errorf("message %q", message)
		}
	}
}

func TestAccessTokensAreShownOnceLimitedAndRevocable(t *testing.T) {
	s := handlerstest.Allowing(t, handlerstest.Workshop())
	v := s.LogIn("anna")
	path := "/api/users/me/installations/" + v.Record("workshop") + "/access_tokens"
	for _, c := range []struct{ body, kind, opens, not, audited string }{
		{`{"repository_ids":[502],"permissions":{"contents":"read"}}`, "user", "press", "lathe", "user, 1 repository, contents read"},
		{`{"kind":"user","repositories":["PRESS"],"permissions":{"contents":"write","metadata":"read"}}`, "user", "press", "lathe", "user, 1 repository, contents write, metadata read"},
		{`{"kind":"installation","repositories":["lathe"],"permissions":{"contents":"read"}}`, "installation", "lathe", "press", "installation, 1 repository, contents read"},
	} {
		created := v.PostJSON(path, c.body).Status(http.StatusCreated)
		if created.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("Cache-Control is %q", created.Header.Get("Cache-Control"))
		}
		token, _ := created.Object()["token"].(string)
		handlerstest.WantField(t, created.Object(), "kind", c.kind)
		handlerstest.WantTime(t, created.Object(), "expires_at")
		if !s.Reads(token, c.opens) || s.Reads(token, c.not) {
			t.Errorf("%s has no access to its repositories", c.body)
		}
		if audited := s.Audit(); !strings.HasPrefix(audited, "anna create access token workshop: "+c.audited) || strings.Contains(audited, token) {
			t.Errorf("audit log: %s", audited)
		}
		body := fmt.Sprintf(`{"token":%q}`, token)
		v.DeleteJSON(path, body).Status(http.StatusNoContent)
		if s.Reads(token, c.opens) {
			t.Errorf("%s works after its revocation", c.body)
		}
		if message := v.DeleteJSON(path, body).Status(http.StatusNotFound).Message(); message != "Access token not found" {
			t.Errorf("message %q", message)
		}
	}
}

func TestOnlyOwnAccessTokensCanBeRevoked(t *testing.T) {
	s := handlerstest.Allowing(t, handlerstest.Workshop())
	anna, bert := s.LogIn("anna"), s.LogIn("bert")
	annaPath := "/api/users/me/installations/" + anna.Record("workshop") + "/access_tokens"
	bertPath := "/api/users/me/installations/" + bert.Record("workshop") + "/access_tokens"
	token := anna.PostJSON(annaPath, `{"repository_ids":[502],"permissions":{"contents":"read"}}`).Status(http.StatusCreated).Object()["token"].(string)
	own, err := s.DB.GitHubToken(t.Context(), anna.Me())
	handlerstest.Must(t, err)

	bert.DeleteJSON(annaPath, `{"token":"`+token+`"}`).Status(http.StatusNotFound)
	bert.DeleteJSON(bertPath, `{"token":"`+token+`"}`).Status(http.StatusNotFound)
	bert.PostJSON(annaPath, `{"repository_ids":[503],"permissions":{"contents":"read"}}`).Status(http.StatusNotFound)
	if !s.Reads(token, "press") {
		t.Error("another user revoked the token")
	}
	// Neptun's own token for her wasn't created as an access token.
	anna.DeleteJSON(annaPath, `{"token":"`+own.Access+`"}`).Status(http.StatusNotFound)
	if !s.Reads(own.Access, "press") {
		t.Error("Neptun's own token was revoked")
	}
}

func TestRefusedAccessTokens(t *testing.T) {
	world := handlerstest.Workshop()
	s := handlerstest.Allowing(t, world)
	v := s.LogIn("anna")
	path := "/api/users/me/installations/" + v.Record("workshop") + "/access_tokens"
	many := strings.Repeat("501,", 500) + "501"
	for name, c := range map[string]struct {
		body   string
		status int
		words  string
	}{
		"no repositories":       {`{"permissions":{"contents":"read"}}`, 422, "repository_ids or repositories is required"},
		"both":                  {`{"repository_ids":[501],"repositories":["press"],"permissions":{"contents":"read"}}`, 422, "not both"},
		"too many":              {`{"repository_ids":[` + many + `],"permissions":{"contents":"read"}}`, 422, "500 at most"},
		"no permissions":        {`{"repository_ids":[501]}`, 422, "permissions is required"},
		"another kind":          {`{"kind":"app","repository_ids":[501],"permissions":{"contents":"read"}}`, 422, "must be one of user, installation"},
		"another level":         {`{"repository_ids":[501],"permissions":{"contents":"all"}}`, 422, "must be one of read, write, admin"},
		"no permission at all":  {`{"repository_ids":[501],"permissions":{"<b>":"read"}}`, 422, "as GitHub names them"},
		"not in the fixed list": {`{"kind":"installation","repository_ids":[501],"permissions":{"members":"read"}}`, 422, "members is none"},
		"more than is granted":  {`{"repository_ids":[501],"permissions":{"issues":"write"}}`, 422, "be granted these permissions"},
		"another's repository":  {`{"repository_ids":[503],"permissions":{"contents":"read"}}`, 422, "names 503, which isn't a repository you can access here"},
		"nobody's repository":   {`{"repository_ids":[504],"permissions":{"contents":"read"}}`, 422, "names 504, which isn't a repository you can access here"},
		"another's, by name":    {`{"repositories":["bench"],"permissions":{"contents":"read"}}`, 422, "names bench, which isn't a repository you can access here"},
		"owner and name":        {`{"repositories":["workshop/press"],"permissions":{"contents":"read"}}`, 422, "without the owner"},
		"no admin":              {`{"kind":"installation","repository_ids":[501,502],"permissions":{"contents":"read"}}`, 403, "requires the admin role"},
		"a field nobody knows":  {`{"repository_ids":[501],"permissions":{"contents":"read"},"all":true}`, 422, "all is not a known field"},
		"no object":             {`[]`, 422, ""},
	} {
		if message := v.PostJSON(path, c.body).Status(c.status).Message(); !strings.Contains(message, c.words) {
			t.Errorf("%s: %q", name, message)
		}
	}

	// The stored permission is still admin. GitHub's no longer is.
	world.Repositories.SetPermission(501, "anna", sandbox.Push)
	installation := `{"kind":"installation","repository_ids":[501],"permissions":{"contents":"read"}}`
	v.PostJSON(path, installation).Status(http.StatusForbidden)

	if audited := s.Audit(); audited != "" {
		t.Errorf("audit log: %s", audited)
	}
}
