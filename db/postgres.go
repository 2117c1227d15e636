package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

const (
	postgresConnectTimeout = 5 * time.Second
	// The lifetime of a connection, so that after a failover or a change of DNS none stays
	// connected to the old server.
	postgresLifetime = 30 * time.Minute
	postgresIdleTime = 5 * time.Minute
	// postgresSettings are set for each connection, not as startup parameters, which PgBouncer
	// would reject. The server ends a transaction that its process left idle for a minute: the
	// process is stopped or unreachable, and its locks block others. A value set by the server or
	// the URL stays. Without jit, a list of ten rows whose number the planner overestimates isn't
	// compiled, which takes 20 to 300 ms.
	postgresSettings = `SELECT
    set_config('jit', 'off', false),
    CASE WHEN current_setting('idle_in_transaction_session_timeout') = '0' THEN set_config('idle_in_transaction_session_timeout', '60s', false) END`
	// postgresReadOnly is the SQLSTATE of a write on a server that has become a
	// standby (https://www.postgresql.org/docs/current/errcodes-appendix.html).
	postgresReadOnly = "25006"
)

// ErrTransactionPooling means that the address is that of a pooler in transaction
// mode.
var ErrTransactionPooling = errors.New("DATABASE_URL leads to a connection pooler (PgBouncer) in transaction or statement mode, " +
	"where prepared statements, LISTEN and locks don't work: set pool_mode = session for this database, or connect to Postgres directly")

func (d *DB) connectPostgres(address string, connections int) error {
	if connections == 0 {
		connections = postgresConnections + watching
	}
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return URLError("isn't a valid Postgres address: " + addressExample) // the error may repeat the password
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = postgresConnectTimeout
	}
	if config.ValidateConnect == nil {
		config.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	config.OnPgError = keepAfter
	d.config = config
	d.writer = openPostgres(config, connections)
	d.reader = d.writer
	d.health = openPostgres(config, 1)
	return nil
}

// openPostgres creates a pool of connections, on each of which setup is run first.
func openPostgres(config *pgx.ConnConfig, connections int, setup ...string) *sql.DB {
	pool := stdlib.OpenDB(*config, stdlib.OptionAfterConnect(func(ctx context.Context, conn *pgx.Conn) error {
		for _, statement := range append([]string{postgresSettings}, setup...) {
			if _, err := conn.Exec(ctx, statement, pgx.QueryExecModeSimpleProtocol); err != nil {
				return err
			}
		}
		return nil
	}))
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	pool.SetConnMaxLifetime(postgresLifetime)
	pool.SetConnMaxIdleTime(postgresIdleTime)
	return pool
}

// keepAfter reports whether a connection can be reused after an error: not if its
// server has become read-only.
func keepAfter(_ *pgconn.PgConn, err *pgconn.PgError) bool {
	return err.SeverityUnlocalized != "FATAL" && err.Severity != "FATAL" && err.Code != postgresReadOnly
}

// checkPooling rejects a pooler for which two idle connections are the same one: it
// assigns a server connection to a client for one transaction only.
func (d *DB) checkPooling(ctx context.Context) error {
	var processes [2]int64
	for i := range processes {
		conn, err := d.writer.Conn(ctx)
		if err != nil {
			return fmt.Errorf("db: connect: %w", err)
		}
		defer conn.Close()
		// The simple protocol prepares no statements, which fail behind such a pooler.
		if err := conn.QueryRowContext(ctx, "SELECT pg_backend_pid()", pgx.QueryExecModeSimpleProtocol).Scan(&processes[i]); err != nil {
			return fmt.Errorf("db: connect: %w", err)
		}
	}
	if processes[0] == processes[1] {
		return ErrTransactionPooling
	}
	return nil
}
