package github

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"neptun/db/dbtest"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

// instance returns another GitHub client on the same database.
func (s *stage) instance() *GitHub {
	return New(configFor(s.t, s.github.host.WebURL(), s.server.App(), s.github.db, s.clock.Now))
}

func TestP30ARefreshTokenIsUsedOnceOverAllInstances(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := newStage(t, databaseURL, sandboxtest.EmptyWorld())
		ada := s.signIn("ada")
		before, err := s.github.AsUser(ada.ID).validToken(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		s.clock.Advance(8*time.Hour - renewBefore)
		s.server.ResetRequests()

		instances := []*GitHub{s.github, s.instance(), s.instance()}
		tokens := make([]string, 60)
		var callers sync.WaitGroup
		for i := range tokens {
			callers.Go(func() {
				token, err := instances[i%len(instances)].AsUser(ada.ID).validToken(testContext(t))
				if err != nil {
					t.Errorf("caller %d: %v", i, err)
				}
				tokens[i] = token.Access
			})
		}
		callers.Wait()
		for i, token := range tokens {
			if token != tokens[0] || token == before.Access {
				t.Fatalf("caller %d has another token", i)
			}
		}
		if n := s.server.RequestCount("/login/oauth/access_token"); n != 1 {
			t.Errorf("%d refreshes were made", n)
		}
	})
}

func TestATokenIsRefreshedMinutesBeforeItExpires(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
	ada := s.signIn("ada")
	s.server.ResetRequests()
	s.clock.Advance(8*time.Hour - renewBefore - time.Second)
	if _, err := s.github.AsUser(ada.ID).validToken(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := s.server.RequestCount("/login/oauth/access_token"); n != 0 {
		t.Fatalf("%d refreshes were made too soon", n)
	}
	s.clock.Advance(time.Second)
	if _, err := s.github.AsUser(ada.ID).validToken(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := s.server.RequestCount("/login/oauth/access_token"); n != 1 {
		t.Fatalf("%d refreshes were made", n)
	}
}

func TestARejectedRefreshMeansSignInAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := newStage(t, databaseURL, sandboxtest.EmptyWorld())
		ada := s.signIn("ada")
		s.server.Revoke("ada")
		s.clock.Advance(9 * time.Hour)
		s.server.ResetRequests()
		for range 3 {
			_, err := s.github.AsUser(ada.ID).validToken(t.Context())
			expectErr(t, err, ErrSignInAgain)
		}
		if n := s.server.RequestCount("/login/oauth/access_token"); n != 1 {
			t.Errorf("%d requests were sent to GitHub", n)
		}
		s.signIn("ada")
		if _, err := s.github.AsUser(ada.ID).validToken(t.Context()); err != nil {
			t.Errorf("after a new login: %v", err)
		}
	})
}

func TestAnOutageDuringARefreshKeepsTheSignIn(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
	ada := s.signIn("ada")
	s.clock.Advance(9 * time.Hour)
	for _, fault := range []*sandbox.Fault{{Drop: true}, sandbox.BadGateway(http.StatusServiceUnavailable)} {
		s.server.FailPath("/login/oauth/access_token", fault)
		_, err := s.github.AsUser(ada.ID).validToken(t.Context())
		expectErr(t, err, ErrUnavailable)
	}
	s.server.Fault(nil)
	if _, err := s.github.AsUser(ada.ID).validToken(t.Context()); err != nil {
		t.Fatalf("after the outage: %v", err)
	}
}

func TestAnUnknownUserHasNoToken(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
	_, err := s.github.AsUser("nobody").validToken(t.Context())
	expectErr(t, err, ErrSignInAgain)
}

func TestATokenThatExpiredEarlyIsRefreshedOnce(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
	ada := s.signIn("ada")
	stored, err := s.github.db.GitHubToken(t.Context(), ada.ID)
	if err != nil {
		t.Fatal(err)
	}
	// Another instance refreshes it at the same moment.
	asking := s.github.AsUser(ada.ID)
	asking.with(stored)
	if err := s.github.AsUser(ada.ID).renew(t.Context(), stored); err != nil {
		t.Fatal(err)
	}
	var answer user
	if _, err := asking.get(t.Context(), "user", &answer); err != nil || answer.Login != "ada" {
		t.Fatalf("got %+v, %v", answer, err)
	}
}

func TestA401ForAReplacedTokenIsIgnored(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
	ada := s.signIn("ada")
	replaced := false
	s.server.Fault(func(r *http.Request) *sandbox.Fault {
		if r.URL.Path != "/api/v3/user" || replaced {
			return nil
		}
		replaced = true
		token, err := s.github.db.GitHubToken(t.Context(), ada.ID)
		if err == nil {
			err = s.github.AsUser(ada.ID).renew(t.Context(), token)
		}
		if err != nil {
			t.Error(err)
		}
		return nil // this request's token has been replaced
	})
	s.server.ResetRequests()
	var answer user
	if _, err := s.github.AsUser(ada.ID).get(t.Context(), "user", &answer); err != nil {
		t.Fatal(err)
	}
	if n := s.server.RequestCount("/login/oauth/access_token"); n != 1 {
		t.Errorf("%d refreshes were made, expected only the other caller's", n)
	}
}

func TestATokenThatGitHubRejectsTwiceIsNotUsedAgain(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
	ada := s.signIn("ada")
	s.server.Revoke("ada")
	var answer user
	_, err := s.github.AsUser(ada.ID).get(t.Context(), "user", &answer)
	expectErr(t, err, ErrSignInAgain)
	stored, err := s.github.db.GitHubToken(t.Context(), ada.ID)
	if err != nil || !stored.Refused {
		t.Errorf("the token is %+v, %v", stored.Refused, err)
	}
}
