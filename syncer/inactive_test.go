package syncer

import (
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/sandbox"
)

const (
	day        = 24 * time.Hour
	tokenPath  = "/login/oauth/access_token"
	listAmount = 3 // repositories that the user of these tests sees
)

// days advances the clock by days, and runs on each day the jobs that are due.
func (s *stage) days(n int) {
	s.t.Helper()
	for range n * 6 {
		s.clock.Advance(4 * time.Hour)
		s.work()
	}
}

// use records a use of the session, as a request does.
func (s *stage) use(key string) {
	s.t.Helper()
	if err := s.syncer.db.RecordUse(s.t.Context(), key, db.Client{IP: "192.0.2.1"}); err != nil {
		s.t.Fatal(err)
	}
}

// confirmed reports whether the session may be shown anything.
func (s *stage) confirmed(key string) bool {
	s.t.Helper()
	credential, err := s.syncer.db.FindCredential(s.t.Context(), key)
	if err != nil {
		s.t.Fatal(err)
	}
	return credential.Confirmed
}

// away returns a user who was inactive for eight days.
func away(t *testing.T, databaseURL string) (s *stage, session string) {
	t.Helper()
	s = atlas(t, databaseURL, listAmount)
	if err := s.syncer.db.Jobs().Ensure(t.Context(), db.ReconcileUsers{}.Kind(), ""); err != nil {
		t.Fatal(err)
	}
	session = s.startSession()
	s.days(1)
	if s.server.RequestCount(tokenPath) == 0 {
		t.Fatal("no token was refreshed for an active user")
	}
	s.days(7)
	s.server.ResetRequests()
	return s, session
}

// O2: GitHub tokens of users who used no session or API token for seven days are not
// refreshed. What GitHub last confirmed is shown until it is too old; the first use
// syncs everything again.
func TestO2NoTokenIsRefreshedForAnInactiveUser(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s, session := away(t, databaseURL)
		s.world.Repositories.Add("atlas", sandbox.Repository{Name: "added-meanwhile"})
		s.days(3)
		if n := s.server.RequestCount(tokenPath); n != 0 {
			t.Errorf("%d tokens were refreshed", n)
		}
		if !s.confirmed(session) || len(s.names("atlas")) != listAmount {
			t.Error("what GitHub confirmed four days ago isn't shown")
		}
		s.use(session)
		s.work()
		if n := len(s.names("atlas")); n != listAmount+1 {
			t.Errorf("after the first use there are %d repositories, want %d", n, listAmount+1)
		}
		s.server.ResetRequests()
		s.days(1)
		if s.server.RequestCount(tokenPath) == 0 {
			t.Error("a user who returned isn't synced regularly")
		}

		// Using an API token counts too.
		if _, err := s.syncer.db.CreateAPIToken(t.Context(), db.NewAPIToken{
			UserID: s.person.ID, Name: "ci", Hash: "hash", Request: "request", Scope: db.ScopeRead, ExpiresAt: s.clock.Now().Add(365 * day),
		}); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			s.days(4)
			s.use(db.APITokenKey("hash"))
		}
		s.server.ResetRequests()
		s.days(1)
		if s.server.RequestCount(tokenPath) == 0 {
			t.Error("a user of an API token isn't synced")
		}
	})
}

// O2: after NEPTUN_ACCESS_MAX_AGE, a user who returns sees nothing until GitHub has
// confirmed everything, each list separately.
func TestO2AReturningUserSeesNothingUnconfirmed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s, session := away(t, databaseURL)
		s.days(7)
		if s.confirmed(session) {
			t.Fatal("what GitHub confirmed more than a week ago is shown")
		}
		s.use(session) // the response was a 401
		if len(s.installations()) != 0 {
			t.Error("the lists aren't hidden")
		}
		if s.confirmed(session) {
			t.Error("access counts as confirmed before a request to GitHub")
		}
		s.work()
		if !s.confirmed(session) || len(s.names("atlas")) != listAmount {
			t.Error("after the sync not everything is there again")
		}
	})
}

// O2: repositories that an inactive user may have lost are hidden without asking GitHub.
func TestO2RepositoriesThatAnInactiveUserMayHaveLostAreHidden(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s, session := away(t, databaseURL)
		account := s.at("atlas").Account
		lost := s.world.Repositories.List("atlas")[0]
		queue := func(repositories map[int64]string) {
			t.Helper()
			if _, err := s.syncer.db.QueueChecks(t.Context(), account, s.person.ID, repositories); err != nil {
				t.Fatal(err)
			}
			s.clock.Advance(2 * time.Second)
			s.work()
		}
		queue(map[int64]string{lost.ID: "atlas/" + lost.Name})
		if n := len(s.names("atlas")); n != listAmount-1 {
			t.Errorf("%d repositories are shown after a check without a request, want %d", n, listAmount-1)
		}
		queue(nil) // of the whole installation
		if s.confirmed(session) {
			t.Error("the whole installation is to be checked but still shown")
		}
		if n := len(s.server.Requests()); n != 0 {
			t.Errorf("%d requests were sent to GitHub", n)
		}
		s.use(session)
		s.work()
		if !s.confirmed(session) || len(s.names("atlas")) != listAmount {
			t.Error("after the sync not everything is there again")
		}
	})
}
