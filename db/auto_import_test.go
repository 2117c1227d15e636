package db_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
)

// fleet is six repositories that differ in the fields that rules test.
func fleet() []db.ListedRepository {
	list := repos(1, 6, acme)
	for i, change := range []func(*db.ListedRepository){
		func(r *db.ListedRepository) { r.Name = "api-users" },
		func(r *db.ListedRepository) { r.Name, r.IsArchived = "API-orders", true },
		func(r *db.ListedRepository) { r.Name, r.IsFork = "web_shop", true },
		func(r *db.ListedRepository) { r.Name, r.Language = "web-shop", "TypeScript" },
		func(r *db.ListedRepository) { r.Name, r.Topics = "tool", []string{"cli", "go"} },
		func(r *db.ListedRepository) { r.Name, r.Visibility, r.IsPrivate = "100%", "private", true },
	} {
		change(&list[i])
	}
	return list
}

// imported are the ids of the repositories that are imported through a record.
func (w *world) imported(through db.InstallationRecord) []int64 {
	w.t.Helper()
	var ids []int64
	for _, item := range got(w.ListInstallationImports(w.t.Context(), through, db.Filter{}, db.SortID, db.Page{}))(w.t) {
		ids = append(ids, item.Repository.ID)
	}
	slices.Sort(ids)
	return ids
}

func rules(list ...db.ImportRule) db.AutoImport {
	return db.AutoImport{Mode: db.ImportRules, Rules: list}
}

func TestRulesMatchRepositoriesThatMeetAllConditions(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, through := w.member(1, "ada", acme, fleet()...)
		for _, c := range []struct {
			set  db.AutoImport
			want []int64
		}{
			{db.AutoImport{Mode: db.ImportOff, Rules: []db.ImportRule{{Fork: db.Yes}}}, nil},
			{db.AutoImport{Mode: db.ImportAll}, []int64{1, 2, 3, 4, 5, 6}},
			{rules(), nil},
			{rules(db.ImportRule{Name: "api-*"}), []int64{1, 2}},
			{rules(db.ImportRule{Name: "API-*", Archived: db.No}), []int64{1}},
			{rules(db.ImportRule{Name: "api"}), nil},
			{rules(db.ImportRule{Name: "web?shop"}), []int64{3, 4}},
			{rules(db.ImportRule{Name: "web_shop"}), []int64{3}},
			{rules(db.ImportRule{Name: "100%"}), []int64{6}},
			{rules(db.ImportRule{Name: "1%"}), nil},
			{rules(db.ImportRule{Topic: "cli"}), []int64{5}},
			{rules(db.ImportRule{Language: "TypeScript"}, db.ImportRule{Visibility: "private"}), []int64{4, 6}},
			{rules(db.ImportRule{Fork: db.No, Archived: db.No, Language: "Go"}), []int64{1, 5, 6}},
		} {
			preview := got(w.PreviewAutoImport(ctx, through, c.set, db.Page{}))(t)
			var ids []int64
			for _, r := range preview.Repositories {
				ids = append(ids, r.ID)
			}
			slices.Sort(ids)
			if !slices.Equal(ids, c.want) || preview.WouldImport != int64(len(c.want)) {
				t.Errorf("%+v takes %v (%d), want %v", c.set, ids, preview.WouldImport, c.want)
			}
		}
		if n := len(w.imported(through)); n != 0 {
			t.Errorf("previews imported %d", n)
		}
	})
}

func TestAutoImportImportsExistingAndNewRepositories(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, through := w.member(1, "ada", acme, fleet()...)
		_, others := w.member(2, "bob", acme, fleet()...)
		first := w.importRepositories(through, 1)[0]
		set := rules(db.ImportRule{Name: "api-*"})
		if n := changed(w.SetAutoImport(ctx, through, set, nil))(t); n != 1 {
			t.Errorf("%d imported at once, want 1", n)
		}
		if stored := got(w.GetAutoImport(ctx, through))(t); fmt.Sprint(stored) != fmt.Sprint(set) {
			t.Errorf("stored %+v", stored)
		}
		page := append(fleet(), repo(7, "api-new", acme), repo(8, "other", acme))
		page[4].Name = "api-tool" // renamed on GitHub
		through = w.syncRepositories(through, page...)
		if ids := w.imported(through); !slices.Equal(ids, []int64{1, 2, 5, 7}) || through.ImportCount != 4 {
			t.Errorf("imported %v, counted %d", ids, through.ImportCount)
		}
		if again := w.importRepositories(through, 1)[0]; again != first {
			t.Errorf("the manual import has the id %d, had %d", again, first)
		}
		if ids := w.imported(w.syncRepositories(others, page...)); len(ids) > 0 {
			t.Errorf("another user's rules imported %v for bob", ids)
		}
	})
}

func TestManuallyRemovedImportsStayExcluded(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p, through := w.member(1, "ada", acme, fleet()...)
		all := db.AutoImport{Mode: db.ImportAll}
		changed(w.SetAutoImport(ctx, through, all, nil))(t)
		ok(t, w.RemoveImport(ctx, through, w.importRepositories(through, 2)[0]))
		if n := changed(w.RemoveImports(ctx, p.ID, 0, []int64{3, 4, 99}))(t); n != 2 {
			t.Errorf("%d removed", n)
		}
		through = w.syncRepositories(through, fleet()...)
		if ids := w.imported(through); !slices.Equal(ids, []int64{1, 5, 6}) {
			t.Errorf("after a sync %v are imported", ids)
		}
		preview := got(w.PreviewAutoImport(ctx, through, all, db.Page{}))(t)
		if preview.WouldImport != 0 || preview.Imported != 3 || preview.Excluded != 3 {
			t.Errorf("preview = %+v", preview)
		}
		list, total, err := w.ListExclusions(ctx, through, db.Page{Limit: 2, Offset: 1})
		if ok(t, err); total != 3 || len(list) != 2 || list[0].Repository.FullName() != "Acme/web-shop" || !list[0].Since.Equal(w.clock.Now()) {
			t.Errorf("exclusions = %+v of %d", list, total)
		}

		if back := got(w.RemoveExclusion(ctx, through, 3))(t); !back {
			t.Error("a repository whose exclusion was removed isn't imported immediately")
		}
		w.importRepositories(through, 4) // by hand
		if _, total, _ := w.ListExclusions(ctx, through, db.Page{}); total != 1 {
			t.Errorf("%d exclusions are left", total)
		}
		changed(w.SetAutoImport(ctx, through, db.AutoImport{Mode: db.ImportOff}, nil))(t)
		if back := got(w.RemoveExclusion(ctx, through, 2))(t); back {
			t.Error("imported although auto-import is off")
		}
		for _, id := range []int64{2, 1, 99} {
			if _, err := w.RemoveExclusion(ctx, through, id); !errors.Is(err, db.ErrNotFound) {
				t.Errorf("lifting %d = %v", id, err)
			}
		}
	})
}

func TestAutoImportIsPerUser(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, through := w.member(1, "ada", acme, fleet()...)
		_, foreign := w.member(2, "bob", beta, repos(20, 2, beta)...)
		through.UserID = foreign.UserID // as if bob had found ada's record
		if _, err := w.GetAutoImport(ctx, through); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("read = %v", err)
		}
		if _, _, err := w.SetAutoImport(ctx, through, db.AutoImport{Mode: db.ImportAll}, nil); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("write = %v", err)
		}
		if _, err := w.RemoveExclusion(ctx, through, 1); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("lift = %v", err)
		}
	})
}

func TestNothingIsImportedIntoASuspendedInstallation(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p, through := w.member(1, "ada", acme, fleet()...)
		facts := installed(acme.GitHubID*100, acme)
		facts.SuspendedAt = w.clock.Now()
		w.syncInstallations(p, facts)
		if n := changed(w.SetAutoImport(ctx, through, db.AutoImport{Mode: db.ImportAll}, nil))(t); n != 0 {
			t.Errorf("%d imported", n)
		}
		w.syncInstallations(p, installed(acme.GitHubID*100, acme))
		if ids := w.imported(w.syncRepositories(through, fleet()...)); len(ids) != 6 {
			t.Errorf("once it works again %v are imported", ids)
		}
	})
}

func TestRemovingARecordDeletesItsExclusions(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p, through := w.member(1, "ada", acme, fleet()...)
		w.importRepositories(through, 1, 2)
		changed(w.RemoveImports(ctx, p.ID, 0, []int64{1}))(t)
		ok(t, w.MarkInstallationDeleted(ctx, through.GitHubID))
		ok(t, w.DeleteUninstalled(ctx, p.ID, through.ID))
		if left := column(t, w.raw(), "SELECT COUNT(*) FROM import_exclusions"); left[0] != "0" {
			t.Errorf("%s exclusions are left", left[0])
		}
	})
}

// R18: of two concurrent changes of the same settings, the second is checked against what the first stored.
func TestR18AChangeIsCheckedWhileNobodyElseChanges(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, through := w.member(1, "ada", acme, fleet()...)
		waiting := w.WriterStats().WaitCount
		second := make(chan error, 1)
		checked := make(chan db.AutoImport, 1)
		changed(w.SetAutoImport(ctx, through, rules(db.ImportRule{Name: "first"}), func(db.AutoImport, int64) error {
			go func() {
				_, _, err := w.SetAutoImport(ctx, through, rules(db.ImportRule{Name: "second"}), func(stored db.AutoImport, _ int64) error {
					checked <- stored
					return nil
				})
				second <- err
			}()
			dbtest.Until(t, "the second change waits", func() bool {
				if len(checked) > 0 {
					return true
				}
				if !onPostgres(w.url) {
					return w.WriterStats().WaitCount > waiting
				}
				return len(column(t, w.raw(), `SELECT pid FROM pg_stat_activity
					WHERE datname = current_database() AND query LIKE '%LockAutomaticImport%' AND cardinality(pg_blocking_pids(pid)) > 0`)) > 0
			})
			if len(checked) > 0 {
				t.Error("the second change was checked before the first was stored")
			}
			return nil
		}))(t)
		ok(t, <-second)
		if stored := <-checked; len(stored.Rules) != 1 || stored.Rules[0].Name != "first" {
			t.Errorf("the second change was checked against %+v", stored)
		}
	})
}
