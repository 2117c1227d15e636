package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"neptun/sandbox"
)

// deleteJSON sends a DELETE with a body.
func (v *visitor) deleteJSON(path, body string) answer {
	v.s.t.Helper()
	return v.do(http.MethodDelete, path, "application/json", body, nil)
}

// reads tells whether GitHub opens a repository to a token.
func (s *stage) reads(token, repository string) bool {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.gitHubURL+"/api/v3/repos/workshop/"+repository, nil)
	must(s.t, err)
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("User-Agent", "a script")
	response, err := http.DefaultClient.Do(request)
	must(s.t, err)
	must(s.t, response.Body.Close())
	return response.StatusCode == http.StatusOK
}

func TestAccessTokensAreOffUnlessAllowed(t *testing.T) {
	s := open(t, workshop())
	v := s.logIn("anna")
	path := "/api/users/me/installations/" + v.record("workshop") + "/access_tokens"
	for _, refused := range []answer{
		v.postJSON(path, `{"repository_ids":[501],"permissions":{"contents":"read"}}`),
		v.deleteJSON(path, `{"token":"ghs_x"}`),
	} {
		if message := refused.status(http.StatusForbidden).message(); !strings.Contains(message, "NEPTUN_ALLOW_ACCESS_TOKENS=true") {
			t.Errorf("message %q", message)
		}
	}
}

func TestAnAccessTokenIsShownOnceOpensWhatWasNamedAndCanBeGivenBack(t *testing.T) {
	s := allowing(t, workshop())
	v := s.logIn("anna")
	path := "/api/users/me/installations/" + v.record("workshop") + "/access_tokens"
	for _, c := range []struct{ body, kind, opens, not, noted string }{
		{`{"repository_ids":[502],"permissions":{"contents":"read"}}`, "user", "press", "lathe", "user, 1 repository, contents read"},
		{`{"kind":"user","repositories":["PRESS"],"permissions":{"contents":"write","metadata":"read"}}`, "user", "press", "lathe", "user, 1 repository, contents write, metadata read"},
		{`{"kind":"installation","repositories":["lathe"],"permissions":{"contents":"read"}}`, "installation", "lathe", "press", "installation, 1 repository, contents read"},
	} {
		made := v.postJSON(path, c.body).status(http.StatusCreated)
		if made.header("Cache-Control") != "no-store" {
			t.Errorf("Cache-Control is %q", made.header("Cache-Control"))
		}
		token, _ := made.object()["token"].(string)
		is(t, made.object(), "kind", c.kind)
		isTime(t, made.object(), "expires_at")
		if !s.reads(token, c.opens) || s.reads(token, c.not) {
			t.Errorf("%s doesn't open what it was made for", c.body)
		}
		if noted := s.audit(); !strings.HasPrefix(noted, "anna create access token workshop: "+c.noted) || strings.Contains(noted, token) {
			t.Errorf("noted: %s", noted)
		}
		given := fmt.Sprintf(`{"token":%q}`, token)
		v.deleteJSON(path, given).status(http.StatusNoContent)
		if s.reads(token, c.opens) {
			t.Errorf("%s outlives its end", c.body)
		}
		if message := v.deleteJSON(path, given).status(http.StatusNotFound).message(); message != "Access token not found" {
			t.Errorf("message %q", message)
		}
	}
}

func TestNobodyGivesBackWhatIsNotTheirs(t *testing.T) {
	s := allowing(t, workshop())
	anna, bert := s.logIn("anna"), s.logIn("bert")
	hers := "/api/users/me/installations/" + anna.record("workshop") + "/access_tokens"
	his := "/api/users/me/installations/" + bert.record("workshop") + "/access_tokens"
	token := anna.postJSON(hers, `{"repository_ids":[502],"permissions":{"contents":"read"}}`).status(http.StatusCreated).object()["token"].(string)
	own, err := s.db.GitHubToken(t.Context(), anna.me())
	must(t, err)

	bert.deleteJSON(hers, `{"token":"`+token+`"}`).status(http.StatusNotFound)
	bert.deleteJSON(his, `{"token":"`+token+`"}`).status(http.StatusNotFound)
	bert.postJSON(hers, `{"repository_ids":[503],"permissions":{"contents":"read"}}`).status(http.StatusNotFound)
	if !s.reads(token, "press") {
		t.Error("somebody else ended the token")
	}
	// The one that Neptun itself uses for her is none that was handed out.
	anna.deleteJSON(hers, `{"token":"`+own.Access+`"}`).status(http.StatusNotFound)
	if !s.reads(own.Access, "press") {
		t.Error("Neptun's own token has ended")
	}
}

func TestAccessTokensThatAreNotMade(t *testing.T) {
	world := workshop()
	s := allowing(t, world)
	v := s.logIn("anna")
	path := "/api/users/me/installations/" + v.record("workshop") + "/access_tokens"
	many := strings.Repeat("501,", 500) + "501"
	for name, c := range map[string]struct {
		body   string
		status int
		words  string
	}{
		"no repositories":       {`{"permissions":{"contents":"read"}}`, 422, "repository_ids or repositories is needed"},
		"both":                  {`{"repository_ids":[501],"repositories":["press"],"permissions":{"contents":"read"}}`, 422, "not both"},
		"too many":              {`{"repository_ids":[` + many + `],"permissions":{"contents":"read"}}`, 422, "500 at most"},
		"no permissions":        {`{"repository_ids":[501]}`, 422, "permissions is needed"},
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
		if message := v.postJSON(path, c.body).status(c.status).message(); !strings.Contains(message, c.words) {
			t.Errorf("%s: %q", name, message)
		}
	}

	// What is stored says admin still; GitHub says otherwise.
	world.SetPermission(501, "anna", sandbox.Push)
	installation := `{"kind":"installation","repository_ids":[501],"permissions":{"contents":"read"}}`
	v.postJSON(path, installation).status(http.StatusForbidden)

	if noted := s.audit(); noted != "" {
		t.Errorf("noted: %s", noted)
	}
}
