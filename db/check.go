package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Integrity checks the database for damage. On Postgres, which verifies what it reads, it
// checks that every table can be read.
func (d *DB) Integrity(ctx context.Context) error {
	if d.dialect == postgres {
		tables, err := d.tables(ctx)
		for _, table := range tables {
			if _, err := d.reader.ExecContext(ctx, "SELECT COUNT(*) FROM "+quote(table)); err != nil {
				return fmt.Errorf("db: read %s: %w", table, err)
			}
		}
		return err
	}
	found, err := firstColumn(ctx, d.reader, "PRAGMA integrity_check(10)")
	if err != nil {
		return fmt.Errorf("db: integrity_check: %w", err)
	}
	if len(found) != 1 || found[0] != "ok" {
		return fmt.Errorf("db: integrity_check: %s", strings.Join(strings.Fields(strings.Join(found, "; ")), " "))
	}
	dangling, err := firstColumn(ctx, d.reader, danglingReferences)
	if err == nil && len(dangling) > 0 {
		err = fmt.Errorf("rows refer to others that don't exist: %s", strings.Join(dangling, ", "))
	}
	if err != nil {
		return fmt.Errorf("db: foreign_key_check: %w", err)
	}
	return nil
}

// danglingReferences counts them by table.
const danglingReferences = `SELECT COUNT(*) || ' in ' || "table" FROM pragma_foreign_key_check GROUP BY "table" ORDER BY "table"`

// SchemaVersion returns the schema version of the database, and the one of this release.
func (d *DB) SchemaVersion(ctx context.Context) (stored, known int64, err error) {
	if known, err = d.newestMigration(); err != nil {
		return 0, 0, err
	}
	err = d.reader.QueryRowContext(ctx, "SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version").Scan(&stored)
	return stored, known, err
}

// errRolledBack rolls back a transaction that only tried something.
var errRolledBack = errors.New("rolled back")

// TryWrite writes in a transaction that is rolled back.
func (d *DB) TryWrite(ctx context.Context) error {
	err := inTx(ctx, d.writer, nil, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "UPDATE settings SET github_url = github_url WHERE id = 1"); err != nil {
			return fmt.Errorf("db: write: %w", err)
		}
		return errRolledBack
	})
	if errors.Is(err, errRolledBack) {
		return nil
	}
	return err
}

// ServerTime returns the clock of the database server, or this machine's with SQLite.
func (d *DB) ServerTime(ctx context.Context) (now time.Time, err error) {
	if d.dialect == sqlite {
		return time.Now(), nil
	}
	err = d.reader.QueryRowContext(ctx, "SELECT clock_timestamp()").Scan(&now)
	return now, err
}

// ServerVersion returns the engine's version.
func (d *DB) ServerVersion(ctx context.Context) (version string, err error) {
	query := "SELECT 'SQLite ' || sqlite_version()"
	if d.dialect == postgres {
		query = "SELECT 'Postgres ' || current_setting('server_version')"
	}
	err = d.reader.QueryRowContext(ctx, query).Scan(&version)
	return version, err
}

// tables returns the tables that hold data, in alphabetical order, without unfinishedCopy and
// those of Litestream, which replicates SQLite files.
func (d *DB) tables(ctx context.Context) ([]string, error) {
	query := "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_litestream\\_%' ESCAPE '\\' AND name NOT IN ('goose_db_version', '" + unfinishedCopy + "') ORDER BY name"
	if d.dialect == postgres {
		query = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' AND table_name NOT IN ('goose_db_version', '" + unfinishedCopy + "') ORDER BY table_name COLLATE \"C\""
	}
	return firstColumn(ctx, d.reader, query)
}

// querier is implemented by pools and transactions.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

func firstColumn(ctx context.Context, from querier, query string, args ...any) (list []string, err error) {
	rows, err := from.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		var first string
		targets := make([]any, len(columns))
		for i := range targets {
			targets[i] = new(any)
		}
		targets[0] = &first
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		list = append(list, first)
	}
	return list, rows.Err()
}

// quote quotes an identifier.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
