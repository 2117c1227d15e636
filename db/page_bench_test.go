package db_test

import (
	"fmt"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
)

// crowd fills a world with n repositories of one account, all visible to two users, one of whom
// imported all and the other some; and a second account.
func crowd(w *world, n int) db.InstallationRecord {
	w.t.Helper()
	page := repos(1, n, acme)
	for i := range page {
		page[i].SizeKB = int64(i * 7919 % 10007)
		page[i].PushedAt = page[i].PushedAt.Add(-day * time.Duration(i))
		page[i].Description = fmt.Sprintf("number %d", i)
		page[i].Topics = []string{"cli", fmt.Sprintf("topic-%d", i%50)}
	}
	ada, bob := w.login(1, "ada"), w.login(2, "bob")
	var through db.InstallationRecord
	for _, p := range []db.User{bob, ada} {
		w.syncInstallations(p, installed(700, acme), installed(800, beta))
		w.syncRepositories(w.record(p, beta), repos(100_001, n/10, beta)...)
		through = w.syncRepositories(w.record(p, acme), page...)
		if p.ID == bob.ID {
			changed(w.ImportMatching(w.t.Context(), w.reload(through), db.Filter{}))(w.t)
		}
	}
	var ids []int64
	for id := 1; id <= n; id += 20 {
		ids = append(ids, int64(id))
	}
	w.importRepositories(through, ids...)
	if onPostgres(w.url) { // where autovacuum would do so in a minute
		_, err := w.raw().ExecContext(w.t.Context(), "ANALYZE")
		ok(w.t, err)
	}
	return w.reload(through)
}

func BenchmarkPage(b *testing.B) {
	for engine, address := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(engine, func(b *testing.B) {
			w := newWorld(b, address(b))
			through := crowd(w, 10_000)
			page := db.Page{Limit: 50, Offset: 200}
			for _, list := range []struct {
				name   string
				filter db.Filter
				sort   db.Sort
			}{
				{"name", db.Filter{}, db.SortName},
				{"-pushed_at", db.Filter{}, db.SortPushedDesc},
				{"imported", db.Filter{Imported: db.Yes}, db.SortName},
				{"search", db.Filter{Query: "number 9"}, db.SortName},
			} {
				b.Run("available/"+list.name, func(b *testing.B) {
					for b.Loop() {
						if items := got(w.ListAvailable(b.Context(), through, list.filter, list.sort, page))(b); len(items) != 50 {
							b.Fatalf("%d rows", len(items))
						}
					}
				})
			}
			b.Run("count", func(b *testing.B) {
				for b.Loop() {
					got(w.CountAvailable(b.Context(), through, db.Filter{Query: "number 9"}))(b)
				}
			})
			b.Run("facets", func(b *testing.B) {
				for b.Loop() {
					got(w.CountFacets(b.Context(), got(w.IndexFacets(b.Context(), through))(b), db.Filter{}))(b)
				}
			})
			b.Run("imports", func(b *testing.B) {
				for b.Loop() {
					if items := got(w.ListInstallationImports(b.Context(), through, db.Filter{}, db.SortID, db.Page{}))(b); len(items) != 500 {
						b.Fatalf("%d rows", len(items))
					}
				}
			})
			hash := w.session(db.User{ID: through.UserID})
			b.Run("versions", func(b *testing.B) {
				for b.Loop() {
					got(w.ImportsVersions(b.Context(), hash, through.ID))(b)
				}
			})
		})
	}
}
