package github

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

// token returns the stored token of the user who signed in last.
func (s *stage) token() db.StoredToken {
	s.t.Helper()
	token, err := s.github.db.GitHubToken(s.t.Context(), s.person.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	return token
}

// accepted reports whether GitHub accepts an access token.
func (s *stage) accepted(access string) bool {
	s.t.Helper()
	_, err := s.github.User(s.t.Context(), db.Token{Access: access})
	if err != nil && !errors.Is(err, ErrSignInAgain) {
		s.t.Fatal(err)
	}
	return err == nil
}

// count counts the requests of a method to a path since ResetRequests.
func (s *stage) count(method, path string) (n int) {
	for _, request := range s.server.Requests() {
		if request.Method == method && strings.HasSuffix(request.Path, path) {
			n++
		}
	}
	return n
}

func TestAuthorizationDescribesTheTokenWithoutContainingIt(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
	ada := s.signIn("ada")
	if err := s.github.ReadAppFacts(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, err := s.github.AsUser(ada.ID).Authorization(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got.ID == 0 || got.App == "" || got.ClientID != s.github.app().ClientID || got.Permissions["metadata"] != "read" ||
		!got.ExpiresAt.Equal(s.token().AccessExpiresAt) || got.CreatedAt.IsZero() || !strings.Contains(got.PageURL, "/settings/connections/applications/") {
		t.Errorf("got %+v", got)
	}
}

func TestATokenUnknownToGitHubIsRefreshedOrEnds(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
	ada := s.signIn("ada")
	// Only the access token has ended: the refresh token still works.
	ended := s.token()
	if err := s.github.db.RenewGitHubToken(t.Context(), ada.ID, ended.Version, db.Token{
		Access: "ghu_unknown", AccessExpiresAt: ended.AccessExpiresAt, Refresh: ended.Refresh, RefreshExpiresAt: ended.RefreshExpiresAt,
	}); err != nil {
		t.Fatal(err)
	}
	s.clock.Advance(youngToken)
	if _, err := s.github.AsUser(ada.ID).Authorization(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.server.Revoke("ada")
	_, err := s.github.AsUser(ada.ID).Authorization(t.Context())
	expectErr(t, err, ErrSignInAgain)
	if !s.token().Refused {
		t.Error("it isn't recorded that GitHub rejects the token")
	}
}

func TestAResetKeepsTheRefreshToken(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := newStage(t, databaseURL, sandboxtest.EmptyWorld())
		ada := s.signIn("ada")
		before := s.token()
		s.clock.Advance(time.Hour)
		if _, err := s.github.AsUser(ada.ID).ResetAuthorization(t.Context()); err != nil {
			t.Fatal(err)
		}
		after := s.token()
		if after.Access == before.Access || after.Refresh != before.Refresh || !after.AccessExpiresAt.Equal(before.AccessExpiresAt.Add(time.Hour)) {
			t.Error("the reset stored the wrong token")
		}
		if s.accepted(before.Access) || !s.accepted(after.Access) {
			t.Error("the stored token isn't the one that GitHub accepts")
		}
		s.clock.Advance(8 * time.Hour)
		if _, err := s.github.AsUser(ada.ID).validToken(t.Context()); err != nil {
			t.Errorf("the kept refresh token: %v", err)
		}
	})
}

func TestARefreshTokenThatAResetEndedMeansSignInAgain(t *testing.T) {
	world := sandboxtest.EmptyWorld()
	world.Apps.EndRefreshTokensOnReset(true)
	s := newStage(t, dbtest.SQLite(t), world)
	ada := s.signIn("ada")
	if _, err := s.github.AsUser(ada.ID).ResetAuthorization(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.clock.Advance(8 * time.Hour)
	_, err := s.github.AsUser(ada.ID).validToken(t.Context())
	expectErr(t, err, ErrSignInAgain)
}

func TestResetsAndRefreshesAreSerialized(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := newStage(t, databaseURL, sandboxtest.EmptyWorld())
		ada := s.signIn("ada")
		instances := []*GitHub{s.github, s.instance()}
		var callers sync.WaitGroup
		for i := range 12 {
			callers.Go(func() {
				g := instances[i%2]
				var err error
				if i%3 == 0 {
					var token db.StoredToken
					if token, err = g.AsUser(ada.ID).storedToken(testContext(t)); err == nil {
						err = g.AsUser(ada.ID).renew(testContext(t), token)
					}
				} else {
					_, err = g.AsUser(ada.ID).ResetAuthorization(testContext(t))
				}
				if err != nil {
					t.Errorf("caller %d: %v", i, err)
				}
			})
		}
		callers.Wait()
		if !s.accepted(s.token().Access) {
			t.Error("the stored token doesn't work")
		}
	})
}

func TestAFailedResetDoesNotBlockTheNext(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
	ada := s.signIn("ada")
	s.server.FailPath("/token", sandbox.BadGateway(http.StatusBadGateway))
	_, err := s.github.AsUser(ada.ID).ResetAuthorization(t.Context())
	expectErr(t, err, ErrUnavailable)
	s.server.Fault(nil)
	if _, err := s.github.AsUser(ada.ID).ResetAuthorization(testContext(t)); err != nil {
		t.Fatal(err)
	}
}

func TestAWrongClientSecretIsACredentialsError(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
	ada := s.signIn("ada")
	s.github.app().ClientSecret = "another"
	_, err := s.github.AsUser(ada.ID).Authorization(t.Context())
	expectErr(t, err, ErrAppCredentials)
}

func TestRevokingAnAuthorizationDeletesTokensAndSessions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := newStage(t, databaseURL, sandboxtest.EmptyWorld())
		ada := s.signIn("ada")
		access := s.token().Access
		if err := s.github.AsUser(ada.ID).RevokeAuthorization(t.Context()); err != nil {
			t.Fatal(err)
		}
		if s.accepted(access) {
			t.Error("the token works after the grant was revoked")
		}
		if _, err := s.github.db.GitHubToken(t.Context(), ada.ID); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("the token is still stored: %v", err)
		}
	})
}

func TestRevokingAMissingGrantSucceeds(t *testing.T) {
	for name, prepare := range map[string]func(*stage){
		"revoked on GitHub": func(s *stage) { s.server.Revoke("ada") },
		"the grant unknown": func(s *stage) {
			s.server.FailPath("/grant", &sandbox.Fault{
				Status: http.StatusNotFound, Header: http.Header{"Content-Type": {"application/json"}}, Body: `{"message":"Not Found"}`,
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
			ada := s.signIn("ada")
			prepare(s)
			if err := s.github.AsUser(ada.ID).RevokeAuthorization(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := s.github.db.GitHubToken(t.Context(), ada.ID); !errors.Is(err, db.ErrNotFound) {
				t.Errorf("the token is still stored: %v", err)
			}
			if name == "the grant unknown" && s.count(http.MethodDelete, "/token") != 1 {
				t.Error("the token was not revoked")
			}
		})
	}
}

func TestAnOutageLeavesTheAuthorizationIntact(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
	ada := s.signIn("ada")
	s.server.FailPath("/grant", &sandbox.Fault{Drop: true})
	expectErr(t, s.github.AsUser(ada.ID).RevokeAuthorization(t.Context()), ErrUnavailable)
	if !s.accepted(s.token().Access) {
		t.Error("the token is gone")
	}
}

func TestAProxysPageDoesNotRevokeAnAuthorization(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
	ada := s.signIn("ada")
	s.server.FailPath("/grant", &sandbox.Fault{Status: http.StatusOK, Header: http.Header{"Content-Type": {"text/html"}}, Body: "<html>Log in to the network</html>"})
	expectErr(t, s.github.AsUser(ada.ID).RevokeAuthorization(t.Context()), ErrUnavailable)
	if !s.accepted(s.token().Access) {
		t.Error("the token is gone")
	}
}

// signInAgain signs ada in again, as users do.
func (s *stage) signInAgain() {
	s.t.Helper()
	token, err := s.github.Exchange(s.t.Context(), s.code("ada"), verifier, sandboxtest.CallbackURL)
	if err == nil {
		s.person, err = s.github.SignIn(s.t.Context(), db.Profile{GitHubID: s.person.GitHubID, Login: "ada"}, token)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	s.github.ending.Wait()
}

func TestASignInDuringARefreshWins(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
	ada := s.signIn("ada")
	former, signedIn := s.token(), false
	s.server.Fault(func(r *http.Request) *sandbox.Fault {
		if strings.HasSuffix(r.URL.Path, "/login/oauth/access_token") && !signedIn {
			signedIn = true
			s.signInAgain() // which invalidates the refresh token in flight
		}
		return nil
	})
	if err := s.github.AsUser(ada.ID).renew(testContext(t), former); err != nil {
		t.Fatal(err)
	}
	if s.token().Refused || !s.accepted(s.token().Access) {
		t.Error("the older refresh ended the session")
	}
}

// P32: GitHub keeps ten tokens for each user and App. Each sign-in revokes the token that
// it replaces, so that no other program's token is dropped.
func TestP32SignInsDoNotEndOtherProgramsTokens(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
	s.signIn("ada")
	elsewhere, err := s.github.Exchange(t.Context(), s.code("ada"), verifier, sandboxtest.CallbackURL)
	if err != nil {
		t.Fatal(err)
	}
	for range 12 {
		s.signInAgain()
	}
	if !s.accepted(elsewhere.Access) {
		t.Error("another program's token was revoked")
	}
	if !s.accepted(s.token().Access) {
		t.Error("the newest token doesn't work")
	}
}

// P33: a clock that is fast by less than a minute, or slow by some minutes, is fine.
func TestP33AnInexactClockSignsValidTokens(t *testing.T) {
	for _, skew := range []time.Duration{-8 * time.Minute, -time.Second, 0, 50 * time.Second} {
		s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
		own := func() time.Time { return s.clock.Now().Add(skew) }
		s.github.app().tokens = newAppTokens(s.github.app().App, own)
		if err := s.github.ReadAppFacts(t.Context()); err != nil {
			t.Errorf("a clock that is %v ahead: %v", skew, err)
		}
	}
}
