package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	sqlitedriver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// readyTimeout is the time limit for the readiness check.
const readyTimeout = 2 * time.Second

// ErrReadOnly means that the server rejects writes, as a standby does.
var ErrReadOnly = errors.New("db: the server is read-only")

// Ready checks within two seconds whether the database responds, accepts writes and has a
// schema that this program can use (see NewerSchemaError). It uses a dedicated connection,
// so it doesn't wait for a busy pool.
func (d *DB) Ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	if d.dialect == sqlite {
		return d.requiredSchema(ctx)
	}
	var readOnly string
	if err := d.health.QueryRowContext(ctx, "SHOW transaction_read_only", pgx.QueryExecModeSimpleProtocol).Scan(&readOnly); err != nil {
		return fmt.Errorf("db: %w", err)
	}
	if readOnly == "on" {
		return ErrReadOnly
	}
	return d.requiredSchema(ctx)
}

// Connections is the size of the pool that requests share.
func (d *DB) Connections() int { return d.reader.Stats().MaxOpenConnections }

// Stats are the numbers of the pool that requests share, for metrics.
func (d *DB) Stats() sql.DBStats { return d.reader.Stats() }

var (
	// ErrDamaged means that a file isn't, or is no longer, a whole SQLite database.
	ErrDamaged = errors.New("the database file is damaged: replace it by a backup with neptun restore FILE")
	// ErrLocked means that another process keeps a SQLite database locked.
	ErrLocked = errors.New("another process keeps the database locked: end it, then start again")
	// ErrNoConnection means that a Postgres server doesn't accept connections.
	ErrNoConnection = errors.New("can't connect to Postgres: check that it is running, and the host, port, user, password and database in the URL")
	// ErrNotWritable means that this process may not write a SQLite database.
	ErrNotWritable = errors.New("the user that runs Neptun can't write the database file, or create files in its folder: allow both")
)

// explained adds what to do about an error that prevents a start.
func explained(err error) error {
	var (
		lite    *sqlitedriver.Error
		connect *pgconn.ConnectError
	)
	switch {
	case errors.As(err, &connect):
		return fmt.Errorf("%w (%w)", ErrNoConnection, err)
	case !errors.As(err, &lite):
		return err
	}
	switch lite.Code() & 0xff {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w (%w)", ErrDamaged, err)
	case sqlite3.SQLITE_BUSY:
		return fmt.Errorf("%w (%w)", ErrLocked, err)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return fmt.Errorf("%w (%w)", ErrNotWritable, err)
	}
	return err
}

// isBusy reports whether another process keeps a SQLite database locked.
func isBusy(err error) bool {
	var lite *sqlitedriver.Error
	return errors.As(err, &lite) && lite.Code()&0xff == sqlite3.SQLITE_BUSY
}

// IsUnavailable reports whether an error means that the database is unreachable, locked,
// full, read-only or of a newer release, as opposed to an error in a query.
func IsUnavailable(err error) bool {
	var (
		lite    *sqlitedriver.Error
		server  *pgconn.PgError
		connect *pgconn.ConnectError
		network *net.OpError
		request *url.Error
	)
	switch {
	case errors.As(err, &request):
		return false // of an HTTP request, not of a database
	case errors.As(err, &connect):
		return true // for any reason of the server: a changed password, or a database that was renamed or closed
	case errors.As(err, &lite):
		switch lite.Code() & 0xff { // https://sqlite.org/rescode.html#primary_result_codes_versus_extended_result_codes
		case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY,
			sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN:
			return true
		}
		return false
	case errors.As(err, &server):
		switch server.Code {
		case postgresReadOnly:
			return true
		case postgresUndefinedTable, postgresUndefinedColumn: // a newer release has migrated (see WatchSchema)
			return true
		}
		switch server.Code[:min(2, len(server.Code))] {
		case "08", "53", "57": // connection, resources, operator's intervention
			return true
		}
		return false
	}
	return errors.As(err, &network) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)
}
