package db_test

import (
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
)

// O3: first syncs that follow one another refresh the planner's statistics once.
func TestO3StatisticsAreNotRefreshedByEachFirstSync(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		if w.url[0] == 's' {
			var tables int
			_, through := w.member(1, "ada", acme)
			w.syncRepositories(through, repos(100, 60, acme)...)
			ok(t, w.raw().QueryRowContext(ctx, `SELECT COUNT(*) FROM sqlite_schema WHERE name LIKE 'sqlite_stat%'`).Scan(&tables))
			if tables != 0 {
				t.Error("SQLite has statistics, so that plans depend on other users' data")
			}
			return
		}
		analyzed := func() (at int64) {
			t.Helper()
			ok(t, w.raw().QueryRowContext(ctx, `SELECT COALESCE(MAX(analyzed_at), 0) FROM analyses`).Scan(&at))
			return at
		}
		firstSync := func(id int64, login string) {
			t.Helper()
			_, through := w.member(id, login, acme)
			target := got(w.SyncTarget(ctx, through.ID))(t)
			run := got(w.StartSync(ctx, db.SyncRepositories{RecordID: target.RecordID}))(t)
			ok(t, dbtest.PutRepositories(ctx, w.DB, target, run, repos(100, 60, acme)))
			ok(t, w.FinishRepositoriesSync(ctx, target, run, false))
		}
		firstSync(1, "ada")
		first := analyzed()
		if first != w.clock.Now().UnixMilli() {
			t.Errorf("after the first sync: %d", first)
		}
		w.clock.Advance(time.Minute)
		firstSync(2, "bob")
		if at := analyzed(); at != first {
			t.Errorf("a minute later they were refreshed again: %d", at)
		}
		w.clock.Advance(4 * time.Minute)
		firstSync(3, "eve")
		if at := analyzed(); at == first {
			t.Error("after five minutes they are still those of the first sync")
		}
	})
}
