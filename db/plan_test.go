package db_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
)

// crowd fills a world with n repositories of one account, all shown to two
// people, of which one imported all and the other some; and another account
// beside it.
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
		w.shows(p, installed(700, acme), installed(800, beta))
		w.reaches(w.record(p, beta), repos(100_001, n/10, beta)...)
		through = w.reaches(w.record(p, acme), page...)
		if p.ID == bob.ID {
			changed(w.ImportMatching(w.t.Context(), w.again(through), db.Filter{}))(w.t)
		}
	}
	var ids []int64
	for id := 1; id <= n; id += 20 {
		ids = append(ids, int64(id))
	}
	w.imports(through, ids...)
	if w.url[0] == 'p' {
		// Autovacuum would do so by itself in a minute.
		_, err := w.raw().ExecContext(w.t.Context(), "ANALYZE")
		ok(w.t, err)
	}
	return w.again(through)
}

// TestListsAreReadFromAnIndex asks each engine how it would read a page: each
// order walks an index of its own and sorts nothing.
func TestListsAreReadFromAnIndex(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		through := crowd(w, 5000)
		window := db.Page{Limit: 50, Offset: 100}
		for sort, index := range map[db.Sort]string{
			db.SortName: "access_by_name", db.SortNameDesc: "access_by_name",
			db.SortPushed: "repositories_by_push", db.SortPushedDesc: "repositories_by_push",
			db.SortSize: "repositories_by_size", db.SortSizeDesc: "repositories_by_size",
		} {
			for _, filter := range []db.Filter{{}, {Query: "number"}, {Imported: db.No, Fork: db.No}, {Topic: "cli"}} {
				query, args, err := w.AvailableSQL(t.Context(), through, filter, sort, window)
				ok(t, err)
				plan := explain(t, w, query, args...)
				if !strings.Contains(plan, index) || sorts(page(plan)) {
					t.Errorf("by %s under %+v:\n%s", sort, filter, plan)
				}
			}
		}
		query, args, err := db.ImportsThroughSQL(through, db.Filter{}, db.SortID, db.Page{})
		ok(t, err)
		// Whole lists may be sorted; what they must not do is read other people's.
		if plan := explain(t, w, query, args...); !strings.Contains(plan, "imports_account") && !strings.Contains(plan, "imports_user") {
			t.Errorf("imports through a record:\n%s", plan)
		}
	})
}

// TestWhatGrowsIsReadFromAnIndex: a week's news and a month's deliveries are many,
// and SQLite's only writer waits for whoever looks through all of them.
func TestWhatGrowsIsReadFromAnIndex(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	for query, index := range map[string]string{
		"SELECT r.id FROM repositories AS r WHERE NOT EXISTS (SELECT 1 FROM news AS n WHERE n.id > 1 AND n.repository_id = r.id AND n.user_id = '')": "news_about",
		"SELECT a.id FROM accounts AS a WHERE NOT EXISTS (SELECT 1 FROM news AS n WHERE n.id > 1 AND n.account_id = a.id AND n.repository_id = 0)":   "news_about",
		"SELECT guid FROM deliveries WHERE outcome = 'missing' AND fetch_tries < 5 ORDER BY sent_at, attempt_id":                                     "deliveries_missing",
		"SELECT COUNT(*) FROM deliveries WHERE outcome = 'missing'":                                                                                  "deliveries_missing",
		"SELECT guid FROM deliveries WHERE outcome = 'failed' AND caught_up_at = 0 ORDER BY sent_at, guid":                                           "deliveries_failed",
	} {
		if plan := explain(t, w, query); !strings.Contains(plan, index) || sorts(plan) {
			t.Errorf("%s:\n%s", query, plan)
		}
	}
}

// page is the part of a plan that finds the ids of a page: its rows are put in
// order once more when they have been looked up.
func page(plan string) string {
	if _, inner, onSQLite := strings.Cut(plan, "page\n"); onSQLite {
		inner, _, _ = strings.Cut(inner, "SCAN page")
		return inner
	}
	_, inner, _ := strings.Cut(plan, "Limit")
	return inner
}

// sorts reports whether a plan puts all rows in order before the first one
// leaves; an incremental sort only orders those alike in the index.
func sorts(plan string) bool {
	plan = strings.ReplaceAll(plan, "Incremental Sort", "")
	return strings.Contains(plan, "Sort") || strings.Contains(plan, "TEMP B-TREE FOR ORDER BY")
}

func explain(t testing.TB, w *world, query string, args ...any) string {
	t.Helper()
	if onPostgres(w.url) {
		return strings.Join(column(t, w.raw(), "EXPLAIN "+query, args...), "\n")
	}
	rows := got(w.raw().QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, args...))(t)
	defer rows.Close()
	var plan []string
	for rows.Next() {
		var id, parent, unused int
		var detail string
		ok(t, rows.Scan(&id, &parent, &unused, &detail))
		plan = append(plan, detail)
	}
	ok(t, rows.Err())
	return strings.Join(plan, "\n")
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
					got(w.CountFacets(b.Context(), through))(b)
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
