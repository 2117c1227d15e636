package db_test

import (
	"errors"
	"testing"

	"neptun/db"
)

// TestR12ARemovedInstallationStaysHiddenUntilItIsAdded: neither a sync, a webhook nor a
// reinstall brings it back, and nothing that was the user's is left.
func TestR12ARemovedInstallationStaysHiddenUntilItIsAdded(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ada, in := w.member(1, "ada", acme, repos(1, 5, acme)...)
		bo, bos := w.member(2, "bo", acme, repos(1, 5, acme)...)
		w.importRepositories(in, 1, 2, 3)
		w.importRepositories(bos, 1)
		_, _, err := w.RemoveImports(ctx, ada.ID, in.ID, []int64{1})
		ok(t, err)
		removal := w.latestAction(ada)

		if err := w.RemoveInstallation(ctx, db.InstallationRecord{ID: in.ID, UserID: bo.ID}); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("another user's: %v", err)
		}
		ok(t, w.RemoveInstallation(ctx, in))
		if err := w.RemoveInstallation(ctx, in); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("removed twice: %v", err)
		}
		expectHidden := func(when string) {
			t.Helper()
			if list := got(w.ListAllInstallations(ctx, ada.ID, db.OrderByID, db.Page{}))(t); len(list) != 0 {
				t.Errorf("%s: %d installations are listed", when, len(list))
			}
			if list := w.allImports(ada); len(list) != 0 {
				t.Errorf("%s: %d imports are listed", when, len(list))
			}
		}
		expectHidden("after the removal")
		w.syncInstallations(ada, installed(700, acme))
		expectHidden("after a sync")
		ok(t, w.PutInstallation(ctx, installed(700, acme)))
		expectHidden("after a webhook")
		w.syncInstallations(ada, installed(701, acme))
		expectHidden("after a reinstall")
		if list := got(w.ListUninstalled(ctx, ada.ID))(t); len(list) != 0 {
			t.Errorf("%v is listed as uninstalled", list)
		}
		if _, err := w.UndoAction(ctx, ada.ID, removal.ID); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("the action of the record is undone: %v", err)
		}
		if n := w.reload(bos).ImportCount; n != 1 {
			t.Errorf("the other user has %d imports", n)
		}

		removed := got(w.ListRemovedInstallations(ctx, ada.ID))(t)
		if len(removed) != 1 || removed[0].GitHubID != 701 || removed[0].Account.Login != acme.Login || !removed[0].RemovedAt.Equal(w.clock.Now()) {
			t.Fatalf("removed are %+v", removed)
		}
		if err := w.AddInstallation(ctx, bo.ID, 701); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("added by another user: %v", err)
		}
		ok(t, w.AddInstallation(ctx, ada.ID, 701))
		again := w.record(ada, acme)
		if again.ID == in.ID || again.GitHubID != 701 || again.ImportCount != 0 {
			t.Errorf("it is stored as %+v", again)
		}
		if again.Sync.State != db.SyncQueued {
			t.Errorf("its sync is %s", again.Sync.State)
		}
		again = w.syncRepositories(again, repos(1, 5, acme)...)
		if again.RepositoryCount != 5 || again.ImportCount != 0 || w.exclusions(again) != 0 {
			t.Errorf("after its sync it is %+v", again)
		}
		if history := w.history(again); len(history) != 1 {
			t.Errorf("the history is %v", history)
		}
		if err := w.AddInstallation(ctx, ada.ID, 701); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("added twice: %v", err)
		}
	})
}

// TestR12RemovedInstallationsThatGitHubNoLongerShowsAreNotListed: a removed installation that GitHub stopped
// showing is neither listed nor added, and is still away when GitHub shows it again.
func TestR12RemovedInstallationsThatGitHubNoLongerShowsAreNotListed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ada, in := w.member(1, "ada", acme, repos(1, 1, acme)...)
		ok(t, w.RemoveInstallation(ctx, in))
		listed := func(want int) {
			t.Helper()
			if list := got(w.ListRemovedInstallations(ctx, ada.ID))(t); len(list) != want {
				t.Errorf("removed are %v", list)
			}
		}
		listed(1)
		w.syncInstallations(ada)
		listed(0)
		if err := w.AddInstallation(ctx, ada.ID, 700); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("added: %v", err)
		}
		w.syncInstallations(ada, installed(700, acme))
		listed(1)
		ok(t, w.MarkInstallationDeleted(ctx, 700))
		listed(0)
		if err := w.AddInstallation(ctx, ada.ID, 700); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("added when uninstalled: %v", err)
		}
	})
}

// TestR13FindingsSummarizeTheLatestSyncs: operators see what was skipped and why, until a
// later sync reads it.
func TestR13FindingsSummarizeTheLatestSyncs(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ada, in := w.member(1, "ada", acme, repos(1, 5, acme)...)
		finds := func(skipped db.Skipped, syncs int64) {
			t.Helper()
			found := got(w.ListFindings(ctx))(t)
			if found.Users.String() != skipped.String() || found.Syncs != syncs {
				t.Errorf("found is %+v, want %v in %d", found, skipped, syncs)
			}
		}
		finds(nil, 0)
		sync := func(skipped db.Skipped, note string) {
			t.Helper()
			target := got(w.SyncTarget(ctx, in.ID))(t)
			run := got(w.StartSync(ctx, db.SyncRepositories{RecordID: target.RecordID}))(t)
			ok(t, w.AnnotateSync(ctx, run, skipped, note))
			ok(t, w.FinishRepositoriesSync(ctx, target, run, false))
		}
		sync(db.Skipped{db.SkippedNull: 2, db.SkippedNoID: 1}, "3 were skipped.")
		finds(db.Skipped{db.SkippedNull: 2, db.SkippedNoID: 1}, 1)

		run := got(w.StartSync(ctx, db.SyncInstallations{UserID: ada.ID}))(t)
		ok(t, w.PutInstallations(ctx, ada.ID, run, []db.Installation{installed(700, acme)}))
		ok(t, w.AnnotateSync(ctx, run, db.Skipped{db.SkippedNull: 1}, "One was skipped."))
		ok(t, w.FinishInstallationsSync(ctx, ada.ID, run))
		finds(db.Skipped{db.SkippedNull: 3, db.SkippedNoID: 1}, 2)

		sync(nil, "The total is wrong.")
		finds(db.Skipped{db.SkippedNull: 1}, 2)
		sync(nil, "")
		w.syncInstallations(ada, installed(700, acme))
		finds(nil, 0)

		run = got(w.StartSync(ctx, db.SyncAppInstallations{}))(t)
		ok(t, w.AnnotateSync(ctx, run, db.Skipped{db.SkippedNoAccount: 1}, ""))
		ok(t, w.FinishSync(ctx, run))
		got(w.StartSync(ctx, db.SyncAppInstallations{}))(t)
		if found := got(w.ListFindings(ctx))(t); found.App[db.SkippedNoAccount] != 1 {
			t.Errorf("of the App's list %v", found.App)
		}
	})
}
