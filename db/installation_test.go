package db_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
)

func TestTwoUsersHaveSeparateRecords(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ada, adas := w.member(1, "ada", acme, repos(1, 5, acme)...)
		bob, bobs := w.member(2, "bob", acme, repos(1, 2, acme)...)
		w.importRepositories(adas, 1, 2, 3)
		w.importRepositories(bobs, 2)
		adas, bobs = w.reload(adas), w.reload(bobs)

		if adas.ID == bobs.ID || adas.GitHubID != bobs.GitHubID || adas.Account != bobs.Account {
			t.Errorf("the records are %+v and %+v", adas, bobs)
		}
		if adas.RepositoryCount != 5 || adas.ImportCount != 3 || bobs.RepositoryCount != 2 || bobs.ImportCount != 1 {
			t.Errorf("the counts are %d/%d and %d/%d", adas.RepositoryCount, adas.ImportCount, bobs.RepositoryCount, bobs.ImportCount)
		}
		for _, guess := range []struct {
			userID string
			id     int64
		}{{ada.ID, bobs.ID}, {bob.ID, adas.ID}, {ada.ID, 999}, {"", adas.ID}, {ada.ID, -1}} {
			if i, err := w.GetInstallation(ctx, guess.userID, guess.id); !errors.Is(err, db.ErrNotFound) {
				t.Errorf("Installation(%v) = %+v, %v", guess, i, err)
			}
		}
		if n := got(w.CountInstallations(ctx, ada.ID, db.InstallationFilter{}))(t); n != 1 {
			t.Errorf("ada has %d installations", n)
		}
	})
}

func TestInstallationHasGitHubsFields(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.login(1, "ada")
		enterprise := db.Account{Kind: db.KindEnterprise, GitHubID: acme.GitHubID, Login: "globex", AvatarURL: "a", HTMLURL: "h"}
		facts := installed(5, enterprise)
		facts.RepositorySelection = db.SelectionSelected
		facts.SuspendedAt, facts.SuspendedBy = w.clock.Now().Add(-time.Hour), "octocat"
		w.syncInstallations(p, facts, installed(6, acme))
		i := w.record(p, enterprise)
		if i.Account != enterprise || i.GitHubID != 5 || i.RepositorySelection != db.SelectionSelected || i.HTMLURL != facts.HTMLURL ||
			!i.Suspended() || !i.SuspendedAt.Equal(facts.SuspendedAt) || i.SuspendedBy != "octocat" || i.UserID != p.ID ||
			!i.SyncedAt.IsZero() || !i.CreatedAt.Equal(w.clock.Now()) || i.Sync.State != db.SyncQueued {
			t.Errorf("the record reads %+v", i)
		}
		// GitHub's ids are unique within a kind only.
		if same := w.record(p, acme); same.ID == i.ID || same.Suspended() {
			t.Errorf("an organization with the enterprise's id reads %+v", same)
		}
	})
}

func TestInstallationsArePagedInEachOrder(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p := w.login(1, "ada")
		var facts []db.Installation
		for i, login := range []string{"Zeta", "alpha", "Midway", "beta"} {
			facts = append(facts, installed(int64(i+1), db.Account{Kind: db.KindOrganization, GitHubID: int64(100 - i), Login: login}))
		}
		w.syncInstallations(p, facts...)
		for order, want := range map[db.InstallationOrder]string{
			db.OrderByID:    "[Zeta alpha Midway beta]",
			db.OrderByLogin: "[alpha beta Midway Zeta]",
		} {
			var logins []string
			for offset := 0; offset < 6; offset += 3 {
				for _, i := range got(w.ListAllInstallations(ctx, p.ID, order, db.Page{Limit: 3, Offset: offset}))(t) {
					logins = append(logins, i.Account.Login)
				}
			}
			if fmt.Sprint(logins) != want {
				t.Errorf("by %s: %v, want %s", order, logins, want)
			}
		}
		if n := got(w.CountInstallations(ctx, p.ID, db.InstallationFilter{}))(t); n != 4 {
			t.Errorf("CountInstallations = %d", n)
		}
	})
}

func TestReinstallContinuesTheRecord(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, before := w.member(1, "ada", acme, repos(1, 3, acme)...)
		imported := w.importRepositories(before, 1, 2)
		ok(t, w.MarkInstallationDeleted(t.Context(), before.GitHubID))
		if target := got(w.SyncTarget(t.Context(), before.ID))(t); !target.Gone {
			t.Error("an uninstalled App has something to sync")
		}

		w.clock.Advance(time.Hour)
		w.syncInstallations(p, installed(4242, acme))
		if target := got(w.SyncTarget(t.Context(), before.ID))(t); target.Gone || target.GitHubID != 4242 {
			t.Errorf("the sync's subject is %+v", target)
		}
		after := w.syncRepositories(w.record(p, acme), repos(1, 3, acme)...)
		if after.ID != before.ID || after.GitHubID != 4242 || after.ImportCount != 2 || !after.CreatedAt.Equal(before.CreatedAt) {
			t.Errorf("the record became %+v", after)
		}
		if ids := w.importRepositories(after, 1, 2); fmt.Sprint(ids) != fmt.Sprint(imported) {
			t.Errorf("imports have ids %v, had %v", ids, imported)
		}
	})
}

func TestHiddenRecordShowsNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p, through := w.member(1, "ada", acme, repos(1, 3, acme)...)
		imported := w.importRepositories(through, 1, 2)
		bob, bobs := w.member(2, "bob", acme, repos(1, 3, acme)...)
		w.importRepositories(bobs, 1)
		hash := w.session(p)

		w.syncInstallations(p) // GitHub shows ada no installation any more

		if _, err := w.GetInstallation(ctx, p.ID, through.ID); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("Installation = %v", err)
		}
		if n := got(w.CountInstallations(ctx, p.ID, db.InstallationFilter{}))(t); n != 0 {
			t.Errorf("CountInstallations = %d", n)
		}
		nothing(t, w, p, through)
		if v := got(w.ImportsVersions(ctx, hash, through.ID))(t); v.RecordID != 0 {
			t.Errorf("ImportsVersions = %+v", v)
		}
		if _, _, _, err := w.ImportsSnapshot(ctx, hash, through.ID, db.Page{}); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("ImportsSnapshot = %v", err)
		}
		if target := got(w.SyncTarget(ctx, through.ID))(t); !target.Gone {
			t.Error("a hidden record has something to sync")
		}
		if err := w.RemoveImport(ctx, through, imported[0]); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("a hidden import can be removed: %v", err)
		}
		if n := changed(w.RemoveImports(ctx, p.ID, 0, []int64{1, 2}))(t); n != 0 {
			t.Errorf("%d hidden imports were removed", n)
		}
		if hisNow := w.record(bob, acme); hisNow.RepositoryCount != 3 || hisNow.ImportCount != 1 {
			t.Errorf("bob's record became %+v", hisNow)
		}

		// Back again: nothing is shown that the sync hasn't seen yet.
		w.syncInstallations(p, installed(700, acme))
		back := w.record(p, acme)
		if back.ID != through.ID {
			t.Errorf("record %d returned as %d", through.ID, back.ID)
		}
		nothing(t, w, p, back)
		back = w.syncRepositories(back, repos(2, 2, acme)...)
		list := got(w.ListInstallationImports(ctx, back, db.Filter{}, db.SortID, db.Page{}))(t)
		if len(list) != 1 || list[0].ID != imported[1] || back.ImportCount != 1 || back.RepositoryCount != 2 {
			t.Errorf("after the sync: %+v with %v", back, list)
		}
	})
}

// nothing checks that no list shows a user anything through a record.
func nothing(t *testing.T, w *world, p db.User, through db.InstallationRecord) {
	t.Helper()
	ctx := t.Context()
	some := db.Filter{Archived: db.No}
	if list := got(w.ListAvailable(ctx, through, db.Filter{}, db.SortName, db.Page{}))(t); len(list) > 0 {
		t.Errorf("Available = %v", list)
	}
	if n := got(w.CountAvailable(ctx, through, some))(t); n > 0 {
		t.Errorf("CountAvailable = %d", n)
	}
	if list := got(w.ListInstallationImports(ctx, through, db.Filter{}, db.SortID, db.Page{}))(t); len(list) > 0 {
		t.Errorf("ImportsThrough = %v", list)
	}
	if list := got(w.ListImports(ctx, p.ID, db.Filter{}, db.SortID, db.Page{}))(t); len(list) > 0 {
		t.Errorf("Imports = %v", list)
	}
	if n := got(w.CountImports(ctx, p.ID, db.Filter{}))(t); n > 0 {
		t.Errorf("CountImports = %d", n)
	}
	if f := got(w.CountFacets(ctx, got(w.IndexFacets(ctx, through))(t), db.Filter{}))(t); len(f.Languages)+len(f.Visibilities) > 0 {
		t.Errorf("Facets = %+v", f)
	}
}

// TestRecordThatAppearsStartsEmpty: a transfer brought access to an account
// that the user had no record of. The record that comes later shows what
// GitHub shows through it, not what was left there.
func TestRecordThatAppearsStartsEmpty(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ada, adas := w.member(1, "ada", acme, repos(1, 2, acme)...)
		w.importRepositories(adas, 1)
		bob, _ := w.member(2, "bob", acme, repos(1, 2, acme)...)
		w.syncInstallations(bob, installed(700, acme), installed(800, beta))
		w.syncRepositories(w.record(bob, beta), repo(1, "moved", beta))

		if list := got(w.ListImports(t.Context(), ada.ID, db.Filter{}, db.SortID, db.Page{}))(t); len(list) > 0 {
			t.Errorf("an import is listed under an account that ada has no record of: %v", list)
		}
		w.syncInstallations(ada, installed(700, acme), installed(800, beta))
		nothing(t, w, ada, w.record(ada, beta))
		if after := w.syncRepositories(w.record(ada, beta), repo(1, "moved", beta)); after.ImportCount != 1 {
			t.Errorf("the import didn't follow the transfer: %+v", after)
		}
	})
}

// TestLatePageOfAHiddenRecordShowsNothing: a sync that was under way when the
// record was hidden writes a page more.
func TestLatePageOfAHiddenRecordShowsNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p, through := w.member(1, "ada", acme, repos(1, 3, acme)...)
		w.importRepositories(through, 1)
		target := got(w.SyncTarget(ctx, through.ID))(t)
		run := got(w.StartSync(ctx, db.SyncRepositories{RecordID: target.RecordID}))(t)
		w.syncInstallations(p)
		ok(t, dbtest.PutRepositories(ctx, w.DB, target, run, repos(1, 3, acme)))

		if list := got(w.ListImports(ctx, p.ID, db.Filter{}, db.SortID, db.Page{}))(t); len(list) > 0 {
			t.Errorf("imports through a hidden record are listed: %v", list)
		}
		if n := got(w.CountImports(ctx, p.ID, db.Filter{}))(t); n > 0 {
			t.Errorf("%d imports through a hidden record are counted", n)
		}
		w.syncInstallations(p, installed(700, acme))
		nothing(t, w, p, w.record(p, acme))
	})
}

// TestPutInstallationUpdatesAllRecords: a webhook's word changes all records.
func TestPutInstallationUpdatesAllRecords(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, adas := w.member(1, "ada", acme, repos(1, 2, acme)...)
		_, bobs := w.member(2, "bob", acme, repos(1, 2, acme)...)
		facts := installed(700, acme)
		facts.SuspendedAt = w.clock.Now()
		facts.Account.Login = "Acme-Renamed"
		ok(t, w.PutInstallation(t.Context(), facts))
		for _, i := range []db.InstallationRecord{w.reload(adas), w.reload(bobs)} {
			if !i.Suspended() || i.Account.Login != "Acme-Renamed" || i.RepositoryCount != 2 {
				t.Errorf("the record reads %+v", i)
			}
		}
	})
}

func TestSuspensionStopsImportsAndShowsTheList(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p, through := w.member(1, "ada", acme, repos(1, 3, acme)...)
		imported := w.importRepositories(through, 1)
		facts := installed(700, acme)
		facts.SuspendedAt = w.clock.Now()
		w.syncInstallations(p, facts)
		through = w.reload(through)
		if !got(w.SyncTarget(ctx, through.ID))(t).Suspended {
			t.Error("the sync doesn't have the suspension")
		}
		if _, _, err := w.ImportRepositories(ctx, through, []int64{2}); !errors.Is(err, db.ErrSuspended) {
			t.Errorf("ImportRepositories = %v", err)
		}
		if _, _, err := w.ImportMatching(ctx, through, db.Filter{}); !errors.Is(err, db.ErrSuspended) {
			t.Errorf("ImportMatching = %v", err)
		}
		list := got(w.ListInstallationImports(ctx, through, db.Filter{}, db.SortID, db.Page{}))(t)
		if len(list) != 1 || list[0].ID != imported[0] || through.RepositoryCount != 3 {
			t.Errorf("suspended: %+v with %v", through, list)
		}
		ok(t, w.RemoveImport(ctx, through, imported[0]))
	})
}
