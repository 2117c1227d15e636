package db_test

import (
	"iter"
	"testing"

	"neptun/db"
)

// TestAListReadsItsRecordOnce counts what a list reads in its snapshot: the versions, together
// with the record, in one statement, and the rows in another.
func TestAListReadsItsRecordOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ada, through := w.member(1, "ada", acme, repos(1, 3, acme)...)
		w.importRepositories(through, 1, 2, 3)
		through = w.reload(through)
		_, token := w.token(ada, "ci", db.ScopeRead)
		_, restricted := w.token(ada, "acme", db.ScopeRead, through.ID)
		reads := w.RecordReads(t)
		for _, key := range []string{w.session(ada), token, restricted} {
			check := func(name string, most int, err error) {
				t.Helper()
				ok(t, err)
				if read := reads.Take(); len(read) == 0 || len(read) > most {
					t.Errorf("%s: %d statements: %q", name, len(read), read)
				}
			}
			_, err := w.ImportsVersions(ctx, key, through.ID)
			check("the versions of imports", 1, err)
			_, err = w.InstallationsVersions(ctx, key)
			check("the versions of installations", 1, err)

			// A full page of a longer list has its total from the record.
			page := db.Page{Limit: 2}
			err = w.StreamImports(ctx, key, through.ID, db.Filter{}, db.SortID, page, func(under db.Versions, total int64, rows iter.Seq2[db.Import, error]) error {
				for row, err := range rows {
					if ok(t, err); row.InstallationID != through.ID || row.Owner != through.Account.Login {
						t.Errorf("an import through %d of %q", row.InstallationID, row.Owner)
					}
				}
				if total != 3 || under.RecordID != through.ID {
					t.Errorf("%d imports under %+v", total, under)
				}
				return nil
			})
			check("imports of an installation", 2, err)
			err = w.StreamAvailable(ctx, ada.ID, 0, through.ID, db.Filter{}, db.SortName, page, func(db.InstallationRecord, int64, iter.Seq2[db.Available, error]) error { return nil })
			check("repositories", 2, err)
			err = w.StreamAllImports(ctx, key, db.Filter{}, db.SortID, db.Page{}, func(_ db.Versions, _ int64, rows iter.Seq2[db.Import, error]) error {
				for _, err := range rows {
					ok(t, err)
				}
				return nil
			})
			check("imports", 2, err)
			err = w.StreamInstallations(ctx, key, db.InstallationFilter{}, db.OrderByID, page, func(db.Versions, int64, iter.Seq2[db.InstallationRecord, error]) error { return nil })
			check("installations", 2, err)
		}
	})
}
