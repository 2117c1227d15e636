package syncer

import (
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

// used returns how much of ada's rate limit is used.
func (s *stage) used() int64 {
	s.t.Helper()
	limit, err := s.github.AsUser(s.person.ID).RateLimit(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return limit.Used
}

// answers counts the responses with a status since ResetRequests.
func (s *stage) answers(status int) (n int) {
	for _, request := range s.server.Requests() {
		if request.Status == status {
			n++
		}
	}
	return n
}

func TestAFirstSyncRequestsEachPageOnceAndAnUnchangedListCostsNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := newStage(t, databaseURL, sandboxtest.LargeWorld(1234))
		s.signIn("ada")
		s.server.ResetRequests()
		s.work()
		s.expectSync(s.at("atlas").Sync, db.SyncIdle, "")
		if n := len(s.server.Requests()); n != 13+1 {
			t.Errorf("the first sync took %d requests, expected 13 pages and the list of installations", n)
		}

		before := s.used()
		s.server.ResetRequests()
		s.sync()
		s.expectSync(s.at("atlas").Sync, db.SyncIdle, "")
		if after := s.used(); after != before || s.answers(304) != 14 {
			t.Errorf("the second sync used %d of the rate limit, with %d responses 304", after-before, s.answers(304))
		}
		if got := s.at("atlas"); got.RepositoryCount != 1234 || got.Sync.PagesDone != 13 || got.Sync.RepositoriesSeen != 1234 {
			t.Errorf("after the second sync: %+v", got)
		}

		// One repository changed: only its page counts against the limit.
		s.world.Repositories.Edit(s.world.Repositories.List("atlas")[333].ID, func(r *sandbox.Repository) { r.Description = "Renewed." })
		before = s.used()
		s.sync()
		if after := s.used(); after != before+1 {
			t.Errorf("one changed page used %d of the rate limit", after-before)
		}
	})
}
