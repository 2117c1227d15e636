package db_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
)

// statuses are those of a bulk action, in the order of its rows.
func statuses(bulk db.BulkAction) (list []db.BulkStatus) {
	for _, row := range bulk.Rows {
		list = append(list, row.Status)
	}
	return list
}

// The selection is fixed: repositories added before it is confirmed don't count, and removed ones are
// reported.
func TestD1ABulkActionDoesWhatItsPreviewShowed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ada := w.login(1, "ada")
		w.syncInstallations(ada, installed(700, acme), installed(800, beta))
		through := w.syncRepositories(w.record(ada, acme), repos(1, 5, acme)...)
		others := w.syncRepositories(w.record(ada, beta), repos(1001, 2, beta)...)
		w.importRepositories(through, 2)

		ids := got(w.ListMatching(ctx, through, db.Filter{}))(t)
		id := got(w.CreateBulkAction(ctx, ada.ID, through.ID, db.ActionImport, append(ids, 1001, 1)))(t)
		shown := got(w.GetBulkAction(ctx, ada.ID, id))(t)
		want := []db.BulkStatus{db.BulkImport, db.BulkAlreadyImported, db.BulkImport, db.BulkImport, db.BulkImport, db.BulkNotFound}
		if !slices.Equal(statuses(shown), want) || shown.Rows[5].Name != "" || shown.Rows[0].Name != "repo-00001" || !shown.ConfirmedAt.IsZero() {
			t.Errorf("shown: %+v", shown)
		}
		w.syncRepositories(through, slices.Concat(repos(1, 2, acme), repos(4, 6, acme))...) // 3 goes, 6 to 9 come
		done := got(w.ConfirmBulkAction(ctx, ada.ID, id))(t)
		want = []db.BulkStatus{db.BulkImported, db.BulkAlreadyImported, db.BulkNotFound, db.BulkImported, db.BulkImported, db.BulkNotFound}
		if !slices.Equal(statuses(done), want) || done.ActionID == 0 {
			t.Errorf("done: %+v", done)
		}
		if n := got(w.CountImports(ctx, ada.ID, db.Filter{}))(t); n != 4 {
			t.Errorf("%d imports", n)
		}
		again := got(w.ConfirmBulkAction(ctx, ada.ID, id))(t)
		if done.Repeated || !again.Repeated {
			t.Errorf("repeated: first %t, then %t", done.Repeated, again.Repeated)
		}
		again.Repeated = false
		if fmt.Sprint(again) != fmt.Sprint(done) || fmt.Sprint(got(w.GetBulkAction(ctx, ada.ID, id))(t)) != fmt.Sprint(done) {
			t.Errorf("confirmed again %+v, first %+v", again, done)
		}

		// Over several installations it is one action.
		id = got(w.CreateBulkAction(ctx, ada.ID, 0, db.ActionImport, []int64{1002, 6, 1001, 77}))(t)
		all := got(w.ConfirmBulkAction(ctx, ada.ID, id))(t)
		if !slices.Equal(statuses(all), []db.BulkStatus{db.BulkImported, db.BulkImported, db.BulkImported, db.BulkNotFound}) {
			t.Errorf("over all: %+v", all)
		}
		actions := got(w.ListActions(ctx, ada.ID, db.ActionPage{Limit: 10}))(t)
		if actions[0].ID != all.ActionID || actions[0].Count != 3 || actions[0].InstallationID != 0 {
			t.Errorf("the action: %+v", actions[0])
		}
		if n := w.reload(others).ImportCount; n != 2 {
			t.Errorf("%d imports counted in the other installation", n)
		}
		got(w.UndoAction(ctx, ada.ID, all.ActionID))(t)
		if n := got(w.CountImports(ctx, ada.ID, db.Filter{}))(t); n != 4 {
			t.Errorf("%d imports after undo", n)
		}

		id = got(w.CreateBulkAction(ctx, ada.ID, 0, db.ActionRemove, []int64{1, 6, 77}))(t)
		if removal := got(w.GetBulkAction(ctx, ada.ID, id))(t); !slices.Equal(statuses(removal), []db.BulkStatus{db.BulkRemove, db.BulkNotImported, db.BulkNotFound}) {
			t.Errorf("a removal: %+v", removal)
		}
		if removal := got(w.ConfirmBulkAction(ctx, ada.ID, id))(t); !slices.Equal(statuses(removal), []db.BulkStatus{db.BulkRemoved, db.BulkNotImported, db.BulkNotFound}) {
			t.Errorf("a removal: %+v", removal)
		}

		bob := w.login(2, "bob")
		if _, err := w.GetBulkAction(ctx, bob.ID, id); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("another user's: %v", err)
		}
		w.clock.Advance(2 * day)
		if _, err := w.ConfirmBulkAction(ctx, ada.ID, id); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("after two days: %v", err)
		}
		ok(t, w.CleanUp(ctx))
		if left := column(t, w.raw(), "SELECT kind FROM bulk_actions"); len(left) != 0 {
			t.Errorf("left: %v", left)
		}
	})
}

// TestD1ASuspendedInstallationImportsNothing: the others of a bulk action do.
func TestD1ASuspendedInstallationImportsNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ada := w.login(1, "ada")
		asleep := installed(800, beta)
		w.syncInstallations(ada, installed(700, acme), asleep)
		w.syncRepositories(w.record(ada, acme), repos(1, 1, acme)...)
		w.syncRepositories(w.record(ada, beta), repos(1001, 1, beta)...)
		asleep.SuspendedAt = w.clock.Now()
		w.syncInstallations(ada, installed(700, acme), asleep)
		id := got(w.CreateBulkAction(ctx, ada.ID, 0, db.ActionImport, []int64{1, 1001}))(t)
		want := []db.BulkStatus{db.BulkImported, db.BulkSuspended}
		if done := got(w.ConfirmBulkAction(ctx, ada.ID, id))(t); !slices.Equal(statuses(done), want) {
			t.Errorf("%+v", done)
		}
	})
}

// Imports removed together are restored under the same ids.
func TestD1UndoOfABulkRemoval(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		n := dbtest.Size(60, 5000)
		ada, through := w.member(1, "ada", acme, repos(1, n, acme)...)
		ids := got(w.ListMatching(ctx, through, db.Filter{}))(t)
		got(w.ConfirmBulkAction(ctx, ada.ID, got(w.CreateBulkAction(ctx, ada.ID, through.ID, db.ActionImport, ids))(t)))(t)
		before := column(t, w.raw(), "SELECT id || ' ' || repository_id FROM imports ORDER BY id")
		removal := got(w.ConfirmBulkAction(ctx, ada.ID, got(w.CreateBulkAction(ctx, ada.ID, through.ID, db.ActionRemove, ids))(t)))(t)
		if left := got(w.CountImports(ctx, ada.ID, db.Filter{}))(t); left != 0 || len(before) != n {
			t.Fatalf("%d of %d left", left, len(before))
		}
		got(w.UndoAction(ctx, ada.ID, removal.ActionID))(t)
		if after := column(t, w.raw(), "SELECT id || ' ' || repository_id FROM imports ORDER BY id"); !slices.Equal(before, after) {
			t.Errorf("%d imports were restored with changes", len(after))
		}
	})
}
