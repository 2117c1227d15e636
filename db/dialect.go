package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// dialect is the engine behind a DB. Only this file and migrate.go depend on
// differences between the two.
type dialect int

const (
	sqlite dialect = iota
	postgres
)

// MinConnections is the smallest pool: one connection for Watch, one for a long
// list, and two for everything else.
const MinConnections = 4

// How many connections each engine gets. SQLite's readers keep a page cache
// each, PostgreSQL's connections a process each.
const (
	sqliteReaders       = 4
	postgresConnections = 16
	// watching are the connections that Watch and the job listener occupy.
	watching = 2
)

// connect creates the pools, without connecting yet.
func (d *DB) connect(address string, connections int) error {
	if err := CheckURL(address); err != nil {
		return err
	}
	if file, ok := SQLiteFile(address); ok {
		d.dialect = sqlite
		return d.connectSQLite(file, connections)
	}
	d.dialect = postgres
	return d.connectPostgres(address, connections)
}

func (d *DB) connectSQLite(file string, connections int) error {
	if connections == 0 {
		connections = sqliteReaders + watching
	}
	// Without _txlock=immediate, a transaction that reads before it writes
	// fails with "database is locked" if another one has written since.
	writer := pragmas("journal_mode(WAL)", "busy_timeout(5000)", "foreign_keys(1)", "synchronous(NORMAL)",
		// Deleted data is overwritten, also when it moves within or between pages: enabled only
		// for the deletion of a user, this would leave earlier copies of their rows.
		"secure_delete(1)",
		// 16 MB of log instead of SQLite's 4: a change of many users' rows writes each page of the
		// file once, not once for each few transactions.
		"wal_autocheckpoint(4000)")
	writer.Set("_txlock", "immediate")
	reader := pragmas("busy_timeout(5000)", "query_only(1)",
		// In KiB. The rows of a page of a list, and the indexes that lead to them, don't
		// fit into SQLite's default of 2,000.
		"cache_size(-4000)")

	health := pragmas("busy_timeout(1000)", "query_only(1)")
	if err := createPrivately(file); err != nil {
		return err
	}
	for _, pool := range []struct {
		pool    **sql.DB
		options url.Values
		size    int
	}{{&d.writer, writer, 1}, {&d.reader, reader, connections}, {&d.health, health, 1}} {
		connector, err := newStatementCache("file:" + (&url.URL{Path: file}).EscapedPath() + "?" + pool.options.Encode())
		if err != nil {
			return err
		}
		*pool.pool = sql.OpenDB(connector)
		(*pool.pool).SetMaxOpenConns(pool.size)
		(*pool.pool).SetMaxIdleConns(pool.size)
		d.versions.connector = connector // the last: one that only reads
	}
	return nil
}

// createPrivately creates the file of a new database with mode 0600: SQLite would make it
// readable for others. SQLite copies its mode to the files beside it
// (https://sqlite.org/src/file/src/os_unix.c, findCreateFileMode).
func createPrivately(file string) error {
	created, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil //nolint:nilerr // it exists, or SQLite says what is wrong with it
	}
	return created.Close()
}

// How long the first connection to a SQLite file waits for another start: journal_mode returns
// SQLITE_BUSY immediately, despite busy_timeout. Other errors may be of a start that creates
// or removes the files beside it.
const (
	sqliteReach      = 10 * time.Second
	sqliteReachFiles = time.Second
)

// reach opens the first connections, and rejects databases that can't be used.
func (d *DB) reach(ctx context.Context) error {
	if d.dialect == postgres {
		return d.checkPooling(ctx)
	}
	for began := time.Now(); ; time.Sleep(deadlockPause) {
		err := d.writer.PingContext(ctx)
		limit := sqliteReachFiles
		if isBusy(err) {
			limit = sqliteReach
		}
		if err == nil || !IsUnavailable(err) || ctx.Err() != nil || time.Since(began) > limit {
			return err
		}
	}
}

func pragmas(values ...string) url.Values {
	// Temporary data in memory: a container image with only the program has no folder for
	// temporary files, so a statement that changes more than 16 pages would fail there.
	return url.Values{"_pragma": append(values, "temp_store(memory)")}
}

// snapshotIsolation is the isolation level at which all statements of a transaction see the
// same data. SQLite's transactions always do.
func (d dialect) snapshotIsolation() sql.IsolationLevel {
	if d == postgres {
		return sql.LevelRepeatableRead
	}
	return sql.LevelDefault
}

// crossed reports whether PostgreSQL refused a transaction because of another one:
// the two waited for each other, or the other moved a repository to another account
// that this one refers to. SQLite has one writer at a time.
func crossed(err error) bool {
	var refusal *pgconn.PgError
	return errors.As(err, &refusal) && (refusal.Code == postgresDeadlock || refusal.Code == "23503")
}

// hasColumn reports whether a table has a column, before any migration ran.
func (d *DB) hasColumn(ctx context.Context, table, column string) (bool, error) {
	query := "SELECT COUNT(*) FROM pragma_table_info($1) WHERE name = $2"
	if d.dialect == postgres {
		query = "SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1 AND column_name = $2"
	}
	var n int
	if err := d.writer.QueryRowContext(ctx, query, table, column).Scan(&n); err != nil {
		return false, fmt.Errorf("db: look for the column %s.%s: %w", table, column, err)
	}
	return n > 0, nil
}
