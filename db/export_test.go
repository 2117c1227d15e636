package db

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"iter"
	"time"

	"neptun/db/sqlcgen"
	"neptun/jobs"
)

// Tx runs fn as every writing transaction of the package is run.
func (d *DB) Tx(ctx context.Context, fn func(*sql.Tx) error) error {
	return d.writeTx(ctx, func(tx *sql.Tx, _ *sqlcgen.Queries) error { return fn(tx) })
}

// AvailableSQL is what ListAvailable sends.
func (d *DB) AvailableSQL(ctx context.Context, through InstallationRecord, filter Filter, sort Sort, page Page) (string, []any, error) {
	q, err := queryAvailable(ctx, d.reader, through, narrowing{apply: through.narrow(filter)}, sort, page)
	if err != nil {
		return "", nil, err
	}
	return q.sql.String(), q.args, nil
}

// ImportsThroughSQL is what ListInstallationImports sends.
func ImportsThroughSQL(through InstallationRecord, filter Filter, sort Sort, page Page) (string, []any, error) {
	q, err := queryImportsThrough(through, filter, sort, page)
	return q.sql.String(), q.args, err
}

// InstallationsSnapshot is all of StreamInstallations.
func (d *DB) InstallationsSnapshot(ctx context.Context, tokenHash string, page Page) (under Versions, list []InstallationRecord, err error) {
	err = d.StreamInstallations(ctx, tokenHash, InstallationFilter{}, OrderByID, page, func(v Versions, _ int64, rows iter.Seq2[InstallationRecord, error]) (err error) {
		under = v
		list, err = gather(rows)
		return err
	})
	return under, list, err
}

// ImportsSnapshot is all of StreamImports.
func (d *DB) ImportsSnapshot(ctx context.Context, tokenHash string, recordID int64, page Page) (under Versions, list []Import, total int64, err error) {
	err = d.StreamImports(ctx, tokenHash, recordID, Filter{}, SortID, page, func(v Versions, n int64, rows iter.Seq2[Import, error]) (err error) {
		under, total = v, n
		if list, err = gather(rows); page.Limit == 0 {
			total = int64(len(list))
		}
		return err
	})
	return under, list, total, err
}

func gather[T any](rows iter.Seq2[T, error]) ([]T, error) {
	list := []T{}
	for item, err := range rows {
		if err != nil {
			return nil, err
		}
		list = append(list, item)
	}
	return list, nil
}

// EnqueueAll adds jobs in one transaction.
func (d *DB) EnqueueAll(ctx context.Context, at time.Time, list ...jobs.Args) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		for _, args := range list {
			if err := d.enqueue(ctx, q, args, prioritySync, at); err != nil {
				return err
			}
		}
		return nil
	})
}

// KeepAfter is keepAfter.
var KeepAfter = keepAfter

// OnSQLite is a query as SQLite is sent it.
func OnSQLite(query string) string { return onSQLite(query) }

// MaxStatements bounds the prepared statements of a connection.
const MaxStatements = maxStatements

// LockFile is lockFile.
var LockFile = lockFile

// ListInstallationImports is all that StreamImports reads, without its credential.
func (d *DB) ListInstallationImports(ctx context.Context, through InstallationRecord, filter Filter, sort Sort, page Page) ([]Import, error) {
	q, err := queryImportsThrough(through, filter, sort, page)
	if err != nil {
		return nil, err
	}
	return collect(ctx, d.reader, through.scanImport(page), q.sql.String(), q.args...)
}

// Tables is tables.
func (d *DB) Tables(ctx context.Context) ([]string, error) { return d.tables(ctx) }

// ImportsSQL is what ListImports sends.
func ImportsSQL(userID string, filter Filter, sort Sort, page Page) (string, []any, error) {
	q, err := queryImports(userID, filter, sort, page)
	if err != nil {
		return "", nil, err
	}
	return q.sql.String(), q.args, nil
}

// AllAvailableSQL is what ListAllAvailable sends.
func AllAvailableSQL(userID string, filter Filter, sort Sort, page Page) (string, []any, error) {
	q, err := queryAllAvailable(userID, filter, sort, page)
	if err != nil {
		return "", nil, err
	}
	return q.sql.String(), q.args, nil
}

// ReserveAndMove renames a file without links.
var ReserveAndMove = reserveAndMove

// OpenWith is Open of a release with other migrations.
var OpenWith = open

// Migrations are those of this release.
func Migrations() (fs.FS, error) { return ownMigrations() }

// MigrateTo creates the schema of an earlier release.
func MigrateTo(ctx context.Context, url string, version int64) error {
	migrations, err := Migrations()
	if err != nil {
		return err
	}
	d := &DB{migrations: migrations}
	if err := d.connect(url, 0); err != nil {
		return err
	}
	provider, err := d.provider(d.writer)
	if err == nil {
		_, err = provider.UpTo(ctx, version)
	}
	return errors.Join(err, d.Close())
}

// ListImports is all that StreamAllImports reads, without its credential.
func (d *DB) ListImports(ctx context.Context, userID string, filter Filter, sort Sort, page Page) ([]Import, error) {
	q, err := queryImports(userID, filter, sort, page)
	if err != nil {
		return nil, err
	}
	return collect(ctx, d.reader, scanAnyImport(page), q.sql.String(), q.args...)
}

// CountImports counts what ListImports lists.
func (d *DB) CountImports(ctx context.Context, userID string, filter Filter) (int64, error) {
	return countImports(ctx, d.reader, userID, filter)
}

// ListAvailable is all that StreamAvailable reads, for a record as it was.
func (d *DB) ListAvailable(ctx context.Context, through InstallationRecord, filter Filter, sort Sort, page Page) ([]Available, error) {
	narrowed, err := d.narrow(ctx, d.reader, through, filter, sort, page)
	if err != nil {
		return nil, err
	}
	q, err := queryAvailable(ctx, d.reader, through, narrowed, sort, page)
	if err != nil {
		return nil, err
	}
	return collect(ctx, d.reader, through.scanAvailable(page), q.sql.String(), q.args...)
}

// CountAvailable counts what ListAvailable lists.
func (d *DB) CountAvailable(ctx context.Context, through InstallationRecord, filter Filter) (int64, error) {
	narrowed, err := d.narrow(ctx, d.reader, through, filter, SortName, Page{})
	if err != nil {
		return 0, err
	}
	return countAvailable(ctx, d.reader, through, narrowed)
}

// ListAllAvailable lists what a user can import, over all their installations.
func (d *DB) ListAllAvailable(ctx context.Context, userID string, filter Filter, sort Sort, page Page) ([]Available, error) {
	q, err := queryAllAvailable(userID, filter, sort, page)
	if err != nil {
		return nil, err
	}
	return collect(ctx, d.reader, scanAnyAvailable(page), q.sql.String(), q.args...)
}

// CountAllAvailable counts what StreamAllAvailable reads.
func (d *DB) CountAllAvailable(ctx context.Context, userID string, filter Filter) (int64, error) {
	return countAllAvailable(ctx, d.reader, userID, filter)
}

// WriterStats are those of the pool that writes.
func (d *DB) WriterStats() sql.DBStats { return d.writer.Stats() }

// ViewersAtOnce is viewersAtOnce.
const ViewersAtOnce = viewersAtOnce

// StoredVersions are both kinds of versions, read without the cache.
func (d *DB) StoredVersions(ctx context.Context, key string, recordID int64) (installations, imports Versions, err error) {
	ofInstallations, err := installationsVersions(ctx, d.read, d, key)
	if err != nil {
		return Versions{}, Versions{}, err
	}
	ofImports, _, err := importsVersions(ctx, d.read, d, key, recordID)
	return ofInstallations.Versions, ofImports.Versions, err
}

// VersionsAreCached reports whether InstallationsVersions of a key would read nothing.
func (d *DB) VersionsAreCached(key string) bool {
	cached, _, ok := d.versions.get(versionsKey{credential: key, list: listOfInstallations})
	return ok && !d.lapsed(cached.lapse)
}

// Explained is explained.
func Explained(err error) error { return explained(err) }
