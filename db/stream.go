package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"

	"neptun/db/sqlcgen"
)

// ErrRecordNotFound is ErrNotFound for an installation record, when the user is known.
var ErrRecordNotFound = fmt.Errorf("%w: no such installation record", ErrNotFound)

// MaxStreams is how many lists may be read at once at the speed of the clients: each
// occupies a connection, and half of them are reserved for other requests.
func (d *DB) MaxStreams() int64 {
	return max(1, int64(d.reader.Stats().MaxOpenConnections/2))
}

// StreamInstallations reads a user's installations in one snapshot of the database: fn
// receives the versions of the list, how many rows there are on all pages (0 without a
// page), and the rows as they are read, which end with the first error. The error is
// ErrNotFound if the key has no active credential.
func (d *DB) StreamInstallations(ctx context.Context, key string, filter InstallationFilter, order InstallationOrder, page Page,
	fn func(versions Versions, total int64, rows iter.Seq2[InstallationRecord, error]) error,
) error {
	return d.snapshot(ctx, func(tx *sql.Tx, q *sqlcgen.Queries) error {
		current, err := installationsVersions(ctx, q, d, key)
		if err != nil {
			return err
		}
		filter.Restriction = current.Restriction
		list := newListQuery(selectPublishedInstallations, current.UserID)
		list.installations(filter)
		if err := list.installationsOrder(installationOrders, order, page); err != nil {
			return err
		}
		rows, total, err := pageOf(page, stream(ctx, tx, scanPublishedInstallation, list.sql.String(), list.args...), func() (int64, error) {
			return countInstallations(ctx, tx, current.UserID, filter)
		})
		if err != nil {
			return err
		}
		return fn(current.Versions, total, rows)
	})
}

// StreamImports reads the imports through one record, as
// StreamInstallations does. The error is ErrRecordNotFound if the record doesn't exist.
func (d *DB) StreamImports(ctx context.Context, key string, recordID int64, filter Filter, sort Sort, page Page,
	fn func(versions Versions, total int64, rows iter.Seq2[Import, error]) error,
) error {
	return d.snapshot(ctx, func(tx *sql.Tx, q *sqlcgen.Queries) error {
		// The request was authorized by an earlier look-up. One statement repeats it here,
		// since the rows must be those of the versions and of a credential that is active.
		current, through, err := importsVersions(ctx, q, d, key, recordID)
		if err != nil {
			return err
		}
		// In the versions, a record outside the restriction is the same as none.
		if through.ID == 0 {
			return ErrRecordNotFound
		}
		list, err := queryImportsThrough(through, filter, sort, page)
		if err != nil {
			return err
		}
		rows, total, err := pageOf(page, stream(ctx, tx, through.scanImport(page), list.sql.String(), list.args...), func() (int64, error) {
			return countImportsThrough(ctx, tx, through, filter)
		})
		if err != nil {
			return err
		}
		return fn(current.Versions, total, rows)
	})
}

// StreamAllImports reads a user's imports through all installations, as
// StreamInstallations does, and under the same versions.
func (d *DB) StreamAllImports(ctx context.Context, key string, filter Filter, sort Sort, page Page,
	fn func(versions Versions, total int64, rows iter.Seq2[Import, error]) error,
) error {
	return streamAll(ctx, d, key, filter, sort, page, scanAnyImport, queryImports, countImports, fn)
}

// streamAll reads a list of repositories over all of a user's installations, given how
// its rows are scanned, read and counted.
func streamAll[Row any](ctx context.Context, d *DB, key string, filter Filter, sort Sort, page Page,
	scan func(page Page) func(*sql.Rows) (Row, error),
	query func(userID string, filter Filter, sort Sort, page Page) (*listQuery, error),
	count func(ctx context.Context, on queryer, userID string, filter Filter) (int64, error),
	fn func(versions Versions, total int64, rows iter.Seq2[Row, error]) error,
) error {
	return d.snapshot(ctx, func(tx *sql.Tx, q *sqlcgen.Queries) error {
		current, err := installationsVersions(ctx, q, d, key)
		if err != nil {
			return err
		}
		filter.Restriction = current.Restriction
		list, err := query(current.UserID, filter, sort, page)
		if err != nil {
			return err
		}
		rows, total, err := pageOf(page, stream(ctx, tx, scan(page), list.sql.String(), list.args...), func() (int64, error) {
			return count(ctx, tx, current.UserID, filter)
		})
		if err != nil {
			return err
		}
		return fn(current.Versions, total, rows)
	})
}

// StreamAvailable reads the repositories that a user can import through one of their
// records, like StreamInstallations, but passes the record, which has the versions. The
// error is ErrRecordNotFound if the record doesn't exist or is another user's.
func (d *DB) StreamAvailable(ctx context.Context, userID string, restriction Restriction, recordID int64, filter Filter, sort Sort, page Page,
	fn func(through InstallationRecord, total int64, rows iter.Seq2[Available, error]) error,
) error {
	return d.snapshot(ctx, func(tx *sql.Tx, _ *sqlcgen.Queries) error {
		through, err := installationWithin(ctx, tx, userID, restriction, recordID)
		if errors.Is(err, ErrNotFound) {
			return ErrRecordNotFound
		}
		if err != nil {
			return err
		}
		narrowed, err := d.narrow(ctx, tx, through, filter, sort, page)
		if err != nil {
			return err
		}
		list, err := queryAvailable(ctx, tx, through, narrowed, sort, page)
		if err != nil {
			return err
		}
		rows, total, err := pageOf(page, stream(ctx, tx, through.scanAvailable(page), list.sql.String(), list.args...), func() (int64, error) {
			return countAvailable(ctx, tx, through, narrowed)
		})
		if err != nil {
			return err
		}
		return fn(through, total, rows)
	})
}

// selectPublishedInstallations reads the fields of a user's installations for the published
// reply.
const selectPublishedInstallations = `
SELECT
    ir.id,
    ir.user_id,
    ir.repository_count,
    ir.import_count,
    ir.synced_at,
    ir.created_at,
    ir.updated_at,
    i.id,
    i.repository_selection,
    i.suspended_at,
    i.installed_at,
    i.installed_by,
    i.app_slug,
    i.single_file_name,
    i.single_file_paths,
    o.kind,
    o.login,
    o.avatar_url` + fromInstallations

func scanPublishedInstallation(rows *sql.Rows) (InstallationRecord, error) {
	var (
		i                                              InstallationRecord
		synced, created, updated, suspended, installed int64
		paths                                          string
	)
	if err := rows.Scan(
		&i.ID, &i.UserID, &i.RepositoryCount, &i.ImportCount, &synced, &created, &updated,
		&i.GitHubID, &i.RepositorySelection, &suspended, &installed, &i.InstalledBy, &i.AppSlug, &i.SingleFileName, &paths,
		&i.Account.Kind, &i.Account.Login, &i.Account.AvatarURL,
	); err != nil {
		return i, err
	}
	i.SyncedAt, i.CreatedAt, i.UpdatedAt, i.SuspendedAt = fromMillis(synced), fromMillis(created), fromMillis(updated), fromMillis(suspended)
	i.InstalledAt = fromMillis(installed)
	var err error
	i.SingleFilePaths, err = parsePaths(paths)
	return i, err
}
