package syncer

import (
	"context"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/jobs"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

// working starts Work, and returns a function that stops it and waits for it.
func (s *stage) working(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { defer close(ended); s.syncer.Work(ctx) }()
	return func() {
		s.t.Helper()
		cancel()
		select {
		case <-ended:
		case <-time.After(dbtest.Timeout):
			s.t.Fatal("Work doesn't return")
		}
	}
}

// eventually waits for a condition.
func (s *stage) eventually(what string, happened func() bool) {
	s.t.Helper()
	dbtest.Until(s.t, what, happened)
}

func TestASignInQueuesASyncOfEverything(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := newStage(t, databaseURL, sandbox.DemoWorld())
		stop := s.working(t.Context())
		defer stop()
		s.signIn("marin")
		s.eventually("everything is synced", func() bool {
			list := s.installations()
			for _, installation := range list {
				if installation.SyncedAt.IsZero() && !installation.Suspended() {
					return false
				}
			}
			return len(list) == 3
		})
	})
}

func TestAStoppedWorkerReleasesItsJob(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := newStage(t, databaseURL, sandboxtest.LargeWorld(3))
		s.server.FailPath("/user/installations", &sandbox.Fault{Delay: time.Minute})
		s.signIn("ada")
		stop := s.working(t.Context())
		s.eventually("a request is sent to GitHub", func() bool { return s.server.RequestCount("/user/installations") == 1 })
		stop()

		row, err := s.claim()
		for err == nil && row.Kind != (db.SyncInstallations{}).Kind() { // other jobs may have been released too
			row, err = s.claim()
		}
		if err != nil || row.Failures != 0 {
			t.Fatalf("got %+v, %v", row, err)
		}
		s.server.Fault(nil)
		s.syncer.runner.Do(t.Context(), row)
		s.expectSync(s.listSync(), db.SyncIdle, "")
	})
}

func TestAPanicFailsOnlyItsJob(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandboxtest.LargeWorld(3))
	s.signIn("ada")
	healthy := *s
	s.config.Now = func() time.Time { panic("a secret of ours") }
	*s = *s.instance(s.syncer.db)
	s.syncer.now = s.clock.Now
	s.work()
	s.expectSync(s.listSync(), db.SyncFailed, "Something went wrong")
	*s = healthy
	s.sync()
	s.expectSync(s.listSync(), db.SyncIdle, "")
}

// What a worker writes after it lost its job must not make the repositories of the new
// worker look unseen.
func TestALateWorkerDoesNotMarkRepositoriesUnseen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := atlas(t, databaseURL, 3)
		ctx := t.Context()
		target, err := s.syncer.db.SyncTarget(ctx, s.at("atlas").ID)
		if err != nil {
			t.Fatal(err)
		}
		s.signIn("ada") // for a response with a body
		first, err := s.syncer.db.StartSync(ctx, db.SyncRepositories{RecordID: target.RecordID})
		if err != nil {
			t.Fatal(err)
		}
		at, err := s.syncer.pass(ctx, target, first)
		if err != nil {
			t.Fatal(err)
		}
		seen, err := at.fetch(ctx, ctx, 1)
		if err != nil {
			t.Fatal(err)
		}
		facts := seen.Repositories
		var runs []int64
		for range 2 {
			run, err := s.syncer.db.StartSync(ctx, db.SyncRepositories{RecordID: target.RecordID})
			if err != nil {
				t.Fatal(err)
			}
			runs = append(runs, run)
			if len(runs) == 1 {
				if err := s.syncer.db.FailSync(ctx, run, "failed"); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, run := range []int64{runs[1], runs[0]} {
			if err := dbtest.PutRepositories(ctx, s.syncer.db, target, run, facts); err != nil {
				t.Fatal(err)
			}
		}
		if unseen, err := s.syncer.db.CountUnseenRepositories(ctx, target, runs[1]); err != nil || unseen != 0 {
			t.Errorf("%d are unseen, %v", unseen, err)
		}
	})
}

func TestP7ASyncRequestedAtTheLastMomentIsNotForgotten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := atlas(t, databaseURL, 3)
		ctx := t.Context()
		record := s.at("atlas").ID
		if err := s.syncer.db.QueueSync(ctx, db.SyncRepositories{RecordID: record}); err != nil {
			t.Fatal(err)
		}
		row, err := s.claim()
		if err != nil {
			t.Fatal(err)
		}
		worker := repositoriesWorker{tracked[db.SyncRepositories]{s.syncer}}
		if err := worker.Work(ctx, jobs.Job[db.SyncRepositories]{Row: row, Args: db.SyncRepositories{RecordID: record}}); err != nil {
			t.Fatal(err)
		}
		// The run has ended, but its job hasn't.
		if err := s.syncer.db.QueueSync(ctx, db.SyncRepositories{RecordID: record}); err != nil {
			t.Fatal(err)
		}
		if err := s.syncer.db.Jobs().Finish(ctx, row); err != nil {
			t.Fatal(err)
		}
		s.expectSync(s.at("atlas").Sync, db.SyncQueued, "")
		s.work()
		s.expectSync(s.at("atlas").Sync, db.SyncIdle, "")
	})
}
