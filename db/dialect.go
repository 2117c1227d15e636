package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"neptun/db/sqlcgen"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"
)

// dialect is the engine behind a DB. The few words the two don't share are
// settled in this file and in migrate.go, nowhere else.
type dialect int

const (
	sqlite dialect = iota
	postgres
)

// ErrURL is the answer for a database address of neither kind.
var ErrURL = errors.New("the database address begins with neither sqlite: nor postgres://")

// How many connections each engine gets. SQLite's readers keep a page cache
// each, PostgreSQL's connections a process each.
const (
	sqliteReaders       = 4
	postgresConnections = 16
	// watching are those that Watch and the listening for jobs keep to themselves.
	watching = 2
)

func (d *DB) connect(address string) error {
	scheme, rest, _ := strings.Cut(address, ":")
	switch scheme {
	case "sqlite":
		d.dialect = sqlite
		return d.connectSQLite(rest)
	case "postgres", "postgresql":
		d.dialect = postgres
		return d.connectPostgres(address)
	}
	return ErrURL
}

// SQLiteFile is the file that a database address names, and whether it names one.
func SQLiteFile(address string) (string, bool) {
	file, ok := strings.CutPrefix(address, "sqlite:")
	return strings.TrimPrefix(file, "//"), ok
}

func (d *DB) connectSQLite(file string) (err error) {
	file = strings.TrimPrefix(file, "//")
	if file == "" || strings.ContainsAny(file, "?#") {
		return fmt.Errorf("db: %q is no file for a SQLite database", file)
	}
	// Without _txlock=immediate, a transaction that reads before it writes
	// fails with "database is locked" whenever another one wrote meanwhile.
	writer := pragmas("journal_mode(WAL)", "busy_timeout(5000)", "foreign_keys(1)", "synchronous(NORMAL)")
	writer.Set("_txlock", "immediate")
	reader := pragmas("busy_timeout(5000)", "query_only(1)")

	if d.writer, err = sql.Open("sqlite", "file:"+(&url.URL{Path: file}).EscapedPath()+"?"+writer.Encode()); err != nil {
		return fmt.Errorf("db: open SQLite: %w", err)
	}
	d.writer.SetMaxOpenConns(1)
	if d.reader, err = sql.Open("sqlite", "file:"+(&url.URL{Path: file}).EscapedPath()+"?"+reader.Encode()); err != nil {
		return fmt.Errorf("db: open SQLite: %w", err)
	}
	d.reader.SetMaxOpenConns(sqliteReaders + watching)
	d.reader.SetMaxIdleConns(sqliteReaders + watching)
	return nil
}

func pragmas(values ...string) url.Values {
	return url.Values{"_pragma": values}
}

func (d *DB) connectPostgres(address string) (err error) {
	if d.writer, err = sql.Open("pgx", address); err != nil {
		// The driver's own error may repeat the password.
		return errors.New("db: the postgres address can't be read")
	}
	d.writer.SetMaxOpenConns(postgresConnections + watching)
	d.writer.SetMaxIdleConns(postgresConnections + watching)
	d.reader = d.writer
	return nil
}

// snapshotIsolation is what makes every statement of a transaction see the
// same data. SQLite's transactions always do.
func (d dialect) snapshotIsolation() sql.IsolationLevel {
	if d == postgres {
		return sql.LevelRepeatableRead
	}
	return sql.LevelDefault
}

// deadlocked tells whether PostgreSQL ended a transaction so that another could
// go on. SQLite has one writer at a time.
func deadlocked(err error) bool {
	var refusal *pgconn.PgError
	return errors.As(err, &refusal) && refusal.Code == "40P01"
}

// hasTable tells whether a table is there, before any migration ran.
func (d *DB) hasTable(ctx context.Context, name string) (bool, error) {
	query := "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = $1"
	if d.dialect == postgres {
		query = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = $1"
	}
	var n int
	if err := d.writer.QueryRowContext(ctx, query, name).Scan(&n); err != nil {
		return false, fmt.Errorf("db: look for table %s: %w", name, err)
	}
	return n > 0, nil
}

// on lets the generated queries run on this engine.
func (d dialect) on(pool *sql.DB) sqlcgen.DBTX {
	if d == postgres {
		return pool
	}
	return withoutRowLocks{pool}
}

// withoutRowLocks prepares queries for SQLite, which locks no rows and doesn't
// know the words.
type withoutRowLocks struct{ *sql.DB }

func (w withoutRowLocks) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	return w.DB.PrepareContext(ctx, strings.ReplaceAll(query, "FOR UPDATE SKIP LOCKED", ""))
}
