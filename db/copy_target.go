package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// UnfinishedCopyError means that a copy into the database was interrupted, or is still running.
type UnfinishedCopyError struct {
	// Source is the database that is copied, without credentials.
	Source  string
	Started time.Time
}

// Error implements error.
func (e *UnfinishedCopyError) Error() string {
	return fmt.Sprintf("the copy of %s into this database, started at %s, isn't finished: wait for neptun copy if it is still running, run it again, or use another database",
		e.Source, e.Started.UTC().Format("2006-01-02 15:04 MST"))
}

// unfinishedCopy is a table that only the target of a copy has. It is created before anything
// else, and dropped in the transaction that copies: without it, an interrupted copy would look
// like a new, empty database.
const unfinishedCopy = "unfinished_copy"

// checkCopied rejects the target of an unfinished copy.
func (d *DB) checkCopied(ctx context.Context) error {
	exists, err := d.hasColumn(ctx, unfinishedCopy, "source")
	if err != nil || !exists {
		return err
	}
	var (
		unfinished UnfinishedCopyError
		started    int64
	)
	if err := d.writer.QueryRowContext(ctx, "SELECT source, started_at FROM "+unfinishedCopy).Scan(&unfinished.Source, &started); err != nil {
		return fmt.Errorf("db: read %s: %w", unfinishedCopy, err)
	}
	unfinished.Started = fromMillis(started)
	return &unfinished
}

// startCopy marks a database as the target of a copy. It must be empty, or already marked by
// a copy that was interrupted. The error is ErrInUse if that copy, or an instance, is running.
func (d *DB) startCopy(ctx context.Context, source string) error {
	marked, err := d.hasColumn(ctx, unfinishedCopy, "source")
	if err != nil {
		return err
	}
	if !marked {
		if err := d.checkEmpty(ctx); err != nil {
			return err
		}
	}
	if d.dialect == sqlite {
		if err := d.checkUnused(ctx); err != nil {
			return err
		}
	}
	return inTx(ctx, d.writer, nil, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS "+unfinishedCopy+" (source TEXT NOT NULL, started_at BIGINT NOT NULL)"); err != nil {
			return fmt.Errorf("db: start a copy: %w", err)
		}
		if err := d.lockTarget(ctx, tx); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM "+unfinishedCopy); err != nil {
			return fmt.Errorf("db: start a copy: %w", err)
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO "+unfinishedCopy+" (source, started_at) VALUES ($1, $2)", databaseName(source), millis(d.now())); err != nil {
			return fmt.Errorf("db: start a copy: %w", err)
		}
		return nil
	})
}

// checkEmpty rejects a database with data, or with tables that Neptun didn't create.
func (d *DB) checkEmpty(ctx context.Context) error {
	names, err := d.tables(ctx)
	if err != nil || len(names) == 0 {
		return err
	}
	if err := d.checkNeptun(ctx); errors.Is(err, ErrNotNeptun) {
		return ErrNotEmpty
	} else if err != nil {
		return err
	}
	for _, name := range names {
		if rows, err := firstColumn(ctx, d.reader, "SELECT 1 FROM "+quote(name)+" LIMIT 1"); err != nil || len(rows) > 0 {
			return errors.Join(ErrNotEmpty, err)
		}
	}
	return nil
}

// lockTarget lets one process at a time copy to a Postgres database. Starts can still read
// which copy is unfinished.
func (d *DB) lockTarget(ctx context.Context, tx *sql.Tx) error {
	if d.dialect == sqlite {
		return nil // see lockJobs
	}
	_, err := tx.ExecContext(ctx, "LOCK TABLE "+unfinishedCopy+" IN SHARE ROW EXCLUSIVE MODE NOWAIT")
	switch {
	case hasCode(err, postgresLockTimeout):
		return ErrInUse
	case err != nil:
		return fmt.Errorf("db: lock the target: %w", err)
	}
	return nil
}

// databaseName is the URL of a database without user, password and parameters.
func databaseName(address string) string {
	if file, ok := SQLiteFile(address); ok {
		return sqliteScheme + file
	}
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return "a Postgres database"
	}
	host := config.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return fmt.Sprintf("postgres://%s:%d/%s", host, config.Port, config.Database)
}
