package db_test

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
)

// allImports lists all that a user imported, without what an undo may change.
func (w *world) allImports(p db.User) []db.Import {
	w.t.Helper()
	list := got(w.ListImports(w.t.Context(), p.ID, db.Filter{}, db.SortID, db.Page{}))(w.t)
	for i := range list {
		list[i].UpdatedAt = list[i].CreatedAt
	}
	return list
}

func (w *world) exclusions(through db.InstallationRecord) int64 {
	w.t.Helper()
	_, total, err := w.ListExclusions(w.t.Context(), through, db.Page{Limit: 1})
	ok(w.t, err)
	return total
}

func (w *world) latestAction(p db.User) db.Action {
	w.t.Helper()
	return got(w.ListActions(w.t.Context(), p.ID, db.ActionPage{Limit: 1}))(w.t)[0]
}

func (w *world) undo(p db.User, id int64) map[db.UndoStatus]int {
	w.t.Helper()
	counts := map[db.UndoStatus]int{}
	for _, result := range got(w.UndoAction(w.t.Context(), p.ID, id))(w.t) {
		counts[result.Status]++
	}
	return counts
}

func expectUndo(t *testing.T, what string, is, want map[db.UndoStatus]int) {
	t.Helper()
	if !reflect.DeepEqual(is, want) {
		t.Errorf("undoing %s: %v, want %v", what, is, want)
	}
}

// TestUndoRestoresTheSameImports: after a removal of one, many and all, all is as it
// was, under the same ids.
func TestUndoRestoresTheSameImports(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		all := int64(dbtest.Size(1200, 5000))
		p, through := w.member(1, "ada", acme, repos(1, int(all), acme)...)
		changed(w.ImportMatching(ctx, through, db.Filter{}))(t)
		before := w.allImports(p)
		for _, n := range []int64{1, 50, all} {
			var ids []int64
			for id := int64(1); id <= n; id++ {
				ids = append(ids, id)
			}
			removed, action, err := w.RemoveImports(ctx, p.ID, through.ID, ids)
			if err != nil || int64(removed) != n {
				t.Fatalf("removed %d of %d: %v", removed, n, err)
			}
			if left := len(w.allImports(p)); left != int(all-n) || w.reload(through).ImportCount != int64(left) {
				t.Errorf("%d left, %d counted", left, w.reload(through).ImportCount)
			}
			expectUndo(t, "a removal", w.undo(p, action), map[db.UndoStatus]int{db.UndoRestored: int(n)})
			if !reflect.DeepEqual(w.allImports(p), before) || w.reload(through).ImportCount != all {
				t.Errorf("after undoing the removal of %d, the imports differ", n)
			}
			if left := w.exclusions(through); left != 0 {
				t.Errorf("%d exclusions are left", left)
			}
		}
	})
}

func TestUndoOfAnImport(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p, through := w.member(1, "ada", acme, repos(1, 10, acme)...)
		changed(w.ImportRepositories(ctx, through, []int64{1, 2}))(t)
		changed(w.RemoveImports(ctx, p.ID, through.ID, []int64{2})) // excluded from now on
		_, action, err := w.ImportRepositories(ctx, through, []int64{1, 2, 3, 999})
		ok(t, err)
		if latest := w.latestAction(p); latest.ID != action || latest.Count != 2 || latest.InstallationID != through.ID || latest.Account != "Acme" {
			t.Errorf("the action is %+v", latest)
		}
		expectUndo(t, "an import", w.undo(p, action), map[db.UndoStatus]int{db.UndoRemoved: 2})
		if list := w.allImports(p); len(list) != 1 || list[0].Repository.ID != 1 {
			t.Errorf("left: %+v", list)
		}
		// The repository that was excluded before is so again, and the other is not.
		if excluded := w.exclusions(through); excluded != 1 {
			t.Errorf("%d exclusions, want 1", excluded)
		}
		if latest := w.latestAction(p); latest.UndoneAt.IsZero() || !latest.UndoableUntil.IsZero() {
			t.Errorf("the undone action is %+v", latest)
		}
	})
}

func TestAnImportRemovedWithinADayReturnsUnderItsID(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p, through := w.member(1, "ada", acme, repos(1, 3, acme)...)
		first := changed(w.ImportRepositories(ctx, through, []int64{1, 2}))(t)
		before := w.importedBy(through, first)[0]
		ok(t, w.RemoveImport(ctx, through, first[0].ImportID))
		if err := w.RemoveImport(ctx, through, first[0].ImportID); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("removing it again: %v", err)
		}
		again := changed(w.ImportRepositories(ctx, through, []int64{1}))(t)
		if again[0].Status != db.Imported || again[0].ImportID != first[0].ImportID || !w.importedBy(through, again)[0].CreatedAt.Equal(before.CreatedAt) {
			t.Errorf("imported again: %+v, want id %d", again[0], first[0].ImportID)
		}
		ok(t, w.RemoveImport(ctx, through, first[0].ImportID))
		ok(t, w.RemoveImport(ctx, through, first[1].ImportID))
		removal := w.latestAction(p)
		w.clock.Advance(day)
		ok(t, w.CleanUp(ctx))
		if again := changed(w.ImportRepositories(ctx, through, []int64{1}))(t); again[0].ImportID <= first[1].ImportID {
			t.Errorf("a day later it still has the id %d", again[0].ImportID)
		}
		if _, err := w.UndoAction(ctx, p.ID, removal.ID); !errors.Is(err, db.ErrUndoExpired) {
			t.Errorf("undo after a day: %v", err)
		}
	})
}

func TestUndoKeepsLaterChanges(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p, through := w.member(1, "ada", acme, repos(1, 10, acme)...)
		changed(w.ImportRepositories(ctx, through, []int64{1, 2, 3}))(t)
		imported := w.latestAction(p)
		changed(w.RemoveImports(ctx, p.ID, through.ID, []int64{1, 2}))(t)
		removed := w.latestAction(p)
		changed(w.ImportRepositories(ctx, through, []int64{1}))(t)
		expectUndo(t, "the removal", w.undo(p, removed.ID), map[db.UndoStatus]int{db.UndoChangedSince: 1, db.UndoRestored: 1})
		expectUndo(t, "the first import", w.undo(p, imported.ID), map[db.UndoStatus]int{db.UndoChangedSince: 1, db.UndoRemoved: 2})
		expectUndo(t, "the same again", w.undo(p, imported.ID), map[db.UndoStatus]int{db.UndoChangedSince: 1, db.UndoNotFound: 2})

		other := w.login(2, "bob")
		if _, err := w.UndoAction(ctx, other.ID, removed.ID); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("another user's undo: %v", err)
		}
		if list := got(w.ListActions(ctx, other.ID, db.ActionPage{Limit: 9}))(t); len(list) != 0 {
			t.Errorf("another user sees %+v", list)
		}
	})
}

// An import of a repository that the user no longer sees is restored hidden, and is shown when
// access returns.
func TestUndoKeepsInaccessibleImportsHidden(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p, through := w.member(1, "ada", acme, repos(1, 4, acme)...)
		first := changed(w.ImportRepositories(ctx, through, []int64{1, 2}))(t)
		changed(w.RemoveImports(ctx, p.ID, through.ID, []int64{1, 2}))(t)
		through = w.syncRepositories(through, repos(2, 3, acme)...) // 1 is gone
		expectUndo(t, "a removal", w.undo(p, w.latestAction(p).ID), map[db.UndoStatus]int{db.UndoRestored: 2})
		if list := w.allImports(p); len(list) != 1 || list[0].Repository.ID != 2 {
			t.Errorf("shown: %+v", list)
		}
		w.syncRepositories(through, repos(1, 4, acme)...)
		if list := w.allImports(p); len(list) != 2 || list[0].ID != first[0].ImportID {
			t.Errorf("with access again: %+v", list)
		}
	})
}

func TestUndoOfAutoImport(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p, through := w.member(1, "ada", acme, repos(1, 6, acme)...)
		changed(w.ImportRepositories(ctx, through, []int64{1}))(t)
		_, action, err := w.SetAutoImport(ctx, through, db.AutoImport{Mode: db.ImportAll}, nil)
		ok(t, err)
		if latest := w.latestAction(p); latest.Kind != db.ActionAutoImport || latest.Count != 5 || latest.ModeBefore != db.ImportOff || latest.ModeAfter != db.ImportAll {
			t.Errorf("the action is %+v", latest)
		}
		if _, same, err := w.SetAutoImport(ctx, through, db.AutoImport{Mode: db.ImportAll}, nil); err != nil || same != 0 {
			t.Errorf("the same setting is action %d, %v", same, err)
		}
		expectUndo(t, "auto-import", w.undo(p, action), map[db.UndoStatus]int{db.UndoRemoved: 5})
		if set := got(w.GetAutoImport(ctx, through))(t); set.Mode != db.ImportOff {
			t.Errorf("the setting is %+v", set)
		}
		if n := len(w.allImports(p)); n != 1 {
			t.Errorf("%d imports are left", n)
		}
	})
}

// Undoing all actions from the last to the first returns through the same lists.
func TestUndoInReverseOrderRestoresTheInitialState(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		seed := rand.Uint64()
		rng := rand.New(rand.NewPCG(seed, 0))
		p, through := w.member(1, "ada", acme, repos(1, 12, acme)...)
		type step struct {
			action int64
			before []db.Import
			out    int64
		}
		var steps []step
		for range 30 {
			var ids []int64
			for id := range int64(13) {
				if rng.IntN(4) == 0 {
					ids = append(ids, id)
				}
			}
			s := step{before: w.allImports(p), out: w.exclusions(through)}
			var err error
			if rng.IntN(2) == 0 {
				_, s.action, err = w.ImportRepositories(ctx, through, ids)
			} else {
				_, s.action, err = w.RemoveImports(ctx, p.ID, 0, ids)
			}
			ok(t, err)
			if s.action != 0 {
				steps = append(steps, s)
			}
		}
		for _, s := range slices.Backward(steps) {
			w.undo(p, s.action)
			if out := w.exclusions(through); !sameImports(w.allImports(p), s.before) || out != s.out {
				t.Fatalf("seed %d: undoing action %d leaves %d imports and %d exclusions, want %d and %d",
					seed, s.action, len(w.allImports(p)), out, len(s.before), s.out)
			}
		}
	})
}

// sameImports compares lists that may be empty.
func sameImports(a, b []db.Import) bool {
	return len(a) == 0 && len(b) == 0 || reflect.DeepEqual(a, b)
}
