package db_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
)

// TestListsAreReadFromAnIndex explains how each engine would read a page: each
// order walks its own index and sorts nothing.
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
		// Whole lists may be sorted, but must not read other users' rows.
		if plan := explain(t, w, query, args...); !strings.Contains(plan, "imports_account") && !strings.Contains(plan, "imports_user") {
			t.Errorf("imports through a record:\n%s", plan)
		}
	})
}

// TestGrowingTablesAreReadFromAnIndex: a week's changes and a month's deliveries are many,
// and SQLite's only writer waits while all of them are looked through.
func TestGrowingTablesAreReadFromAnIndex(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	for query, index := range map[string]string{
		"SELECT r.id FROM repositories AS r WHERE NOT EXISTS (SELECT 1 FROM changes AS c WHERE c.id > 1 AND c.repository_id = r.id AND c.user_id = '')": "changes_about",
		"SELECT a.id FROM accounts AS a WHERE NOT EXISTS (SELECT 1 FROM changes AS c WHERE c.id > 1 AND c.account_id = a.id AND c.repository_id = 0)":   "changes_about",
		"SELECT guid FROM deliveries WHERE outcome = 'missing' AND fetch_tries < 5 ORDER BY sent_at, attempt_id":                                        "deliveries_",
		"SELECT COUNT(*) FROM deliveries WHERE outcome = 'missing'":                                                                                     "deliveries_",
		"SELECT guid FROM deliveries WHERE outcome = 'failed' AND caught_up_at = 0 ORDER BY sent_at, guid":                                              "deliveries_",
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
	plan = strings.ReplaceAll(plan, "TEMP B-TREE FOR LAST TERM OF ORDER BY", "")
	return strings.Contains(plan, "Sort") || strings.Contains(plan, "TEMP B-TREE FOR ORDER BY")
}

func explain(t testing.TB, w *world, query string, args ...any) string {
	t.Helper()
	if onPostgres(w.url) {
		return strings.Join(column(t, w.raw(), "EXPLAIN "+query, args...), "\n")
	}
	rows := got(w.raw().QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+db.OnSQLite(query), args...))(t)
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

// With any data of other users, and with or without statistics, a list is read by the same plan, and no query
// scans a table or all of a user's rows if it needs fewer.
func TestPlansDependOnNobodyElse(t *testing.T) {
	t.Parallel()
	w := newSkewed(t, dbtest.SQLite(t), size{
		huge: dbtest.Size(20_000, 500_000), few: 10, own: dbtest.Size(2_000, 100_000), shared: dbtest.Size(200, 2_000), users: dbtest.Size(50, 2_000),
	})
	lists := w.listQueries(t)
	plans := func() map[string]string {
		all := map[string]string{}
		for name, query := range lists {
			all[name] = planOf(t, w.world, query)
		}
		return all
	}
	exec := func(query string) {
		_, err := w.raw().ExecContext(t.Context(), query)
		ok(t, err)
	}
	absent := plans()
	exec("ANALYZE")
	fresh := plans()
	// Stale: as of when there was little of everything.
	exec("UPDATE sqlite_stat1 SET stat = '40 4 2 1 1' WHERE tbl IN ('access', 'imports', 'repositories')")
	stale := plans()
	for name, plan := range absent {
		if fresh[name] != plan || stale[name] != plan {
			t.Errorf("%s: without statistics\n%s\nwith fresh ones\n%s\nwith stale ones\n%s", name, plan, fresh[name], stale[name])
		}
	}

	exec("DROP TABLE sqlite_stat1")
	for _, file := range got(filepath.Glob("sqlcgen/*.sql.go"))(t) {
		for _, query := range queriesIn(t, file) {
			name, _, _ := strings.Cut(strings.TrimPrefix(query, "-- name: "), " ")
			for line := range strings.Lines(planOf(t, w.world, query)) {
				line = strings.TrimSpace(line)
				if isWalk(line) && !slices.Contains(walks, name) {
					t.Errorf("%s: %s", name, line)
				}
			}
		}
	}
}

// listQueries are the composed queries of Ada's lists.
func (w *skewed) listQueries(t *testing.T) map[string]string {
	t.Helper()
	queries := map[string]string{}
	for name, through := range map[string]db.InstallationRecord{"few": w.few, "own": w.own, "shared": w.shared} {
		for _, sort := range []db.Sort{db.SortName, db.SortPushedDesc, db.SortSize} {
			for _, page := range []db.Page{{}, {Limit: 50}, {Limit: 50, Offset: 1500}} {
				for _, filter := range []db.Filter{{}, {Query: "nothing"}, {Imported: db.Yes}} {
					query, _, err := w.AvailableSQL(t.Context(), through, filter, sort, page)
					ok(t, err)
					queries[fmt.Sprintf("%s by %s, page %+v, %+v", name, sort, page, filter)] = query
				}
			}
		}
		query, _, err := db.ImportsThroughSQL(through, db.Filter{}, db.SortID, db.Page{})
		ok(t, err)
		queries[name+"'s imports"] = query
	}
	for _, sort := range []db.Sort{db.SortName, db.SortPushedDesc, db.SortSize} {
		for _, page := range []db.Page{{}, {Limit: 50}} {
			for _, filter := range []db.Filter{{}, {Account: "acme"}, {Imported: db.No, Language: db.NoLanguage}, db.Filter{}.Among([]int64{1})} {
				query, _, err := db.AllAvailableSQL(w.own.UserID, filter, sort, page)
				ok(t, err)
				queries[fmt.Sprintf("all by %s, page %+v, %+v", sort, page, filter)] = query
			}
		}
	}
	for _, sort := range []db.Sort{db.SortID, db.SortName, db.SortPushedDesc} {
		query, _, err := db.ImportsSQL(w.own.UserID, db.Filter{}, sort, db.Page{Limit: 50})
		ok(t, err)
		queries[fmt.Sprintf("imports by %s", sort)] = query
	}
	return queries
}

// planOf returns SQLite's plan of a query, for any arguments. The two unique indexes of
// repositories by their id are equivalent.
func planOf(t *testing.T, w *world, query string) string {
	t.Helper()
	plan := explain(t, w, query, make([]any, placeholders(query))...)
	return strings.ReplaceAll(plan, "sqlite_autoindex_repositories_2 (id=?)", "sqlite_autoindex_repositories_1 (id=?)")
}

// isWalk reports whether a line of a plan reads all of a table, or all rows of a
// user in one of the tables in which they may have many.
func isWalk(line string) bool {
	if strings.HasPrefix(line, "SCAN") {
		// Along an index a query reads only matching rows, or the few rows of a partial index.
		return !strings.Contains(line, "VIRTUAL TABLE") && !strings.Contains(line, "CONSTANT ROW") && !strings.Contains(line, "INDEX")
	}
	return strings.HasSuffix(line, "(user_id=?)") &&
		(strings.Contains(line, " access_") || strings.Contains(line, "_access_1") || strings.Contains(line, "imports_"))
}

// placeholders counts those of a query.
func placeholders(query string) (n int) {
	for strings.Contains(query, fmt.Sprintf("$%d", n+1)) {
		n++
	}
	return n
}

// walks names the queries that may: they are about everything there is, or all of
// a user, read a subquery or a table that stays small.
var walks = []string{
	"CountAppData", "CountDeliveries", "DeleteAllAccess", "DeleteHistoryOfUser", "DeleteJobsAbout", "AnonymizeSuspensions", "DeleteChangesOfUser", "CountStored", "HideEveryImport", "HideEveryRecord", "MarkEveryInstallationDeleted", "ReleaseAllJobs",
	"CountImportsByLanguage", "CountImportsByWeek", "CountSeen", "CountSeenBetween", "CountSeenElsewhere", "DeleteAccessOfUser", "GetOverviewTotals", "DeleteRemovedImportsOfAccount", "HideImportsOfUser",
	"EnqueueCheckJobs", "ListHistory",
	"DeleteExpiredAbandonedTokens", "DeleteOldInstallRequests", "DeleteOldSetupCodes", "DeleteOldSetupStates", "DeleteOperatorsOfApp", "DeleteOtherOwners", "ListOperators",
}
