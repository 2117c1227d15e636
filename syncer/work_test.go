package syncer

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

// working starts Work, and returns what ends it and waits for it.
func (s *stage) working(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- s.Work(ctx) }()
	return func() {
		s.t.Helper()
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				s.t.Errorf("Work ended with %v", err)
			}
		case <-time.After(5 * time.Second):
			s.t.Fatal("Work doesn't end")
		}
	}
}

// eventually waits for what happens elsewhere.
func (s *stage) eventually(what string, happened func() bool) {
	s.t.Helper()
	for end := time.Now().Add(10 * time.Second); !happened(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("in vain waited until %s", what)
		}
	}
}

func TestALoginIsFollowedByAWholeSync(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := newStage(t, databaseURL, sandbox.DemoWorld())
		stop := s.working(t.Context())
		defer stop()
		s.logIn("marin")
		s.Wake()
		s.eventually("all is synced", func() bool {
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

func TestAWorkerThatStopsHandsItsJobBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := newStage(t, databaseURL, sandboxtest.LargeWorld(3))
		s.spoil("/user/installations", &sandbox.Fault{Delay: time.Minute})
		s.logIn("ada")
		stop := s.working(t.Context())
		s.Wake()
		s.eventually("GitHub is asked", func() bool { return s.asked("/user/installations") == 1 })
		stop()

		job, err := s.db.ClaimJob(t.Context(), jobLease)
		for err == nil && job.Kind != db.JobSyncInstallations { // which may have been stopped as well
			job, err = s.db.ClaimJob(t.Context(), jobLease)
		}
		if err != nil || job.Kind != db.JobSyncInstallations || job.Attempts != 1 {
			t.Fatalf("got %+v, %v", job, err)
		}
		s.server.Fault(nil)
		s.do(t.Context(), job)
		s.expectSync(s.listSync(), db.SyncIdle, "")
	})
}

func TestAPanicFailsItsJobAlone(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandboxtest.LargeWorld(3))
	s.logIn("ada")
	healthy := *s
	s.config.Now = func() time.Time { panic("a secret of ours") }
	*s = *s.instance(s.db)
	s.Syncer.now = s.clock.Now
	s.work()
	s.expectSync(s.listSync(), db.SyncFailed, "Something went wrong in Neptun")
	*s = healthy
	s.sync()
	s.expectSync(s.listSync(), db.SyncIdle, "")
}

func TestAJobThatTakesLongIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := dbtest.Open(t, dbtest.SQLite(t), time.Now)
		person, err := d.SignIn(t.Context(), db.Profile{GitHubID: 7, Login: "ada"}, db.Token{Access: "a"})
		if err != nil {
			t.Fatal(err)
		}
		job, err := d.ClaimJob(t.Context(), jobLease)
		if err != nil || job.Subject != person.ID {
			t.Fatalf("got %+v, %v", job, err)
		}
		held, letGo := context.WithCancelCause(t.Context())
		g := &Syncer{db: d, wake: make(chan struct{}, 1)}
		kept := make(chan db.Job, 1)
		go func() { kept <- g.hold(held, letGo, job) }()
		time.Sleep(3*jobLease + time.Second)
		if _, err := d.ClaimJob(t.Context(), jobLease); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("another worker got it: %v", err)
		}
		letGo(nil)
		longer, err := g.extend(held, <-kept)
		if err != nil {
			t.Errorf("what ends while it is extended is taken for lost: %v", err)
		}
		time.Sleep(jobLease + time.Second)
		if _, err := d.ClaimJob(t.Context(), jobLease); err != nil {
			t.Errorf("let go, nobody gets it: %v", err)
		}
		if err := d.FinishJob(t.Context(), longer); !errors.Is(err, db.ErrJobLost) {
			t.Errorf("finished by who lost it: %v", err)
		}
	})
}

func TestALostJobIsLeftToWhoeverHasIt(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandboxtest.LargeWorld(3))
	s.logIn("ada")
	ctx := t.Context()
	late, err := s.db.ClaimJob(ctx, jobLease)
	if err != nil {
		t.Fatal(err)
	}
	s.clock.pass(2 * jobLease)
	other, err := s.db.ClaimJob(ctx, jobLease)
	if err != nil || other.ID != late.ID {
		t.Fatalf("got %+v, %v", other, err)
	}
	s.do(ctx, late)
	if _, err := s.db.ExtendJob(ctx, other, jobLease); err != nil {
		t.Errorf("the job was taken from its holder: %v", err)
	}
}

// What a late worker still writes must not make its successor's repositories
// look unseen.
func TestALateWorkerUndoesNoSighting(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := atlas(t, databaseURL, 3)
		ctx := t.Context()
		target, err := s.db.SyncTarget(ctx, s.at("atlas").ID)
		if err != nil {
			t.Fatal(err)
		}
		s.logIn("ada") // so that the page comes whole
		looking := &task{s: s.Syncer}
		if looking.run, err = s.db.StartSync(ctx, target); err != nil {
			t.Fatal(err)
		}
		at, err := looking.reading(ctx, target)
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
			run, err := s.db.StartSync(ctx, target)
			if err != nil {
				t.Fatal(err)
			}
			runs = append(runs, run)
			if len(runs) == 1 {
				if err := s.db.FailSync(ctx, run, "gave up"); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, run := range []int64{runs[1], runs[0]} {
			if err := s.db.PutRepositories(ctx, target, run, facts); err != nil {
				t.Fatal(err)
			}
		}
		if unseen, err := s.db.CountUnseenRepositories(ctx, target, runs[1]); err != nil || unseen != 0 {
			t.Errorf("%d are unseen, %v", unseen, err)
		}
	})
}

func TestP7ASyncAskedForAtTheLastMomentIsNotForgotten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := atlas(t, databaseURL, 3)
		ctx := t.Context()
		record := s.at("atlas").ID
		if err := s.db.QueueSync(ctx, record); err != nil {
			t.Fatal(err)
		}
		job, err := s.db.ClaimJob(ctx, jobLease)
		if err != nil {
			t.Fatal(err)
		}
		if err := (&task{s: s.Syncer, job: job}).perform(ctx); err != nil {
			t.Fatal(err)
		}
		// The run has ended, its job not yet.
		if err := s.db.QueueSync(ctx, record); err != nil {
			t.Fatal(err)
		}
		if err := s.db.FinishJob(ctx, job); err != nil {
			t.Fatal(err)
		}
		s.expectSync(s.at("atlas").Sync, db.SyncQueued, "")
		s.work()
		s.expectSync(s.at("atlas").Sync, db.SyncIdle, "")
	})
}

func TestWakeNeverBlocks(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
	for range 3 {
		s.Wake()
	}
}
