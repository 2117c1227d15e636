package db_test

import (
	"errors"
	"slices"
	"testing"

	"neptun/db"
)

// Two users of one organization, whose permissions only overlap in repository 3.
func TestUsersDoNotSeeEachOthersRepositories(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		hidden := repo(1, "secret-of-ada", acme)
		hidden.Language, hidden.Visibility, hidden.Topics = "Ada", "private", []string{"secret"}
		adas := []db.ListedRepository{hidden, repo(2, "ada", acme), repo(3, "shared", acme)}
		bobs := []db.ListedRepository{repo(3, "shared", acme), repo(4, "bob", acme)}
		ada, adaIn := w.member(1, "ada", acme, adas...)
		bob, bobIn := w.member(2, "bob", acme, bobs...)
		adaImports := w.importRepositories(adaIn, 1, 2, 3)
		bobImports := w.importRepositories(bobIn, 3, 4)
		adaIn, bobIn = w.reload(adaIn), w.reload(bobIn)

		for _, one := range []struct {
			p                 db.User
			in                db.InstallationRecord
			may, foreign      []int64
			own, othersImport []int64
			others            db.InstallationRecord
		}{
			{ada, adaIn, []int64{1, 2, 3}, []int64{4}, adaImports, bobImports, bobIn},
			{bob, bobIn, []int64{3, 4}, []int64{1, 2}, bobImports, adaImports, adaIn},
		} {
			for _, f := range []db.Filter{{}, {Imported: db.Yes}, {Archived: db.No}, {Query: "a", Topic: ""}, {Topic: "secret"}, {Language: "Ada"}, {Query: "secret-of-ada"}} {
				ids := map[int64]bool{}
				for _, item := range got(w.ListAvailable(ctx, one.in, f, db.SortName, db.Page{}))(t) {
					ids[item.ID] = true
					if item.ImportID > 0 && !slices.Contains(one.own, item.ImportID) {
						t.Errorf("%s sees import %d", one.p.Login, item.ImportID)
					}
				}
				if n := got(w.CountAvailable(ctx, one.in, f))(t); n != int64(len(ids)) {
					t.Errorf("under %+v %s counts %d and sees %d", f, one.p.Login, n, len(ids))
				}
				for _, item := range got(w.ListInstallationImports(ctx, one.in, f, db.SortID, db.Page{}))(t) {
					ids[item.Repository.ID] = true
				}
				for _, item := range got(w.ListImports(ctx, one.p.ID, f, db.SortID, db.Page{}))(t) {
					ids[item.Repository.ID] = true
				}
				for _, id := range one.foreign {
					if ids[id] {
						t.Errorf("under %+v %s sees repository %d", f, one.p.Login, id)
					}
				}
				if f == (db.Filter{}) && len(ids) != len(one.may) {
					t.Errorf("%s sees %v, want %v", one.p.Login, ids, one.may)
				}
			}
			if n := got(w.CountImports(ctx, one.p.ID, db.Filter{}))(t); n != int64(len(one.own)) {
				t.Errorf("%s counts %d imports", one.p.Login, n)
			}
			languages := got(w.CountFacets(ctx, got(w.IndexFacets(ctx, one.in))(t), db.Filter{}))(t).Languages
			if sees := slices.ContainsFunc(languages, func(v db.FacetValue) bool { return v.Value == "Ada" }); sees != (one.p == ada) {
				t.Errorf("%s's facets are %v", one.p.Login, languages)
			}

			for _, result := range changed(w.ImportRepositories(ctx, one.in, one.foreign))(t) {
				if result.Status != db.ImportNotFound || result.ImportID != 0 {
					t.Errorf("%s imported %+v", one.p.Login, result)
				}
			}
			forged := []db.ImportResult{{RepositoryID: one.foreign[0], Status: db.Imported, ImportID: one.othersImport[0]}}
			for item, err := range w.StreamImported(ctx, one.in, forged) {
				if item != nil || err != nil {
					t.Errorf("%s reads the import %+v, %v", one.p.Login, item, err)
				}
			}
			for _, id := range one.othersImport {
				if err := w.RemoveImport(ctx, one.in, id); !errors.Is(err, db.ErrNotFound) {
					t.Errorf("%s removed another user's import %d: %v", one.p.Login, id, err)
				}
			}
			if n := changed(w.RemoveImports(ctx, one.p.ID, 0, one.foreign))(t); n != 0 {
				t.Errorf("%s removed %d imports of another user", one.p.Login, n)
			}
			if _, err := w.GetInstallation(ctx, one.p.ID, one.others.ID); !errors.Is(err, db.ErrNotFound) {
				t.Errorf("%s reads record %d: %v", one.p.Login, one.others.ID, err)
			}
			hash := w.session(one.p)
			if v := got(w.ImportsVersions(ctx, hash, one.others.ID))(t); v.RecordID != 0 || v.Records != 0 {
				t.Errorf("%s's versions of record %d are %+v", one.p.Login, one.others.ID, v)
			}
			if _, list, _, err := w.ImportsSnapshot(ctx, hash, one.others.ID, db.Page{}); !errors.Is(err, db.ErrNotFound) || len(list) > 0 {
				t.Errorf("%s's snapshot of record %d is %v, %v", one.p.Login, one.others.ID, list, err)
			}
		}
		if a, b := w.reload(adaIn), w.reload(bobIn); a.ImportCount != 3 || b.ImportCount != 2 {
			t.Errorf("after random undos there are %d and %d imports", a.ImportCount, b.ImportCount)
		}
	})
}

// TestImportOfAnotherInstallationIsNotFound: an id counts through its own record.
func TestImportOfAnotherInstallationIsNotFound(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p := w.login(1, "ada")
		w.syncInstallations(p, installed(700, acme), installed(800, beta))
		first := w.syncRepositories(w.record(p, acme), repos(1, 2, acme)...)
		second := w.syncRepositories(w.record(p, beta), repos(11, 2, beta)...)
		id := w.importRepositories(first, 1)[0]
		if err := w.RemoveImport(ctx, second, id); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("RemoveImport through another record = %v", err)
		}
		if r := changed(w.ImportRepositories(ctx, second, []int64{1, 11}))(t); r[0].Status != db.ImportNotFound || r[1].Status != db.Imported {
			t.Errorf("ImportRepositories through another record = %+v", r)
		}
		if n := changed(w.RemoveImports(ctx, p.ID, 0, []int64{1, 11}))(t); n != 2 {
			t.Errorf("RemoveImports over both installations = %d", n)
		}
		if a, b := w.reload(first), w.reload(second); a.ImportCount != 0 || b.ImportCount != 0 {
			t.Errorf("the counts are %d and %d", a.ImportCount, b.ImportCount)
		}
	})
}
