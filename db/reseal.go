package db

import (
	"context"
	"database/sql"
	"fmt"
)

// sealedColumn is a column of sealed values. A value is bound to its place,
// followed by the row's key.
type sealedColumn struct {
	table, key, column string
	place              string
	where              string // the rows that have a value
}

// sealedColumns are all of them, but the key check value, which each start seals.
var sealedColumns = []sealedColumn{
	{"settings", "CAST(id AS TEXT)", "app", "settings.app/", "length(app) > 0"},
	{"github_tokens", "user_id", accessToken, tokenPlace("", accessToken), "length(access_token) > 0"},
	{"github_tokens", "user_id", refreshToken, tokenPlace("", refreshToken), "length(refresh_token) > 0"},
	{"deliveries", "guid", "body", deliveryPlace(""), "outcome IN ('pending', 'failed') AND length(body) > 0"},
	{"access_tokens", "token_hash", "sealed", accessTokenPlace(""), "length(sealed) > 0"},
	{"abandoned_tokens", "token_hash", "sealed", accessTokenPlace(""), "length(sealed) > 0"},
}

// old is the condition for values that the first key, whose prefix is $1, didn't seal.
func (c sealedColumn) old() string {
	return c.where + " AND substr(" + c.column + ", 1, 4) <> $1"
}

// CountOldSeals counts the values that another key than the first sealed. As long as
// there are any, that key is needed.
func (d *DB) CountOldSeals(ctx context.Context) (total int64, err error) {
	for _, c := range sealedColumns {
		var n int64
		query := "SELECT COUNT(*) FROM " + c.table + " WHERE " + c.old()
		if err := d.reader.QueryRowContext(ctx, query, d.keyring.Prefix()).Scan(&n); err != nil {
			return 0, fmt.Errorf("db: count old seals of %s.%s: %w", c.table, c.column, err)
		}
		total += n
	}
	return total, nil
}

// HasOldKeys reports whether NEPTUN_SECRET lists keys besides the one that seals.
func (d *DB) HasOldKeys() bool { return d.keyring.HasOldKeys() }

// resealedAtOnce is how many values are resealed in one transaction.
const resealedAtOnce = 100

// Reseal reseals values with the first key that an older key sealed. It works in
// batches, so that other transactions can write in between. Values that no key
// opens stay unchanged.
func (d *DB) Reseal(ctx context.Context) (resealed int64, err error) {
	if !d.HasOldKeys() {
		return 0, nil
	}
	for _, c := range sealedColumns {
		for after := ""; ; {
			n, last, err := d.resealBatch(ctx, c, after)
			if err != nil {
				return resealed, fmt.Errorf("db: reseal %s.%s: %w", c.table, c.column, err)
			}
			resealed += n
			if after = last; last == "" {
				break
			}
		}
	}
	return resealed, nil
}

// resealBatch reseals the next batch of values after a row key. last is the row key
// of the last value it read, empty if there was none.
func (d *DB) resealBatch(ctx context.Context, c sealedColumn, after string) (resealed int64, last string, err error) {
	type value struct {
		key    string
		sealed []byte
	}
	scan := func(rows *sql.Rows) (v value, err error) { return v, rows.Scan(&v.key, &v.sealed) }
	query := "SELECT " + c.key + ", " + c.column + " FROM " + c.table + " WHERE " + c.old() + " AND " + c.key + " > $2 ORDER BY 1 LIMIT $3"
	values, err := collect(ctx, d.reader, scan, query, d.keyring.Prefix(), after, resealedAtOnce)
	if err != nil || len(values) == 0 {
		return 0, "", err
	}
	err = inTx(ctx, d.writer, nil, func(tx *sql.Tx) error {
		for _, v := range values {
			plain, err := d.keyring.Open(v.sealed, c.place+v.key)
			if err != nil {
				continue
			}
			// Not if it has been replaced since.
			update := "UPDATE " + c.table + " SET " + c.column + " = $1 WHERE " + c.key + " = $2 AND " + c.column + " = $3"
			result, err := tx.ExecContext(ctx, update, d.keyring.Seal(plain, c.place+v.key), v.key, v.sealed)
			if err != nil {
				return err
			}
			n, err := result.RowsAffected()
			if err != nil {
				return err
			}
			resealed += n
		}
		return nil
	})
	return resealed, values[len(values)-1].key, err
}
