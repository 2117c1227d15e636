package github

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"neptun/db/dbtest"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

func TestACodeIsExchangedForATokenAndAProfile(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandbox.DemoWorld())
	token, err := s.github.Exchange(t.Context(), s.code("aiko-n"), verifier, sandboxtest.CallbackURL)
	if err != nil {
		t.Fatal(err)
	}
	if token.Access == "" || token.Refresh == "" {
		t.Error("a token is missing")
	}
	if lasts := token.AccessExpiresAt.Sub(s.clock.Now()); lasts != 8*time.Hour {
		t.Errorf("the token lasts %v", lasts)
	}
	if lasts := token.RefreshExpiresAt.Sub(s.clock.Now()); lasts != 15_897_600*time.Second {
		t.Errorf("the refresh token lasts %v", lasts)
	}
	profile, err := s.github.User(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	if profile.Login != "aiko-n" || profile.Name != "中村 愛子" || profile.GitHubID == 0 || !strings.HasPrefix(profile.AvatarURL, "http") {
		t.Errorf("the profile is %+v", profile)
	}
}

func TestTheAuthorizeURLCarriesTheChallengeNotTheVerifier(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
	address, err := url.Parse(s.github.AuthorizeURL("the-state", verifier, sandboxtest.CallbackURL, false))
	if err != nil {
		t.Fatal(err)
	}
	query := address.Query()
	if query.Get("code_challenge_method") != "S256" || query.Get("code_challenge") == "" || query.Get("state") != "the-state" || query.Get("redirect_uri") != sandboxtest.CallbackURL {
		t.Errorf("the query is %v", query)
	}
	if strings.Contains(address.String(), verifier) || strings.Contains(address.String(), s.github.app().ClientSecret) {
		t.Error("a secret is in the address")
	}
}

func TestSignInErrorsAreClassified(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
	exchange := func(g *GitHub, code, verifier string) error {
		_, err := g.Exchange(t.Context(), code, verifier, sandboxtest.CallbackURL)
		return err
	}

	used := s.code("ada")
	if err := exchange(s.github, used, verifier); err != nil {
		t.Fatal(err)
	}
	expectErr(t, exchange(s.github, used, verifier), ErrBadCode)
	expectErr(t, exchange(s.github, s.code("ada"), "another-verifier-of-at-least-forty-three-characters"), ErrBadCode)

	late := s.code("ada")
	s.clock.Advance(11 * time.Minute)
	expectErr(t, exchange(s.github, late, verifier), ErrBadCode)

	app := s.server.App()
	app.ClientSecret = "wrong"
	wrongSecret := New(configFor(t, s.github.host.WebURL(), app, s.github.db, s.clock.Now))
	expectErr(t, exchange(wrongSecret, s.code("ada"), verifier), ErrAppCredentials)

	_, err := s.github.Exchange(t.Context(), s.code("ada"), verifier, "http://127.0.0.1:8080/elsewhere")
	expectErr(t, err, ErrRedirectURI)

	s.server.FailPath("/login/oauth/access_token", sandbox.BadGateway(http.StatusBadGateway))
	err = exchange(s.github, "any", verifier)
	expectErr(t, err, ErrUnavailable)
	if strings.Contains(err.Error(), "Unicorn") {
		t.Errorf("the body is in the error: %v", err)
	}
	s.server.FailPath("/login/oauth/access_token", &sandbox.Fault{Drop: true})
	expectErr(t, exchange(s.github, "any", verifier), ErrUnavailable)
	s.server.FailPath("/login/oauth/access_token", sandbox.SecondaryLimit(http.StatusTooManyRequests, 90*time.Second))
	var limit *RateLimitError
	if err := exchange(s.github, "any", verifier); !errors.As(err, &limit) || !limit.Until.Equal(s.clock.Now().Add(90*time.Second)) {
		t.Errorf("the error is %v", err)
	}
}

// R3: each documented code, and an unknown one, has its own error, which includes the
// code for the log.
func TestR3EachOAuthErrorHasItsMeaning(t *testing.T) {
	for code, want := range map[string]error{
		"access_denied": ErrAccessDenied, "application_suspended": ErrAppSuspended, "bad_verification_code": ErrBadCode,
		"incorrect_client_credentials": ErrAppCredentials, "redirect_uri_mismatch": ErrRedirectURI, "server_error": ErrUnavailable,
		"unverified_user_email": ErrUnverifiedEmail, "something_new": ErrSignInFailed,
	} {
		s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
		s.server.SetBehavior(sandbox.Behavior{CodeError: code})
		_, err := s.github.Exchange(t.Context(), s.code("ada"), verifier, sandboxtest.CallbackURL)
		if !errors.Is(err, want) || !strings.Contains(err.Error(), code) {
			t.Errorf("%s: %v", code, err)
		}
		if redirected := OAuthError(code); !errors.Is(redirected, want) || !strings.Contains(redirected.Error(), code) {
			t.Errorf("%s in a redirect: %v", code, redirected)
		}
	}
	if err := OAuthError("<script>\n" + strings.Repeat("x", 1000)); !errors.Is(err, ErrSignInFailed) || len(err.Error()) > 100 || strings.Contains(err.Error(), "script") {
		t.Errorf("a malformed code: %v", err)
	}
}

func TestATokenIsDecodedFromJSONToo(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"access_token":"a","token_type":"bearer","expires_in":28800,"refresh_token":"r","refresh_token_expires_in":15897600}`))
	}))
	defer server.Close()
	g, clock := against(t, server)
	token, err := g.Exchange(t.Context(), "code", verifier, sandboxtest.CallbackURL)
	if err != nil {
		t.Fatal(err)
	}
	if token.AccessExpiresAt.Sub(clock.Now()) != 8*time.Hour || token.RefreshExpiresAt.Sub(clock.Now()) != 15_897_600*time.Second {
		t.Errorf("it lasts until %v and %v", token.AccessExpiresAt, token.RefreshExpiresAt)
	}
}

func TestATokenWithoutExpiryNeverExpires(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-www-form-urlencoded")
		_, _ = w.Write([]byte(`access_token=a&scope=&token_type=bearer`))
	}))
	defer server.Close()
	g, _ := against(t, server)
	token, err := g.Exchange(t.Context(), "code", verifier, sandboxtest.CallbackURL)
	if err != nil {
		t.Fatal(err)
	}
	if !token.AccessExpiresAt.IsZero() || !token.RefreshExpiresAt.IsZero() || token.Refresh != "" {
		t.Errorf("the token is %+v", token)
	}
}

func TestAnUnknownClientIDIsACredentialsError(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"error":"Not Found"}`))
	}))
	defer server.Close()
	g, _ := against(t, server)
	_, err := g.Exchange(t.Context(), "code", verifier, sandboxtest.CallbackURL)
	expectErr(t, err, ErrAppCredentials)
}
