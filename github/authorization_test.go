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

// token is the stored token of the user who signed in last.
func (s *stage) token() db.StoredToken {
	s.t.Helper()
	token, err := s.db.GitHubToken(s.t.Context(), s.person.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	return token
}

// works reports whether GitHub takes an access token.
func (s *stage) works(access string) bool {
	s.t.Helper()
	_, err := s.User(s.t.Context(), db.Token{Access: access})
	if err != nil && !errors.Is(err, ErrSignInAgain) {
		s.t.Fatal(err)
	}
	return err == nil
}

// does counts the requests of a method that reached a path since ResetRequests.
func (s *stage) does(method, path string) (n int) {
	for _, request := range s.server.Requests() {
		if request.Method == method && strings.HasSuffix(request.Path, path) {
			n++
		}
	}
	return n
}

func TestGitHubTellsOfAnAuthorizationButNotItsToken(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
	ada := s.logIn("ada")
	if err := s.ReadAppFacts(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, err := s.AsUser(ada.ID).Authorization(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got.ID == 0 || got.App == "" || got.ClientID != s.app().ClientID || got.Permissions["metadata"] != "read" ||
		!got.ExpiresAt.Equal(s.token().AccessExpiresAt) || got.CreatedAt.IsZero() || !strings.Contains(got.PageURL, "/settings/connections/applications/") {
		t.Errorf("got %+v", got)
	}
}

func TestATokenUnknownToGitHubIsRenewedOrEnds(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
	ada := s.logIn("ada")
	// The access token alone has ended: the refresh token brings the next.
	ended := s.token()
	if err := s.db.RenewGitHubToken(t.Context(), ada.ID, ended.Version, db.Token{
		Access: "ghu_unknown", AccessExpiresAt: ended.AccessExpiresAt, Refresh: ended.Refresh, RefreshExpiresAt: ended.RefreshExpiresAt,
	}); err != nil {
		t.Fatal(err)
	}
	s.clock.pass(youngToken)
	if _, err := s.AsUser(ada.ID).Authorization(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.server.Revoke("ada")
	_, err := s.AsUser(ada.ID).Authorization(t.Context())
	expectErr(t, err, ErrSignInAgain)
	if !s.token().Refused {
		t.Error("it is not noted that GitHub takes the token no more")
	}
}

func TestAResetKeepsTheRefreshToken(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := newStage(t, databaseURL, sandboxtest.EmptyWorld())
		ada := s.logIn("ada")
		before := s.token()
		s.clock.pass(time.Hour)
		if _, err := s.AsUser(ada.ID).ResetAuthorization(t.Context()); err != nil {
			t.Fatal(err)
		}
		after := s.token()
		if after.Access == before.Access || after.Refresh != before.Refresh || !after.AccessExpiresAt.Equal(before.AccessExpiresAt.Add(time.Hour)) {
			t.Error("the reset stored the wrong token")
		}
		if s.works(before.Access) || !s.works(after.Access) {
			t.Error("the stored token is not the one that GitHub takes")
		}
		s.clock.pass(8 * time.Hour)
		if _, err := s.AsUser(ada.ID).validToken(t.Context()); err != nil {
			t.Errorf("the kept refresh token: %v", err)
		}
	})
}

func TestARefreshTokenThatAResetEndedMeansSignInAgain(t *testing.T) {
	world := sandboxtest.EmptyWorld()
	world.EndRefreshTokensOnReset(true)
	s := newStage(t, dbtest.SQLite(t), world)
	ada := s.logIn("ada")
	if _, err := s.AsUser(ada.ID).ResetAuthorization(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.clock.pass(8 * time.Hour)
	_, err := s.AsUser(ada.ID).validToken(t.Context())
	expectErr(t, err, ErrSignInAgain)
}

func TestResetsAndRefreshesTakeTurns(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := newStage(t, databaseURL, sandboxtest.EmptyWorld())
		ada := s.logIn("ada")
		instances := []*GitHub{s.GitHub, s.instance()}
		var callers sync.WaitGroup
		for i := range 12 {
			callers.Go(func() {
				g := instances[i%2]
				var err error
				if i%3 == 0 {
					var token db.StoredToken
					if token, err = g.AsUser(ada.ID).storedToken(soon(t)); err == nil {
						err = g.AsUser(ada.ID).renew(soon(t), token)
					}
				} else {
					_, err = g.AsUser(ada.ID).ResetAuthorization(soon(t))
				}
				if err != nil {
					t.Errorf("caller %d: %v", i, err)
				}
			})
		}
		callers.Wait()
		if !s.works(s.token().Access) {
			t.Error("the stored token is dead")
		}
	})
}

func TestAResetThatFailsLetsTheNextOneTry(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
	ada := s.logIn("ada")
	s.spoil("/token", sandbox.BadGateway(http.StatusBadGateway))
	_, err := s.AsUser(ada.ID).ResetAuthorization(t.Context())
	expectErr(t, err, ErrUnavailable)
	s.server.Fault(nil)
	if _, err := s.AsUser(ada.ID).ResetAuthorization(soon(t)); err != nil {
		t.Fatal(err)
	}
}

func TestAWrongClientSecretIsTheOperatorsAffair(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
	ada := s.logIn("ada")
	s.app().ClientSecret = "another"
	_, err := s.AsUser(ada.ID).Authorization(t.Context())
	expectErr(t, err, ErrAppCredentials)
}

func TestDisconnectingRevokesAndErases(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := newStage(t, databaseURL, sandboxtest.EmptyWorld())
		ada := s.logIn("ada")
		access := s.token().Access
		if err := s.AsUser(ada.ID).RevokeAuthorization(t.Context()); err != nil {
			t.Fatal(err)
		}
		if s.works(access) {
			t.Error("the token outlives the grant")
		}
		if _, err := s.db.GitHubToken(t.Context(), ada.ID); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("the token is still stored: %v", err)
		}
	})
}

func TestAGrantThatIsGoneAlreadyIsNoObstacle(t *testing.T) {
	for name, prepare := range map[string]func(*stage){
		"revoked on GitHub": func(s *stage) { s.server.Revoke("ada") },
		"the grant unknown": func(s *stage) {
			s.spoil("/grant", &sandbox.Fault{
				Status: http.StatusNotFound, Header: http.Header{"Content-Type": {"application/json"}}, Body: `{"message":"Not Found"}`,
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
			ada := s.logIn("ada")
			prepare(s)
			if err := s.AsUser(ada.ID).RevokeAuthorization(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := s.db.GitHubToken(t.Context(), ada.ID); !errors.Is(err, db.ErrNotFound) {
				t.Errorf("the token is still stored: %v", err)
			}
			if name == "the grant unknown" && s.does(http.MethodDelete, "/token") != 1 {
				t.Error("the token alone was not revoked")
			}
		})
	}
}

func TestAnOutageDisconnectsNobodyByHalf(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
	ada := s.logIn("ada")
	s.spoil("/grant", &sandbox.Fault{Drop: true})
	expectErr(t, s.AsUser(ada.ID).RevokeAuthorization(t.Context()), ErrUnavailable)
	if !s.works(s.token().Access) {
		t.Error("the token is gone")
	}
}

func TestAPageInBetweenDisconnectsNobody(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
	ada := s.logIn("ada")
	s.spoil("/grant", &sandbox.Fault{Status: http.StatusOK, Header: http.Header{"Content-Type": {"text/html"}}, Body: "<html>Log in to the network</html>"})
	expectErr(t, s.AsUser(ada.ID).RevokeAuthorization(t.Context()), ErrUnavailable)
	if !s.works(s.token().Access) {
		t.Error("the token is gone")
	}
}

// again logs ada in once more, the way that people do.
func (s *stage) again() {
	s.t.Helper()
	token, err := s.Exchange(s.t.Context(), s.code("ada"), verifier, callbackURL)
	if err == nil {
		s.person, err = s.SignIn(s.t.Context(), db.Profile{GitHubID: s.person.GitHubID, Login: "ada"}, token)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	s.ending.Wait()
}

func TestALoginDuringARefreshWins(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
	ada := s.logIn("ada")
	former, came := s.token(), false
	s.server.Fault(func(r *http.Request) *sandbox.Fault {
		if strings.HasSuffix(r.URL.Path, "/login/oauth/access_token") && !came {
			came = true
			s.again() // which ends the refresh token that is on its way
		}
		return nil
	})
	if err := s.AsUser(ada.ID).renew(soon(t), former); err != nil {
		t.Fatal(err)
	}
	if s.token().Refused || !s.works(s.token().Access) {
		t.Error("the refresh that came too late took the login along")
	}
}

// P32: GitHub keeps ten tokens for each person and App. Each login here ends
// the one that it replaces, so none of another program's has to go.
func TestP32LoginsHereEndNoTokenElsewhere(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
	s.logIn("ada")
	elsewhere, err := s.Exchange(t.Context(), s.code("ada"), verifier, callbackURL)
	if err != nil {
		t.Fatal(err)
	}
	for range 12 {
		s.again()
	}
	if !s.works(elsewhere.Access) {
		t.Error("a login elsewhere has ended")
	}
	if !s.works(s.token().Access) {
		t.Error("the newest token is dead")
	}
}

// P33: a clock that is fast by less than a minute is fine, and one that is
// slow by some minutes too.
func TestP33AClockThatIsNotExactSignsGoodTokens(t *testing.T) {
	for _, skew := range []time.Duration{-8 * time.Minute, -time.Second, 0, 50 * time.Second} {
		s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
		own := func() time.Time { return s.clock.Now().Add(skew) }
		s.app().tokens = newAppTokens(s.app().App, own)
		if err := s.ReadAppFacts(t.Context()); err != nil {
			t.Errorf("a clock that is %v ahead: %v", skew, err)
		}
	}
}
