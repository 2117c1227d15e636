package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"iter"
	"strconv"
)

// queryer runs composed queries: a pool or a transaction.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// stream runs a query and yields its rows as they are read. If there is an
// error, it comes last.
func stream[T any](ctx context.Context, q queryer, scan func(*sql.Rows) (T, error), query string, args ...any) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		rows, err := q.QueryContext(ctx, query, args...)
		if err != nil {
			yield(none, fmt.Errorf("db: query: %w", err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			item, err := scan(rows)
			if err != nil {
				yield(none, fmt.Errorf("db: scan: %w", err))
				return
			}
			if !yield(item, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(none, fmt.Errorf("db: rows: %w", err))
		}
	}
}

// collect runs a query and returns its rows. The list is never nil.
func collect[T any](ctx context.Context, q queryer, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	list := []T{}
	for item, err := range stream(ctx, q, scan, query, args...) {
		if err != nil {
			return nil, err
		}
		list = append(list, item)
	}
	return list, nil
}

// bulkSize is the maximum number of rows in one statement.
const bulkSize = 500

// asJSON encodes bulk rows for json_each: an object keyed by id, since
// PostgreSQL rejects duplicate ids in one statement.
func asJSON[K int64 | string, T any](rows map[K]T) (string, error) {
	encoded, err := json.Marshal(rows)
	if err != nil {
		return "", fmt.Errorf("db: encode rows: %w", err)
	}
	return string(encoded), nil
}

// idsJSON encodes ids for json_each, as the keys of an object.
func idsJSON(ids []int64) string {
	buffer := append(make([]byte, 0, 16*len(ids)+2), '{')
	for i, id := range ids {
		if i > 0 {
			buffer = append(buffer, ',')
		}
		buffer = append(buffer, '"')
		buffer = strconv.AppendInt(buffer, id, 10)
		buffer = append(buffer, `":0`...)
	}
	return string(append(buffer, '}'))
}
