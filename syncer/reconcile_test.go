package syncer

import (
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

func TestEverybodyIsSyncedEveryFourHours(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := atlas(t, databaseURL, 3)
		// Any instance can run the job; make sure that it is queued.
		if err := s.syncer.db.Jobs().Ensure(t.Context(), db.ReconcileUsers{}.Kind(), ""); err != nil {
			t.Fatal(err)
		}
		s.work()
		s.world.Repositories.Add("atlas", sandbox.Repository{Name: "brand-new"})
		wanted := len(s.names("atlas")) + 1
		for range 22 { // not yet 3 h 45 min
			s.later(reconcileIdle)
			s.work()
		}
		s.expectSync(s.listSync(), db.SyncIdle, "")
		if len(s.names("atlas")) == wanted {
			t.Error("it was synced too early")
		}
		for range 5 { // more than 4 h 15 min
			s.later(reconcileIdle)
			s.work()
		}
		if got := s.names("atlas"); len(got) != wanted {
			t.Errorf("after four hours there are %d of %d repositories", len(got), wanted)
		}
	})
}

func TestTheScheduleSurvivesARestart(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
	for range 2 {
		stop := s.working(t.Context())
		s.eventually("deliveries were recovered once", func() bool { return s.recoveryState().FinishedAt.Equal(s.clock.Now().Truncate(time.Millisecond)) })
		stop()
		s.clock.Advance(time.Second)
	}
}
