package db_test

import (
	"fmt"
	"slices"
	"sync"
	"syscall"
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
)

// BenchmarkGoals measures the database part of lists, syncs and revocations. `task bench` prints
// the results next to their goals.
func BenchmarkGoals(b *testing.B) {
	for engine, address := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(engine, func(b *testing.B) {
			watched := newSkewed(b, address(b), size{shared: 500, users: 1000}) // skips without PostgreSQL
			benchmarkFirstSync(b, address)
			benchmarkRevocation(b, watched)
			own := size{few: 10, own: 100_000, mine: 10_000, shared: 10_000}
			alone := newSkewed(b, address(b), own)
			beside := own
			beside.huge, beside.users = dbtest.Size(200_000, 500_000), 20
			others := newSkewed(b, address(b), beside)
			alone.analyze()
			others.analyze()
			benchmarkLists(b, alone, others)
		})
	}
}

// goal reports a figure and its goal, 0 for none.
func goal(b *testing.B, value float64, unit string, most float64) {
	b.ReportMetric(0, "ns/op") // on a busy machine the time that passes says little
	b.ReportMetric(value, unit)
	if most == 0 {
		b.ReportMetric(0, "no-goal-"+unit)
		return
	}
	b.ReportMetric(most, "at-most-"+unit)
}

// cpuTime is the CPU time that this process has used, in microseconds.
func cpuTime(b *testing.B) float64 {
	var usage syscall.Rusage
	ok(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1000
}

// rounds is how often the two sides of a comparison alternate.
const rounds = 5

// shortestRound is the CPU time, in microseconds, that a round takes at least: in shorter ones, two
// databases with the same rows differ by more than a tenth.
const shortestRound = 30_000

// compare returns the median CPU time of a call in microseconds, and its median ratio to another
// call.
func compare(b *testing.B, call, other func()) (each, ratio float64) {
	cost := func(call func()) float64 {
		calls, before := 0, cpuTime(b)
		for calls < max(1, b.N/rounds) || cpuTime(b)-before < shortestRound {
			call()
			calls++
		}
		return (cpuTime(b) - before) / float64(calls)
	}
	call()
	other()
	var costs, ratios []float64
	for range rounds {
		baseline, measured := cost(other), cost(call)
		costs, ratios = append(costs, measured), append(ratios, measured/max(baseline, 1))
	}
	slices.Sort(costs)
	slices.Sort(ratios)
	return costs[rounds/2], ratios[rounds/2]
}

// listPage is a page of one of Ada's lists.
type listPage struct {
	name   string
	record func(*skewed) db.InstallationRecord
	filter db.Filter
	sort   db.Sort
	page   db.Page
	// Goals: CPU time in microseconds, and how often that of the first page, 0 for none.
	most, ofFirst float64
}

// benchmarkLists measures pages in a database where others store much, against the same page
// without them.
func benchmarkLists(b *testing.B, alone, beside *skewed) {
	few := func(w *skewed) db.InstallationRecord { return w.few }
	own := func(w *skewed) db.InstallationRecord { return w.own }
	mine := func(w *skewed) db.InstallationRecord { return w.mine }
	shared := func(w *skewed) db.InstallationRecord { return w.shared }
	first := db.Page{Limit: 50}
	number := func(n int) db.Page { return db.Page{Limit: 50, Offset: 50 * (n - 1)} }
	last := got(beside.ListAvailable(b.Context(), beside.own, db.Filter{}, db.SortName, db.Page{Limit: 1, Offset: 1999*50 - 1}))(b)
	nothing, needle, letter := db.Filter{Query: "nothing like it"}, db.Filter{Query: "needle"}, db.Filter{Query: "zq"}
	for _, list := range []listPage{
		{"10_of_a_large_account", few, db.Filter{}, db.SortName, first, 300, 0},
		{"10_of_a_large_account/by_push", few, db.Filter{}, db.SortPushedDesc, first, 300, 0},
		{"10000/page_1", mine, db.Filter{}, db.SortName, first, 600, 0},
		{"10000/page_200", mine, db.Filter{}, db.SortName, number(200), 0, 0},
		{"10000/page_200_by_push", mine, db.Filter{}, db.SortPushedDesc, number(200), 0, 3},
		{"10000/search_without_a_hit", mine, nothing, db.SortName, first, 0, 1.5},
		{"10000/search_for_two_letters", mine, letter, db.SortName, first, 0, 4},
		{"10000/search", mine, needle, db.SortName, first, 0, 0},
		{"5000_of_10000/page_1", shared, db.Filter{}, db.SortName, first, 600, 0},
		{"5000_of_10000/page_100", shared, db.Filter{}, db.SortName, number(100), 0, 0},
		{"5000_of_10000/page_100_by_push", shared, db.Filter{}, db.SortPushedDesc, number(100), 0, 3},
		{"5000_of_10000/search_without_a_hit", shared, nothing, db.SortName, first, 0, 1.5},
		{"5000_of_10000/search", shared, needle, db.SortName, first, 0, 0},
		{"100000/page_1", own, db.Filter{}, db.SortName, first, 600, 0},
		{"100000/page_1_by_push", own, db.Filter{}, db.SortPushedDesc, first, 0, 3},
		{"100000/page_2000", own, db.Filter{}, db.SortName, number(2000), 20_000, 0},
		{"100000/after", own, db.Filter{}, db.SortName, db.Page{Limit: 50, After: last[0].Cursor(db.SortName)}, 5000, 0},
		{"100000/page_200_by_push", own, db.Filter{}, db.SortPushedDesc, number(200), 0, 0},
		{"100000/search_without_a_hit", own, nothing, db.SortName, first, 0, 0},
	} {
		b.Run("list_of_"+list.name, func(b *testing.B) {
			each, ratio := compare(b, func() { list.read(b, beside) }, func() { list.read(b, alone) })
			goal(b, each, "store-cpu-us", list.most)
			goal(b, ratio, "x-alone", 1.1)
			if list.ofFirst > 0 {
				firstPage := listPage{record: list.record, sort: db.SortName, page: first}
				_, ratio := compare(b, func() { list.read(b, beside) }, func() { firstPage.read(b, beside) })
				goal(b, ratio, "x-page-1", list.ofFirst)
			}
		})
	}
	b.Run("imports/page_1", func(b *testing.B) {
		read := func(w *skewed) func() {
			return func() { got(w.ListImports(b.Context(), w.own.UserID, db.Filter{}, db.SortIDDesc, first))(b) }
		}
		each, ratio := compare(b, read(beside), read(alone))
		goal(b, each, "store-cpu-us", 600)
		goal(b, ratio, "x-alone", 1.1)
	})
}

func (l listPage) read(b *testing.B, w *skewed) {
	through := l.record(w)
	rows := got(w.ListAvailable(b.Context(), through, l.filter, l.sort, l.page))(b)
	got(l.page.Total(len(rows), func() (int64, error) { return w.CountAvailable(b.Context(), through, l.filter) }))(b)
}

// once runs an expensive measurement only once: `go test` calls a benchmark several times.
func once(b *testing.B, name string, measure func() float64, report func(*testing.B, float64)) {
	measured := sync.OnceValue(measure)
	b.Run(name, func(b *testing.B) { report(b, measured()) })
}

// median is the median of the CPU time of some calls, in microseconds.
func median(b *testing.B, call func()) float64 {
	var all []float64
	for range rounds {
		before := cpuTime(b)
		call()
		all = append(all, cpuTime(b)-before)
	}
	slices.Sort(all)
	return all[rounds/2]
}

// benchmarkRevocation measures a repository that is removed, seen by 1,001 users with
// 500 repositories each.
func benchmarkRevocation(b *testing.B, w *skewed) {
	const users = 1001
	w.analyze()
	id := int64(firstShared - 1)
	once(b, "repository_removed_for_1001_users", func() float64 {
		return median(b, func() {
			id += 2 // Ada sees every second one
			ok(b, w.RevokeRepositories(b.Context(), db.RevokedRepositories{Account: acme, Repositories: map[int64]string{id: ""}}))
		})
	}, func(b *testing.B, all float64) {
		goal(b, all/users, "cpu-us/user", 60)
		goal(b, all/users*db.ViewersAtOnce/1000, "cpu-ms/transaction", 50)
	})
}

// benchmarkFirstSync measures the database part of a first sync: the cost per repository must not
// grow with the list.
func benchmarkFirstSync(b *testing.B, address func(testing.TB) string) {
	each := map[int]float64{}
	for _, n := range []int{10_000, 100_000} {
		once(b, fmt.Sprintf("first_sync_of_%d/store", n), func() float64 {
			page := repos(1, n, acme)
			w := newWorld(b, address(b))
			p := w.login(1, "ada")
			w.syncInstallations(p, installed(700, acme))
			before := cpuTime(b)
			w.syncInPages(w.record(p, acme), page)
			return cpuTime(b) - before
		}, func(b *testing.B, all float64) {
			each[n] = all / float64(n)
			goal(b, each[n], "cpu-us/repository", 60)
			if n > 10_000 && each[10_000] > 0 {
				goal(b, each[n]/each[10_000], "x-10000", 1.1)
			}
		})
	}
}

// syncInPages runs a whole first pass as a sync does: pages of 100, stored in groups as they
// arrive.
func (w *world) syncInPages(through db.InstallationRecord, all []db.ListedRepository) {
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
