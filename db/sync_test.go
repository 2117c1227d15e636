package db_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/jobs"
)

func TestSyncReportsItsProgress(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p := w.login(1, "ada")
		if s := got(w.GetSync(ctx, db.SyncInstallations{UserID: "nobody"}))(t); s.State != db.SyncIdle || s.Active() {
			t.Errorf("the sync of an unknown user is %+v", s)
		}
		w.syncInstallations(p, installed(700, acme))
		if s := got(w.GetSync(ctx, db.SyncInstallations{UserID: p.ID}))(t); s.State != db.SyncIdle || !s.FinishedAt.Equal(w.clock.Now()) || !s.SyncedAt.Equal(w.clock.Now()) {
			t.Errorf("after a whole listing the sync is %+v", s)
		}
		retryAt := w.clock.Now()
		w.clock.Advance(time.Minute)
		ok(t, w.FailSync(ctx, got(w.StartSync(ctx, db.SyncInstallations{UserID: p.ID}))(t), "GitHub is away"))
		if s := got(w.GetSync(ctx, db.SyncInstallations{UserID: p.ID}))(t); s.State != db.SyncFailed || !s.SyncedAt.Equal(retryAt) {
			t.Errorf("after a failure the sync is %+v", s)
		}
		through := w.record(p, acme)
		target := got(w.SyncTarget(ctx, through.ID))(t)
		state := func() db.Sync { t.Helper(); return w.reload(through).Sync }

		run := got(w.StartSync(ctx, db.SyncRepositories{RecordID: target.RecordID}))(t)
		started := w.clock.Now()
		ok(t, w.ProgressSync(ctx, run, 2, 9, 200))
		if s := state(); s.State != db.SyncRunning || s.PagesDone != 2 || s.PagesTotal != 9 || s.RepositoriesSeen != 200 || !s.StartedAt.Equal(started) {
			t.Errorf("during the sync: %+v", s)
		}
		later := w.clock.Now().Add(time.Hour)
		ok(t, w.WaitSync(ctx, run, later, "GitHub asks to wait"))
		if s := state(); s.State != db.SyncWaiting || s.Message != "GitHub asks to wait" || !s.RetryAt.Equal(later) || !s.Active() {
			t.Errorf("waiting: %+v", s)
		}
		ok(t, w.FailSync(ctx, run, "GitHub is away"))
		if s := state(); s.State != db.SyncFailed || s.Message != "GitHub is away" || s.Active() || !s.RetryAt.IsZero() {
			t.Errorf("failed: %+v", s)
		}
		// A finished run accepts no more progress.
		ok(t, w.ProgressSync(ctx, run, 9, 9, 900))
		ok(t, w.WaitSync(ctx, run, later, "late"))
		ok(t, w.FinishRepositoriesSync(ctx, target, run, false))
		if s := state(); s.State != db.SyncFailed || s.PagesDone != 2 {
			t.Errorf("recorded after the end: %+v", s)
		}
		w.clock.Advance(31 * day)
		ok(t, w.CleanUp(ctx))
		if rows := column(t, w.raw(), `SELECT id FROM sync_runs`); len(rows) > 0 {
			t.Errorf("old runs are kept: %v", rows)
		}
		if _, err := w.SyncTarget(ctx, 999); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("the target of no record: %v", err)
		}
	})
}

func TestSecondRequestJoinsTheFirst(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p, through := w.member(1, "ada", acme)
		drain(t, w)
		ok(t, w.QueueSync(ctx, db.SyncRepositories{RecordID: through.ID}))
		ok(t, w.QueueSync(ctx, db.SyncRepositories{RecordID: through.ID}))
		ok(t, w.QueueSync(ctx, db.SyncInstallations{UserID: p.ID}))
		ok(t, w.QueueSync(ctx, db.SyncInstallations{UserID: p.ID}))
		if kinds := drain(t, w); fmt.Sprint(kinds) != "[sync_repositories sync_installations]" {
			t.Errorf("four requests queued %v", kinds)
		}
		if s := w.reload(through).Sync; s.State != db.SyncQueued {
			t.Errorf("the sync is %+v", s)
		}
		target := got(w.SyncTarget(ctx, through.ID))(t)
		run := got(w.StartSync(ctx, db.SyncRepositories{RecordID: target.RecordID}))(t)
		ok(t, w.QueueSync(ctx, db.SyncRepositories{RecordID: through.ID}))
		if s := w.reload(through).Sync; s.State != db.SyncRunning {
			t.Errorf("a request put a running sync back to %+v", s)
		}
		ok(t, w.FinishRepositoriesSync(ctx, target, run, false))
	})
}

// The run has ended, but its worker hasn't finished the job yet. The run queued now needs a worker
// (P7). A worker that took a request for another worker would leave its job leased.
func TestASyncRequestedDuringItsStartRuns(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, through := w.member(1, "ada", acme)
		for _, job := range []db.SyncJob{db.SyncAppInstallations{}, db.SyncInstallations{UserID: p.ID}, db.SyncRepositories{RecordID: through.ID}} {
			for range 40 {
				requested := make(chan error)
				go func() { requested <- w.QueueSync(t.Context(), job) }()
				run, err := w.StartSync(t.Context(), job)
				ok(t, err)
				ok(t, <-requested)
				ok(t, w.FailSync(t.Context(), run, "enough"))
				if active := got(w.ActiveSync(t.Context(), job))(t); active != 0 {
					ok(t, w.FailSync(t.Context(), active, "enough"))
				}
			}
		}
	})
}

func TestARequestAtTheLastMomentIsNotLost(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, through := w.member(1, "ada", acme)
		drain(t, w)
		ok(t, w.QueueSync(ctx, db.SyncRepositories{RecordID: through.ID}))
		job := got(w.Jobs().Claim(ctx, everyKind, time.Minute))(t)
		w.syncRepositories(through)
		ok(t, w.QueueSync(ctx, db.SyncRepositories{RecordID: through.ID}))
		ok(t, w.Jobs().Finish(ctx, job))
		if s := w.reload(through).Sync; s.State != db.SyncQueued {
			t.Fatalf("the sync is %+v", s)
		}
		if kinds := drain(t, w); len(kinds) != 1 {
			t.Errorf("the queued sync has jobs %v: it would stay queued for ever", kinds)
		}
	})
}

// TestARequestAfterAFailureDoesNotWaitForTheRetry: a request starts the sync immediately.
func TestARequestAfterAFailureDoesNotWaitForTheRetry(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, through := w.member(1, "ada", acme)
		drain(t, w)
		ok(t, w.QueueSync(ctx, db.SyncRepositories{RecordID: through.ID}))
		job := got(w.Jobs().Claim(ctx, everyKind, time.Minute))(t)
		run := got(w.StartSync(ctx, db.SyncRepositories{RecordID: through.ID}))(t)
		ok(t, w.FailSync(ctx, run, "GitHub is away"))
		ok(t, w.Jobs().Release(ctx, failedOnce(job), w.clock.Now().Add(time.Hour)))
		ok(t, w.QueueSync(ctx, db.SyncRepositories{RecordID: through.ID}))
		if kinds := drain(t, w); len(kinds) != 1 {
			t.Errorf("due now: %v", kinds)
		}
	})
}

// O7: a wait for GitHub's limit is not cut short; one after a failure is.
func TestO7ARequestEndsAWaitExceptForRateLimits(t *testing.T) {
	for name, limited := range map[string]bool{"GitHub's limit": true, "a failure": false} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				ctx := t.Context()
				ada, through := w.member(1, "ada", acme)
				drain(t, w)
				ok(t, w.QueueSync(ctx, db.SyncRepositories{RecordID: through.ID}))
				job := got(w.Jobs().Claim(ctx, everyKind, time.Minute))(t)
				run := got(w.StartSync(ctx, db.SyncRepositories{RecordID: through.ID}))(t)
				until := w.clock.Now().Add(time.Hour)
				if limited {
					ok(t, w.PutRequestLimit(ctx, ada.ID, db.RequestLimit{Until: until}))
				}
				ok(t, w.WaitSync(ctx, run, until, "later"))
				ok(t, w.Jobs().Release(ctx, failedOnce(job), until))
				ok(t, w.QueueSync(ctx, db.SyncRepositories{RecordID: through.ID}))
				if limited {
					if s := w.reload(through).Sync; s.State != db.SyncWaiting || !s.RetryAt.Equal(until) {
						t.Errorf("the sync is %+v", s)
					}
					noJob(t, w)
					return
				}
				if s := w.reload(through).Sync; s.State != db.SyncQueued {
					t.Errorf("the sync is %+v", s)
				}
				if kinds := drain(t, w); len(kinds) != 1 {
					t.Errorf("due now: %v", kinds)
				}
			})
		})
	}
}

// drain claims and finishes what is due, and returns the kinds in order.
func drain(t *testing.T, w *world) (kinds []string) {
	t.Helper()
	for {
		job, err := w.Jobs().Claim(t.Context(), everyKind, time.Minute)
		if errors.Is(err, jobs.ErrNone) {
			return kinds
		}
		ok(t, err)
		ok(t, w.Jobs().Finish(t.Context(), job))
		kinds = append(kinds, job.Kind)
	}
}

func TestAnInterruptedListRemovesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p, through := w.member(1, "ada", acme, repos(1, 10, acme)...)
		w.importRepositories(through, 1, 9)
		target := got(w.SyncTarget(ctx, through.ID))(t)

		half := got(w.StartSync(ctx, db.SyncRepositories{RecordID: target.RecordID}))(t)
		ok(t, dbtest.PutRepositories(ctx, w.DB, target, half, repos(1, 4, acme)))
		if n := got(w.CountUnseenRepositories(ctx, target, half))(t); n != 6 {
			t.Errorf("after 4 of 10, %d are unseen", n)
		}
		if after := w.reload(through); after.RepositoryCount != 10 || after.ImportCount != 2 {
			t.Errorf("during the sync: %+v", after)
		}

		// Its worker died, and the next one continues it.
		if run := got(w.StartSync(ctx, db.SyncRepositories{RecordID: target.RecordID}))(t); run != half {
			t.Fatalf("run %d follows run %d, which is not over", run, half)
		}
		ok(t, w.FailSync(ctx, half, "GitHub is away"))
		whole := got(w.StartSync(ctx, db.SyncRepositories{RecordID: target.RecordID}))(t)
		if whole <= half {
			t.Fatalf("run %d follows run %d", whole, half)
		}
		if n := got(w.CountUnseenRepositories(ctx, target, whole))(t); n != 10 {
			t.Errorf("the new run starts with %d unseen", n)
		}
		ok(t, dbtest.PutRepositories(ctx, w.DB, target, whole, repos(3, 7, acme)))
		ok(t, w.FinishRepositoriesSync(ctx, target, whole, false)) // not confirmed: nothing goes
		if after := w.reload(through); after.RepositoryCount != 10 || after.ImportCount != 2 || !after.SyncedAt.Equal(w.clock.Now()) {
			t.Errorf("after an unconfirmed listing: %+v", after)
		}
		if after := w.syncRepositories(through, repos(3, 7, acme)...); after.RepositoryCount != 7 || after.ImportCount != 1 {
			t.Errorf("after a confirmed listing: %+v", after)
		}
		if list := got(w.ListImports(ctx, p.ID, db.Filter{}, db.SortID, db.Page{}))(t); len(list) != 1 || list[0].Repository.ID != 9 {
			t.Errorf("imports are %v", list)
		}
	})
}

// A worker that lost its job continues for a while. What it writes must not make the newer run's
// repositories look unseen.
func TestALateWorkerRemovesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p, through := w.member(1, "ada", acme, repos(1, 5, acme)...)
		target := got(w.SyncTarget(ctx, through.ID))(t)
		late := got(w.StartSync(ctx, db.SyncRepositories{RecordID: target.RecordID}))(t)
		ok(t, w.FailSync(ctx, late, "GitHub is away"))
		run := got(w.StartSync(ctx, db.SyncRepositories{RecordID: target.RecordID}))(t)
		ok(t, dbtest.PutRepositories(ctx, w.DB, target, run, repos(1, 5, acme)))
		ok(t, dbtest.PutRepositories(ctx, w.DB, target, late, repos(1, 5, acme)))
		if n := got(w.CountUnseenRepositories(ctx, target, run))(t); n != 0 {
			t.Errorf("%d repositories that the run saw are unseen", n)
		}
		ok(t, w.FinishRepositoriesSync(ctx, target, run, true))
		if after := w.reload(through); after.RepositoryCount != 5 {
			t.Errorf("RepositoryCount = %d", after.RepositoryCount)
		}

		late = got(w.StartSync(ctx, db.SyncInstallations{UserID: p.ID}))(t)
		run = got(w.StartSync(ctx, db.SyncInstallations{UserID: p.ID}))(t)
		ok(t, w.PutInstallations(ctx, p.ID, run, []db.Installation{installed(700, acme)}))
		ok(t, w.PutInstallations(ctx, p.ID, late, []db.Installation{installed(700, acme)}))
		if unseen := got(w.ListUnseenInstallations(ctx, p.ID, run))(t); len(unseen) != 0 {
			t.Errorf("unseen installations: %v", unseen)
		}
	})
}

func TestUnseenInstallationsAreListed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p := w.login(1, "ada")
		w.syncInstallations(p, installed(700, acme), installed(800, beta))
		drain(t, w)
		run := got(w.StartSync(ctx, db.SyncInstallations{UserID: p.ID}))(t)
		ok(t, w.PutInstallations(ctx, p.ID, run, []db.Installation{installed(800, beta)}))
		unseen := got(w.ListUnseenInstallations(ctx, p.ID, run))(t)
		if len(unseen) != 1 || unseen[0].GitHubID != 700 || unseen[0].RecordID != w.record(p, acme).ID {
			t.Errorf("unseen: %+v", unseen)
		}
		if n := got(w.CountInstallations(ctx, p.ID, db.InstallationFilter{}))(t); n != 2 {
			t.Errorf("an unfinished listing hid %d", n)
		}
		ok(t, w.FinishInstallationsSync(ctx, p.ID, run))
		if n := got(w.CountInstallations(ctx, p.ID, db.InstallationFilter{}))(t); n != 2 {
			t.Errorf("an unconfirmed listing hid %d", n)
		}
	})
}
