package db_test

import (
	"fmt"
	"slices"
	"syscall"
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
	if onPostgres(w.url) { // where autovacuum would do so in a minute
		_, err := w.raw().ExecContext(w.t.Context(), "ANALYZE")
		ok(w.t, err)
	}
	return w.again(through)
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

// cpu reports the CPU time of a benchmark and its goal, in microseconds for each of
// the things that an iteration does: on a busy machine the time that passes says
// little.
func cpu(b *testing.B, thing string, goal float64, things int) func() {
	before := cpuTime(b)
	return func() {
		b.ReportMetric((cpuTime(b)-before)/float64(b.N*things), "cpu-us/"+thing)
		b.ReportMetric(goal, "at-most-cpu-us/"+thing)
	}
}

// cpuTime is the CPU time that this process has used, in microseconds.
func cpuTime(b *testing.B) float64 {
	var usage syscall.Rusage
	ok(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1000
}

// BenchmarkGoals measures the lists of a user beside others who have much more.
// Each goal is the store's part of one in docs/decisions.md.
func BenchmarkGoals(b *testing.B) {
	for engine, address := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(engine, func(b *testing.B) {
			benchmarkFirstSync(b, address)
			w := newSkewed(b, address(b), size{huge: 200_000, own: 100_000, shared: 10_000, users: 20})
			if onPostgres(w.url) {
				_, err := w.raw().ExecContext(b.Context(), "ANALYZE")
				ok(b, err)
			}
			list := func(name string, goal float64, through db.InstallationRecord, filter db.Filter, sort db.Sort, page db.Page) {
				b.Run(name, func(b *testing.B) {
					defer cpu(b, "op", goal, 1)()
					for b.Loop() {
						rows := got(w.ListAvailable(b.Context(), through, filter, sort, page))(b)
						got(page.Total(len(rows), func() (int64, error) { return w.CountAvailable(b.Context(), through, filter) }))(b)
					}
				})
			}
			first := db.Page{Limit: 50}
			list("10_of_200000", 300, w.few, db.Filter{}, db.SortName, first)
			list("10_of_200000_by_push", 300, w.few, db.Filter{}, db.SortPushedDesc, first)
			list("100000/page_1", 600, w.own, db.Filter{}, db.SortName, first)
			list("100000/page_2000", 20000, w.own, db.Filter{}, db.SortName, db.Page{Limit: 50, Offset: 1999 * 50})
			last := got(w.ListAvailable(b.Context(), w.own, db.Filter{}, db.SortName, db.Page{Limit: 1, Offset: 1999*50 - 1}))(b)
			list("100000/after", 5000, w.own, db.Filter{}, db.SortName, db.Page{Limit: 50, After: last[0].Cursor(db.SortName)})
			list("100000/page_1_by_push", 1000, w.own, db.Filter{}, db.SortPushedDesc, first)
			list("100000/page_200_by_push", 3000, w.own, db.Filter{}, db.SortPushedDesc, db.Page{Limit: 50, Offset: 199 * 50})
			list("5000/page_1", 600, w.shared, db.Filter{}, db.SortName, first)
			list("5000/page_100", 1000, w.shared, db.Filter{}, db.SortName, db.Page{Limit: 50, Offset: 99 * 50})
			list("5000/page_100_by_push", 3000, w.shared, db.Filter{}, db.SortPushedDesc, db.Page{Limit: 50, Offset: 99 * 50})
			list("5000/search_without_a_hit", 1000, w.shared, db.Filter{Query: "nothing like it"}, db.SortName, first)
			list("5000/search", 1000, w.shared, db.Filter{Query: "needle"}, db.SortName, first)
			b.Run("imports_page_1", func(b *testing.B) {
				defer cpu(b, "op", 600, 1)()
				for b.Loop() {
					got(w.ListImports(b.Context(), w.own.UserID, db.Filter{}, db.SortIDDesc, first))(b)
				}
			})
			b.Run("revoke_per_viewer", func(b *testing.B) {
				id := int64(20_000_000)
				defer cpu(b, "viewer", 60, 22)()
				for b.Loop() {
					id += 2
					ok(b, w.RevokeRepositories(b.Context(), db.RevokedRepositories{Account: acme, Repositories: map[int64]string{id: ""}}))
				}
			})
		})
	}
}

// benchmarkFirstSync is the store's part of a first sync: that of a long list takes
// no more for each repository.
func benchmarkFirstSync(b *testing.B, address func(testing.TB) string) {
	each := map[int]float64{}
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprintf("first_sync_of_%d/store", n), func(b *testing.B) {
			page := repos(1, n, acme)
			w := newWorld(b, address(b))
			p := w.login(1, "ada")
			w.shows(p, installed(700, acme))
			before := cpuTime(b)
			w.reachesInPages(w.record(p, acme), page) // once: it takes long
			each[n] = (cpuTime(b) - before) / float64(n)
			b.ReportMetric(each[n], "cpu-us/repository")
			b.ReportMetric(60, "at-most-cpu-us/repository")
			if n > 10_000 {
				b.ReportMetric(each[n]/each[10_000], "x-10000")
				b.ReportMetric(1.1, "at-most-x-10000")
			}
		})
	}
}

// reachesInPages is a whole first pass as a sync makes it: pages of 100, stored in
// groups as they arrive.
func (w *world) reachesInPages(through db.InstallationRecord, all []db.ListedRepository) {
	w.t.Helper()
	ctx := w.t.Context()
	target := got(w.SyncTarget(ctx, through.ID))(w.t)
	run := got(w.StartSync(ctx, db.SyncRepositories{RecordID: target.RecordID}))(w.t)
	pass := got(w.ResumePass(ctx, target, run))(w.t)
	number := int64(0)
	for chunk := range slices.Chunk(all, 100) {
		number++
		_, err := w.PutPages(ctx, target, pass, []db.SyncPage{{
			PageSummary: db.PageSummary{Number: number, Total: int64(len(all)), Items: int64(len(chunk)), More: number*100 < int64(len(all))},
			ETag:        fmt.Sprint(number), TokenVersion: 1, Repositories: chunk,
		}})
		ok(w.t, err)
	}
	ok(w.t, w.FinishPass(ctx, pass, true))
	ok(w.t, w.FinishRepositoriesSync(ctx, target, run, true))
}
