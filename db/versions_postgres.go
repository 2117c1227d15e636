package db

import (
	"context"
	"database/sql"
	"fmt"

	"neptun/db/sqlcgen"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// versionsRow returns the row of a query that authenticates requests. Outside transactions it is
// read from PostgreSQL without database/sql's rows, which start a goroutine and convert each value:
// a third of what the statement costs. If the connection turns out to be closed, generated reads it:
// database/sql then tries another one.
func versionsRow[Row any](ctx context.Context, q *sqlcgen.Queries, d *DB, generated func() (Row, error), query string, args ...any) (Row, error) {
	if d.dialect == postgres && q == d.read {
		if row, err := pgxRow[Row](ctx, d.reader, query, args...); !pgconn.SafeToRetry(err) {
			return row, err
		}
	}
	return generated()
}

// pgxRow reads one row, whose columns are the fields of Row in their order.
func pgxRow[Row any](ctx context.Context, pool *sql.DB, query string, args ...any) (row Row, err error) {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return row, fmt.Errorf("db: connect: %w", err)
	}
	defer func() { _ = conn.Close() }()
	err = conn.Raw(func(driver any) error {
		rows, err := driver.(*stdlib.Conn).Conn().Query(ctx, query, args...)
		if err != nil {
			return err
		}
		row, err = pgx.CollectOneRow(rows, pgx.RowToStructByPos[Row])
		return err
	})
	return row, err
}
