package db

import (
	"context"
	"database/sql"

	"neptun/db/sqlcgen"
)

// Tx runs fn as every writing transaction of the package is run.
func (d *DB) Tx(ctx context.Context, fn func(*sql.Tx) error) error {
	return d.writeTx(ctx, func(tx *sql.Tx, _ *sqlcgen.Queries) error { return fn(tx) })
}

// AvailableSQL is what Available sends.
func AvailableSQL(through Installation, filter Filter, sort Sort, window Window) (string, []any, error) {
	q, err := queryAvailable(through, func(q *listQuery) { q.filter(through.filter(filter)) }, sort, window)
	return q.sql.String(), q.args, err
}

// ImportsThroughSQL is what ImportsThrough sends.
func ImportsThroughSQL(through Installation, filter Filter, sort Sort, window Window) (string, []any, error) {
	q, err := queryImportsThrough(through, filter, sort, window)
	return q.sql.String(), q.args, err
}
