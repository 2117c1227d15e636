package db_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/jobs"
)

// Two workers hold a job one after the other. Nothing that the first one writes late is stored by any
// step of any sync, even if the second one continues the same run.
func TestALostJobStoresNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		user, through := w.member(1, "ada", acme)
		target := got(w.SyncTarget(t.Context(), through.ID))(t)
		args := db.SyncRepositories{RecordID: target.RecordID}
		enqueue(t, w.DB, w.clock.Now(), args)
		holder := func() context.Context {
			ctx := jobs.WithHeld(t.Context(), claim(t, w.DB, args.Kind()))
			w.clock.Advance(time.Minute + time.Millisecond) // the lease expires
			return ctx
		}
		lost := holder()
		run := got(w.StartSync(lost, args))(t)
		pass := got(w.ResumePass(lost, target, run))(t)
		got(w.PutPages(lost, target, pass, []db.SyncPage{pageOf(1, 4, repos(1, 2, acme)...)}))(t)
		ok(t, w.StillHeld(lost)) // while nobody else claims it

		held := holder()
		if next := got(w.StartSync(held, args))(t); next != run {
			t.Fatalf("run %d follows run %d", next, run)
		}
		for name, step := range map[string]func() error{
			"StillHeld":  func() error { return w.StillHeld(lost) },
			"StartSync":  func() error { _, err := w.StartSync(lost, args); return err },
			"ResumePass": func() error { _, err := w.ResumePass(lost, target, run); return err },
			"PutPages": func() error {
				_, err := w.PutPages(lost, target, pass, []db.SyncPage{pageOf(2, 4, repos(3, 2, acme)...)})
				return err
			},
			"ProgressSync":             func() error { return w.ProgressSync(lost, run, 9, 9, 9) },
			"MarkSeen":                 func() error { return w.MarkSeen(lost, target, pass, []int64{1}) },
			"FinishPass":               func() error { return w.FinishPass(lost, pass, true) },
			"WaitSync":                 func() error { return w.WaitSync(lost, run, w.clock.Now(), "it waits") },
			"AnnotateSync":             func() error { return w.AnnotateSync(lost, run, nil, "a note") },
			"FailSync":                 func() error { return w.FailSync(lost, run, "it failed") },
			"FinishSync":               func() error { return w.FinishSync(lost, run) },
			"FinishRepositoriesSync":   func() error { return w.FinishRepositoriesSync(lost, target, run, true) },
			"PutInstallations":         func() error { return w.PutInstallations(lost, user.ID, run, []db.Installation{installed(701, beta)}) },
			"SetWithheldOrganizations": func() error { return w.SetWithheldOrganizations(lost, user.ID, []int64{7}) },
			"FinishInstallationsSync":  func() error { return w.FinishInstallationsSync(lost, user.ID, run) },
			"PutAppInstallations":      func() error { return w.PutAppInstallations(lost, run, []db.Installation{installed(701, beta)}) },
			"MarkInstallationDeleted":  func() error { return w.MarkInstallationDeleted(lost, target.GitHubID) },
			"SetDeliveryCursor":        func() error { return w.SetDeliveryCursor(lost, "cursor", w.clock.Now()) },
			"AdvanceDeliveryWatermark": func() error { return w.AdvanceDeliveryWatermark(lost) },
			"FinishRecovery":           func() error { return w.FinishRecovery(lost, run) },
		} {
			if err := step(); !errors.Is(err, jobs.ErrLost) {
				t.Errorf("%s of a lost job = %v", name, err)
			}
		}

		if s := w.reload(through).Sync; s.State != db.SyncRunning || s.PagesDone != 0 || s.Note != "" {
			t.Errorf("the sync is %+v", s)
		}
		next := got(w.ResumePass(held, target, run))(t)
		if next.Number != pass.Number || len(next.Done) != 1 || next.Seen != 2 {
			t.Errorf("the holder continues with %+v", next)
		}
		got(w.PutPages(held, target, next, []db.SyncPage{pageOf(2, 4, repos(3, 2, acme)...)}))(t)
		ok(t, w.FinishPass(held, next, true))
		ok(t, w.FinishRepositoriesSync(held, target, run, true))
		if s := w.reload(through); s.RepositoryCount != 4 || s.Sync.State != db.SyncIdle {
			t.Errorf("the record is %+v", s)
		}
	})
}

// Between the check of the lease and the commit, nobody claims the job.
func TestAJobIsNotClaimedWhileAStepIsStored(t *testing.T) {
	url := dbtest.Postgres(t)
	w := newWorld(t, url)
	args := db.SyncAppInstallations{}
	enqueue(t, w.DB, w.clock.Now(), args)
	row := claim(t, w.DB, args.Kind())
	w.clock.Advance(time.Minute + time.Millisecond)
	tx := got(w.raw().BeginTx(t.Context(), nil))(t)
	if _, err := tx.ExecContext(t.Context(), `SELECT id FROM jobs WHERE id = $1 AND claim = $2 FOR SHARE`, row.ID, row.Claim); err != nil {
		t.Fatal(err)
	}
	idle(t, w.DB, args.Kind())
	ok(t, tx.Commit())
	claim(t, w.DB, args.Kind())
}
