package db_test

import (
	"database/sql"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
)

// A process that is stopped in a transaction must not block others forever.
func TestOnPostgresAnAbandonedTransactionIsEnded(t *testing.T) {
	t.Parallel()
	url := dbtest.Postgres(t)
	setting := func(d *db.DB) (value string) {
		t.Helper()
		ok(t, d.Tx(t.Context(), func(tx *sql.Tx) error {
			return tx.QueryRowContext(t.Context(), `SHOW idle_in_transaction_session_timeout`).Scan(&value)
		}))
		return value
	}
	w := newWorld(t, url)
	if value := setting(w.DB); value != "1min" {
		t.Errorf("it may stay open for %s", value)
	}
	runSQL(t, w, `DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET idle_in_transaction_session_timeout = 5000'; END $$`)
	if value := setting(newWorld(t, url).DB); value != "5s" {
		t.Errorf("with 5s set on the server, the timeout is %s", value)
	}
}

// Compiling a plan takes longer than reading a list.
func TestOnPostgresPlansArentCompiled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Postgres(t))
	var value string
	ok(t, w.Tx(t.Context(), func(tx *sql.Tx) error { return tx.QueryRowContext(t.Context(), `SHOW jit`).Scan(&value) }))
	if value != "off" {
		t.Errorf("jit is %s", value)
	}
}

// A transaction revokes access and hides imports while another one imports: neither sees what the
// other wrote, but the import must not be listed.
func TestOnPostgresAnImportWaitsForARevocation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Postgres(t))
	user, through := w.member(1, "ada", acme, repos(1, 2, acme)...)
	pool := w.raw()
	tx := got(pool.BeginTx(t.Context(), nil))(t)
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(t.Context(), `DELETE FROM access WHERE user_id = $1 AND repository_id = 1`, user.ID); err != nil {
		t.Fatal(err)
	}
	type answer struct {
		results []db.ImportResult
		err     error
	}
	answers := make(chan answer, 1)
	go func() {
		results, _, err := w.ImportRepositories(t.Context(), through, []int64{1, 2})
		answers <- answer{results, err}
	}()
	dbtest.Until(t, "the import waits, or is done", func() bool {
		waiting := column(t, pool, `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)
		return len(waiting) > 0 || len(answers) > 0
	})
	ok(t, tx.Commit())
	a := <-answers
	ok(t, a.err)
	if a.results[0].Status != db.ImportNotFound || a.results[1].Status != db.Imported {
		t.Errorf("the import ended with %+v", a.results)
	}
	if listed := column(t, pool, `SELECT repository_id FROM imports WHERE hidden_at = 0`); len(listed) != 1 || listed[0] != "2" {
		t.Errorf("the imports of %v are listed", listed)
	}
}

// On PostgreSQL it is unknown which leases belong to a dead process: the job is claimed once its lease
// expires, and not earlier.
func TestOnPostgresALeaseOfADeadProcessExpires(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Postgres(t))
	enqueue(t, w.DB, w.clock.Now(), errand{1})
	dead := claim(t, w.DB, errands...) // for a minute, and never settled
	w.clock.Advance(time.Minute)
	if n := got(w.Jobs().Recover(t.Context()))(t); n != 0 {
		t.Errorf("%d jobs were taken from a process that may be alive", n)
	}
	idle(t, w.DB, errands...)
	w.clock.Advance(time.Millisecond)
	if row := claim(t, w.DB, errands...); row.ID != dead.ID || row.Failures != 0 {
		t.Errorf("it continues with %+v", row)
	}
}
