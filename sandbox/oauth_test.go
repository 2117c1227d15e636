package sandbox_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

func TestWebFlow(t *testing.T) {
	s := open(t, sandboxtest.EmptyWorld())
	back, err := sandboxtest.Authorize(http.DefaultClient, s.authorizeURL(), "ada")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(back, callback+"?") || queryOf(t, back).Get("state") != "st&te" {
		t.Errorf("sent back to %s", back)
	}
	got := s.exchange("code", queryOf(t, back).Get("code"), "redirect_uri", callback)
	if !strings.HasPrefix(got.Access, "ghu_") || len(got.Access) < 500 || !strings.HasPrefix(got.Refresh, "ghr_") {
		t.Errorf("tokens %.12s (%d characters), %.12s", got.Access, len(got.Access), got.Refresh)
	}
	if got.ExpiresIn != 28800 || got.RefreshExpiresIn != 15897600 || got.Type != "bearer" || got.Scope == nil || *got.Scope != "" {
		t.Errorf("got %+v", got)
	}
	var user struct{ Login string }
	s.get("/user", got.Access).into(t, &user)
	if user.Login != "ada" {
		t.Errorf("the token is of %q", user.Login)
	}
}

func TestCancelAndConsent(t *testing.T) {
	s := open(t, sandboxtest.EmptyWorld())
	client := s.browser()
	back, err := sandboxtest.Cancel(client, s.authorizeURL(), "ada")
	if err != nil {
		t.Fatal(err)
	}
	query := queryOf(t, back)
	if query.Get("error") != "access_denied" || query.Get("state") != "st&te" || query.Get("error_description") == "" ||
		query.Get("error_uri") == "" || query.Has("code") {
		t.Errorf("cancelled to %s", back)
	}

	if s.page(client, s.authorizeURL()).Status != http.StatusOK {
		t.Error("no consent page after a cancel")
	}
	if _, err := sandboxtest.Authorize(client, s.authorizeURL(), "ada"); err != nil {
		t.Fatal(err)
	}
	if to := s.page(client, s.authorizeURL()).Header.Get("Location"); !strings.HasPrefix(to, callback+"?code=") {
		t.Errorf("after consent led to %s", to)
	}
	if to := s.page(client, s.authorizeURL("prompt", "select_account")).Header.Get("Location"); !strings.HasPrefix(to, "/login?") {
		t.Errorf("select_account led to %s", to)
	}
	s.Revoke("ada")
	if s.page(client, s.authorizeURL()).Status != http.StatusOK {
		t.Error("no consent page after the grant was revoked")
	}
}

func TestCodesAreValidOnceForTenMinutesAndTheirClient(t *testing.T) {
	s := open(t, sandboxtest.EmptyWorld())
	for name, c := range map[string]struct {
		wait    time.Duration
		changes []string
		error   string
	}{
		"in time":           {9 * time.Minute, nil, ""},
		"too late":          {10 * time.Minute, nil, "bad_verification_code"},
		"wrong verifier":    {0, []string{"code_verifier", verifier + "x"}, "bad_verification_code"},
		"no verifier":       {0, []string{"code_verifier", ""}, "bad_verification_code"},
		"wrong secret":      {0, []string{"client_secret", "x"}, "incorrect_client_credentials"},
		"no secret":         {0, []string{"client_secret", ""}, "incorrect_client_credentials"},
		"wrong client":      {0, []string{"client_id", "Iv1.other"}, "incorrect_client_credentials"},
		"other redirect":    {0, []string{"redirect_uri", callback + "/below"}, "redirect_uri_mismatch"},
		"unknown code":      {0, []string{"code", "0123"}, "bad_verification_code"},
		"unknown grant":     {0, []string{"grant_type", "password"}, "unsupported_grant_type"},
		"no refresh token":  {0, []string{"grant_type", "refresh_token"}, "bad_refresh_token"},
		"spelled out grant": {0, []string{"grant_type", "authorization_code"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			code := s.code("ada")
			s.wait(c.wait)
			got := s.exchange(append([]string{"code", code}, c.changes...)...)
			if got.Error != c.error || (got.Access == "") != (c.error != "") {
				t.Errorf("got error %q, want %q", got.Error, c.error)
			}
			if c.error != "" && (got.Description == "" || got.URI == "") {
				t.Errorf("an error without its explanation: %+v", got)
			}
		})
	}
	code := s.code("ada")
	s.exchange("code", code)
	if got := s.exchange("code", code); got.Error != "bad_verification_code" {
		t.Errorf("the second use of a code returned %+v", got)
	}
}

func TestAVerifierNeedsAChallenge(t *testing.T) {
	s := open(t, sandboxtest.EmptyWorld())
	back, err := sandboxtest.Authorize(http.DefaultClient, s.authorizeURL("code_challenge", "", "code_challenge_method", ""), "ada")
	if err != nil {
		t.Fatal(err)
	}
	if got := s.exchange("code", queryOf(t, back).Get("code")); got.Error != "bad_verification_code" {
		t.Errorf("got %+v", got)
	}
	for _, bad := range [][]string{{"code_challenge_method", "plain"}, {"code_challenge_method", ""}, {"code_challenge", "short"}} {
		back, err := sandboxtest.Authorize(http.DefaultClient, s.authorizeURL(bad...), "ada")
		if err != nil || queryOf(t, back).Get("error") != "invalid_request" {
			t.Errorf("%v led to %s, %v", bad, back, err)
		}
	}
}

func TestRedirectURIs(t *testing.T) {
	for _, c := range []struct {
		registered, requested string
		ok                    bool
	}{
		{"https://n.example/cb", "https://n.example/cb", true},
		{"https://n.example/cb", "https://n.example:443/cb", true},
		{"https://n.example/cb", "https://n.example/cb/deeper", true},
		{"https://n.example/cb", "https://n.example/cbx", false},
		{"https://n.example/cb", "https://n.example/cb/../x", false},
		{"https://n.example/cb", "https://n.example/", false},
		{"https://n.example/cb", "http://n.example/cb", false},
		{"https://n.example/cb", "https://n.example:8443/cb", false},
		{"https://n.example/cb", "https://evil.n.example/cb", false},
		{"https://n.example/cb", "https://n.example@evil.example/cb", false},
		{"https://n.example/cb", "https://n.example/cb?x=1", false},
		{"http://127.0.0.1/cb", "http://127.0.0.1:49152/cb", true},
		{"http://[::1]:80/cb", "http://[::1]:49152/cb", true},
		{"http://localhost:8080/cb", "http://localhost:49152/cb", false},
		{"http://localhost:8080/cb", "http://127.0.0.1:8080/cb", false},
		{"https://n.example/", "https://n.example/anything", true},
	} {
		if got := sandbox.PermitsRedirect(c.registered, c.requested); got != c.ok {
			t.Errorf("registered %s, asked %s: %v", c.registered, c.requested, got)
		}
	}
	s := open(t, sandboxtest.EmptyWorld())
	back, err := sandboxtest.Authorize(http.DefaultClient, s.authorizeURL("redirect_uri", "https://evil.example/"), "ada")
	if err != nil || !strings.HasPrefix(back, callback+"?") || queryOf(t, back).Get("error") != "redirect_uri_mismatch" {
		t.Errorf("led to %s, %v", back, err)
	}
	if s.page(s.browser(), s.authorizeURL("client_id", "Iv1.unknown")).Status != http.StatusNotFound {
		t.Error("an unknown client is accepted")
	}
}

func TestRefreshRotates(t *testing.T) {
	s := open(t, sandboxtest.EmptyWorld())
	first := s.exchange("code", s.code("ada"))
	second := s.exchange("grant_type", "refresh_token", "refresh_token", first.Refresh)
	if second.Access == "" || second.Access == first.Access || second.Refresh == first.Refresh {
		t.Fatalf("refreshed to %+v", second)
	}
	if s.get("/user", first.Access).Status != 401 || s.get("/user", second.Access).Status != 200 {
		t.Error("the old access token is valid or the new one isn't")
	}
	if again := s.exchange("grant_type", "refresh_token", "refresh_token", first.Refresh); again.Error != "bad_refresh_token" {
		t.Errorf("the second use of a refresh token returned %+v", again)
	}
	s.wait(8 * time.Hour)
	if r := s.get("/user", second.Access); r.Status != 401 || r.message(t) != "Bad credentials" {
		t.Errorf("after eight hours: %d %s", r.Status, r.Body)
	}
	third := s.exchange("grant_type", "refresh_token", "refresh_token", second.Refresh)
	if s.get("/user", third.Access).Status != 200 {
		t.Error("an expired token can't be refreshed")
	}
	s.wait(sandbox.RefreshLifetime)
	if late := s.exchange("grant_type", "refresh_token", "refresh_token", third.Refresh); late.Error != "bad_refresh_token" {
		t.Errorf("after six months: %+v", late)
	}
}

func TestTheEleventhTokenRevokesTheOldest(t *testing.T) {
	s := open(t, sandbox.DemoWorld())
	other := s.token("jonas-l")
	var all []tokens
	for range 11 {
		all = append(all, s.exchange("code", s.code("marin")))
	}
	if s.get("/user", all[0].Access).Status != 401 {
		t.Error("eleven tokens are valid")
	}
	if got := s.exchange("grant_type", "refresh_token", "refresh_token", all[0].Refresh); got.Error != "bad_refresh_token" {
		t.Error("the oldest token's refresh token is valid")
	}
	if s.get("/user", all[1].Access).Status != 200 || s.get("/user", other).Status != 200 {
		t.Error("more than the oldest ended")
	}
}

func TestExchangeSupportsFormsAndJSON(t *testing.T) {
	s := open(t, sandboxtest.EmptyWorld())
	response, err := http.PostForm(s.url+"/login/oauth/access_token", url.Values{"client_id": {"x"}})
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(response.Body)
	if form, err := url.ParseQuery(string(body)); err != nil || form.Get("error") != "incorrect_client_credentials" ||
		!strings.HasPrefix(response.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		t.Errorf("got %s", body)
	}
	app := s.App()
	sent, _ := json.Marshal(object{"client_id": app.ClientID, "client_secret": app.ClientSecret, "code": s.code("ada"), "code_verifier": verifier})
	response, err = http.Post(s.url+"/login/oauth/access_token", "application/json", strings.NewReader(string(sent)))
	if err != nil {
		t.Fatal(err)
	}
	body, _ = io.ReadAll(response.Body)
	if form, _ := url.ParseQuery(string(body)); !strings.HasPrefix(form.Get("access_token"), "ghu_") {
		t.Errorf("JSON got %s", body)
	}
}
