package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
)

// queryer is what runs a composed query: a pool or a transaction.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// collect runs a query and gathers its rows. The list is never nil.
func collect[T any](ctx context.Context, q queryer, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("db: query: %w", err)
	}
	defer rows.Close()
	list := []T{}
	for rows.Next() {
		item, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("db: scan: %w", err)
		}
		list = append(list, item)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("db: rows: %w", err)
	}
	return list, nil
}

// bulkSize is how many rows go into one statement.
const bulkSize = 500

// asJSON encodes bulk rows for json_each: an object keyed by id, since
// PostgreSQL refuses the same id twice in one statement.
func asJSON[T any](rows map[int64]T) (string, error) {
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
