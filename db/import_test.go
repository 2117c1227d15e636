package db_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
)

func TestImportReturnsAResultPerIDInOrder(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, through := w.member(1, "ada", acme, repos(1, 10, acme)...)
		earlier := w.importRepositories(through, 5)[0]
		ids := []int64{7, 999, 5, 7, 1, -3, 0, 1 << 62}
		want := []db.ImportStatus{db.Imported, db.ImportNotFound, db.AlreadyImported, db.AlreadyImported, db.Imported, db.ImportNotFound, db.ImportNotFound, db.ImportNotFound}
		results := changed(w.ImportRepositories(ctx, through, ids))(t)
		if len(results) != len(ids) {
			t.Fatalf("%d results for %d ids", len(results), len(ids))
		}
		for i, r := range results {
			if r.RepositoryID != ids[i] || r.Status != want[i] {
				t.Errorf("result %d is %d %s, want %d %s", i, r.RepositoryID, r.Status, ids[i], want[i])
			}
			if item := w.importedBy(through, results)[i]; r.Status == db.ImportNotFound != (r.ImportID == 0) || (item == nil) != (r.ImportID == 0) ||
				item != nil && (item.ID != r.ImportID || item.Repository.ID != ids[i] || item.InstallationID != through.ID) {
				t.Errorf("result %d is %+v with %+v", i, r, item)
			}
		}
		if results[2].ImportID != earlier || results[0].ImportID != results[3].ImportID {
			t.Errorf("ids are %+v", results)
		}
		if after := w.reload(through); after.ImportCount != 3 {
			t.Errorf("ImportCount = %d", after.ImportCount)
		}
		if r := changed(w.ImportRepositories(ctx, through, nil))(t); len(r) != 0 {
			t.Errorf("importing nothing gives %v", r)
		}
	})
}

func TestImportOfMoreThanOneStatement(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p, through := w.member(1, "ada", acme, repos(1, 1200, acme)...)
		var ids []int64
		for id := int64(1201); id >= 1; id-- { // 1201 isn't there
			ids = append(ids, id)
		}
		ids = append(ids, 1200) // once more, in another chunk
		results := changed(w.ImportRepositories(ctx, through, ids))(t)
		for i, r := range results {
			want := db.Imported
			switch i {
			case 0:
				want = db.ImportNotFound
			case 1201:
				want = db.AlreadyImported
			}
			if r.RepositoryID != ids[i] || r.Status != want {
				t.Fatalf("result %d is %d %s", i, r.RepositoryID, r.Status)
			}
		}
		for i, item := range w.importedBy(through, results) {
			if (item == nil) != (i == 0) || item != nil && item.Repository.ID != ids[i] {
				t.Fatalf("result %d has the import %+v", i, item)
			}
		}
		if n := got(w.CountImports(ctx, p.ID, db.Filter{}))(t); n != 1200 || w.reload(through).ImportCount != 1200 {
			t.Errorf("%d imports, %d counted", n, w.reload(through).ImportCount)
		}
		if n := changed(w.RemoveImports(ctx, p.ID, 0, ids))(t); n != 1200 || w.reload(through).ImportCount != 0 {
			t.Errorf("%d removed, %d left", n, w.reload(through).ImportCount)
		}
	})
}

func TestImportMatchingImportsWhatTheListShows(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		page := repos(1, 30, acme)
		for i := range page {
			page[i].IsFork = i%3 == 0
		}
		page[29].Name = "Aardvark"
		_, through := w.member(1, "ada", acme, page...)
		w.importRepositories(through, 30)
		filter := db.Filter{Fork: db.No, Query: "acme/a"}
		results := changed(w.ImportMatching(ctx, through, filter))(t)
		if len(results) != 1 || results[0].Status != db.AlreadyImported {
			t.Errorf("by %+v: %+v", filter, results)
		}
		results = changed(w.ImportMatching(ctx, through, db.Filter{Fork: db.No, Imported: db.No}))(t)
		if len(results) != 19 || w.importedBy(through, results)[0].Name != "repo-00002" || results[0].Status != db.Imported {
			t.Errorf("%d results, the first %+v", len(results), results[0])
		}
		if again := changed(w.ImportMatching(ctx, through, db.Filter{Fork: db.No, Imported: db.No}))(t); len(again) != 0 {
			t.Errorf("a second time: %v", again)
		}
		if after := w.reload(through); after.ImportCount != 20 {
			t.Errorf("ImportCount = %d", after.ImportCount)
		}
	})
}

// Each count must equal what is stored, even after concurrent changes.
func TestCountsSurviveConcurrentImports(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p := w.login(1, "ada")
		w.syncInstallations(p, installed(700, acme), installed(800, beta))
		first := w.syncRepositories(w.record(p, acme), repos(1, 200, acme)...)
		second := w.syncRepositories(w.record(p, beta), repos(1001, 20, beta)...)
		changed(w.ImportMatching(ctx, first, db.Filter{Query: "repo-001"}))(t) // 100 to 199
		changed(w.ImportMatching(ctx, second, db.Filter{}))(t)

		const each = 5
		for round := range int64(4) {
			start := make(chan struct{})
			var wait sync.WaitGroup
			for i := round * each; i < (round+1)*each; i++ {
				wait.Go(func() {
					<-start
					if _, _, err := w.ImportRepositories(ctx, first, []int64{i + 1}); err != nil {
						t.Error(err)
					}
				})
				wait.Go(func() {
					<-start
					if _, _, err := w.RemoveImports(ctx, p.ID, 0, []int64{100 + i, 1001 + i}); err != nil {
						t.Error(err)
					}
				})
			}
			close(start)
			wait.Wait()
			// As many were added as removed; the rest shows what was there before.
			if a, b := w.reload(first), w.reload(second); a.ImportCount != 100 || b.ImportCount != 20-(round+1)*each {
				t.Errorf("after round %d the counts are %d and %d", round, a.ImportCount, b.ImportCount)
			}
		}
	})
}

func TestAHiddenImportIsDeletedAfterHalfAYear(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p, through := w.member(1, "ada", acme, repos(1, 4, acme)...)
		imported := w.importRepositories(through, 1, 2, 3)
		stored := func() int { return len(column(t, w.raw(), `SELECT id FROM imports`)) }

		through = w.syncRepositories(through, repos(2, 3, acme)...) // 1 is no longer visible
		if through.ImportCount != 2 {
			t.Fatalf("ImportCount = %d", through.ImportCount)
		}
		w.clock.Advance(100 * day)
		through = w.syncRepositories(through, repos(1, 4, acme)...) // and back
		if ids := w.importRepositories(through, 1); ids[0] != imported[0] || w.reload(through).ImportCount != 3 {
			t.Errorf("import %d returned as %d", imported[0], ids[0])
		}
		w.clock.Advance(100 * day)
		ok(t, w.CleanUp(ctx))
		if stored() != 3 {
			t.Fatal("an import that is shown was purged")
		}

		w.syncRepositories(through, repos(2, 3, acme)...)
		w.clock.Advance(180*day - time.Millisecond)
		ok(t, w.CleanUp(ctx))
		if stored() != 3 {
			t.Error("purged too early")
		}
		w.clock.Advance(time.Millisecond)
		ok(t, w.CleanUp(ctx))
		if stored() != 2 || got(w.CountImports(ctx, p.ID, db.Filter{}))(t) != 2 {
			t.Errorf("%d imports are stored", stored())
		}
	})
}

// TestHidingRestartsWithEachLossOfAccess: a sync that was cut short showed the
// import again, so that the half year starts with the loss after it.
func TestHidingRestartsWithEachLossOfAccess(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, through := w.member(1, "ada", acme, repos(1, 2, acme)...)
		w.importRepositories(through, 1)
		w.syncRepositories(through, repos(2, 1, acme)...)
		w.clock.Advance(170 * day)

		target := got(w.SyncTarget(ctx, through.ID))(t)
		run := got(w.StartSync(ctx, db.SyncRepositories{RecordID: target.RecordID}))(t)
		ok(t, dbtest.PutRepositories(ctx, w.DB, target, run, repos(1, 1, acme)))
		ok(t, w.FailSync(ctx, run, "cut short"))
		if after := w.reload(through); after.ImportCount != 1 {
			t.Errorf("ImportCount = %d", after.ImportCount)
		}
		w.clock.Advance(day)
		w.syncRepositories(through, repos(2, 1, acme)...)
		w.clock.Advance(20 * day)
		ok(t, w.CleanUp(ctx))
		if rows := column(t, w.raw(), `SELECT id FROM imports`); len(rows) != 1 {
			t.Error("an import hidden for twenty days was purged")
		}
	})
}

func TestRemovedImportIsGone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, through := w.member(1, "ada", acme, repos(1, 3, acme)...)
		ids := w.importRepositories(through, 1, 2)
		ok(t, w.RemoveImport(ctx, through, ids[0]))
		if err := w.RemoveImport(ctx, through, ids[0]); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("removing twice = %v", err)
		}
		w.syncRepositories(through, repos(1, 3, acme)...)
		list := got(w.ListInstallationImports(ctx, through, db.Filter{}, db.SortID, db.Page{}))(t)
		if len(list) != 1 || list[0].ID != ids[1] {
			t.Errorf("imports are %v", list)
		}
	})
}
