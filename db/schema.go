package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// NewerSchemaError means that a newer release has migrated the database.
type NewerSchemaError struct {
	// Stored is the schema's version, or the one that the database requires, and
	// Known the newest that this program knows.
	Stored, Known int64
}

// Error implements error.
func (e *NewerSchemaError) Error() string {
	return fmt.Sprintf("this database was migrated by a newer release of Neptun (schema %d, this release knows %d): "+
		"run that release, or restore a backup from before the upgrade", e.Stored, e.Known)
}

// ErrFormerInstances means that instances are running that the migration would break.
var ErrFormerInstances = errors.New("instances of an earlier release of Neptun are running on this database, and the migration renames tables that they use: " +
	"stop all of them, then start this release. Nothing was changed")

const (
	// lastAlone is the newest migration that instances of earlier releases can't run with: 34
	// to 36 rename and drop what they use. Later ones declare it by
	// settings.required_schema.
	lastAlone = 43

	// An instance is recognized by the last query of its connections, which sqlc named. It
	// polls for jobs, so it shows within a second or two.
	instanceQueries = `SELECT EXISTS (
	SELECT 1 FROM pg_stat_activity
	WHERE datname = current_database() AND pid <> pg_backend_pid() AND (query LIKE '-- name: %' OR query = 'LISTEN neptun')
)`
	formerLooks = 10
	formerPause = 200 * time.Millisecond

	// A migration that waits for a lock blocks all later queries, so it gives up
	// soon and retries, as after a deadlock with another instance. The longest that it may wait
	// for is a slow client that reads a list.
	lockWait        = 2 * time.Second
	longestLockWait = 15 * time.Minute
	limitLockWaits  = "SET lock_timeout = '2s'"
)

// SQLSTATEs (https://www.postgresql.org/docs/current/errcodes-appendix.html).
const (
	postgresLockTimeout     = "55P03"
	postgresDeadlock        = "40P01"
	postgresUndefinedTable  = "42P01"
	postgresUndefinedColumn = "42703"
)

func hasCode(err error, code string) bool {
	var refusal *pgconn.PgError
	return errors.As(err, &refusal) && refusal.Code == code
}

// storedSchema is the schema's version, 0 for an empty database.
func (d *DB) storedSchema(ctx context.Context) (stored int64, err error) {
	exists, err := d.hasColumn(ctx, "goose_db_version", "version_id")
	if err != nil || !exists {
		return 0, err
	}
	if err := d.writer.QueryRowContext(ctx, "SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version").Scan(&stored); err != nil {
		return 0, fmt.Errorf("db: read the schema's version: %w", err)
	}
	return stored, nil
}

// checkSchema rejects a database that a newer release has migrated.
func (d *DB) checkSchema(ctx context.Context) error {
	stored, err := d.storedSchema(ctx)
	if err != nil {
		return err
	}
	known, err := d.newestMigration()
	if err != nil {
		return err
	}
	if stored > known {
		return &NewerSchemaError{Stored: stored, Known: known}
	}
	return nil
}

// refuseBesideFormer rejects the migration while instances are running that can't work with
// the new schema. A SQLite file has one process.
func (d *DB) refuseBesideFormer(ctx context.Context) error {
	if d.dialect == sqlite {
		return nil
	}
	for range formerLooks {
		// Read first: an instance of this release queries once it has migrated.
		queries, err := d.instancesQuery(ctx)
		if err != nil {
			return err
		}
		stored, err := d.storedSchema(ctx)
		switch {
		case err != nil:
			return err
		case stored == 0 || stored >= lastAlone:
			return nil
		case queries:
			return ErrFormerInstances
		}
		time.Sleep(formerPause)
	}
	return nil
}

// instancesQuery reports whether other instances query a Postgres database.
func (d *DB) instancesQuery(ctx context.Context) (queries bool, err error) {
	if err := d.writer.QueryRowContext(ctx, instanceQueries).Scan(&queries); err != nil {
		return false, fmt.Errorf("db: look for other instances: %w", err)
	}
	return queries, nil
}

// WatchSchema checks periodically whether a newer release has migrated the database so that
// this program can't use it. It returns a *NewerSchemaError then, and nil once ctx ends.
func (d *DB) WatchSchema(ctx context.Context, interval time.Duration) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(interval):
		}
		var newer *NewerSchemaError
		if err := d.Ready(ctx); errors.As(err, &newer) {
			return newer
		}
	}
}

// requiredSchema returns an error if the database requires another program.
func (d *DB) requiredSchema(ctx context.Context) error {
	query, args := "SELECT COALESCE(MAX(required_schema), 0) FROM settings", []any(nil)
	if d.dialect == postgres {
		args = append(args, pgx.QueryExecModeSimpleProtocol)
	}
	var required int64
	if err := d.health.QueryRowContext(ctx, query, args...).Scan(&required); err != nil {
		return fmt.Errorf("db: %w", err)
	}
	known, err := d.newestMigration()
	if err == nil && required > known {
		return &NewerSchemaError{Stored: required, Known: known}
	}
	return err
}
