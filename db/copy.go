package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
)

var (
	// ErrNotEmpty means that the database to copy to already holds data.
	ErrNotEmpty = errors.New("the database to copy to isn't empty: name a new one")
	// ErrSameEngine means that a file copy or a dump copies more.
	ErrSameEngine = errors.New("both databases are of the same engine: use neptun backup, or pg_dump and pg_restore")
)

// CopiedTable is a table that was copied and compared.
type CopiedTable struct {
	Name string
	Rows int64
}

// Copy copies everything in one database to another one of the other engine, in
// one transaction on each side, and compares it row by row. The databases must be open with
// Options.Source and Options.CopyOf. Nothing else can write to the source meanwhile. Copy
// calls copied after each table; the target is complete once Copy returns nil.
func Copy(ctx context.Context, from, to *DB, copied func(CopiedTable)) error {
	if from.dialect == to.dialect {
		return ErrSameEngine
	}
	names, err := from.tables(ctx)
	if err != nil {
		return fmt.Errorf("db: copy: %w", err)
	}
	if other, err := to.tables(ctx); err != nil || !slices.Equal(names, other) {
		return errors.Join(fmt.Errorf("db: copy: the tables differ: %v and %v", names, other), err)
	}
	if err := to.checkEmpty(ctx); err != nil {
		return err
	}
	lite := from
	if to.dialect == sqlite {
		lite = to
	}
	if names, err = lite.parentsFirst(ctx, names); err != nil {
		return fmt.Errorf("db: copy: %w", err)
	}
	return from.frozen(ctx, names, func(source *sql.Tx) error {
		return inTx(ctx, to.writer, nil, func(target *sql.Tx) error {
			if err := to.lockTarget(ctx, target); err != nil {
				return err
			}
			c := copier{from: from.dialect, to: to.dialect, source: source, target: target, lite: lite}
			for _, name := range names {
				rows, err := c.table(ctx, name)
				if err != nil {
					return fmt.Errorf("db: copy %s: %w", name, err)
				}
				copied(CopiedTable{name, rows})
			}
			if _, err := target.ExecContext(ctx, "DROP TABLE "+unfinishedCopy); err != nil {
				return fmt.Errorf("db: copy: %w", err)
			}
			return nil
		})
	})
}

// checkSource rejects a database that isn't there to be copied: one that Neptun never opened,
// or one that an instance uses.
func (d *DB) checkSource(ctx context.Context) error {
	if err := d.checkNeptun(ctx); err != nil {
		return err
	}
	return d.checkUnused(ctx)
}

// checkUnused rejects a database that an instance uses. On SQLite, instances that start later
// run no jobs until Close.
func (d *DB) checkUnused(ctx context.Context) error {
	if d.dialect == postgres {
		used, err := d.instancesQuery(ctx)
		if err == nil && used {
			err = ErrInUse
		}
		return err
	}
	alone, err := d.lockJobs(ctx)
	if err == nil && !alone {
		err = ErrInUse
	}
	return err
}

// frozen runs fn in a transaction during which nothing can write to tables: what an instance
// wrote after it was read would be missing in the copy.
func (d *DB) frozen(ctx context.Context, tables []string, fn func(*sql.Tx) error) error {
	return inTx(ctx, d.writer, &sql.TxOptions{Isolation: d.dialect.snapshotIsolation()}, func(tx *sql.Tx) error {
		if d.dialect == sqlite {
			return fn(tx) // the only writer
		}
		quoted := make([]string, len(tables))
		for i, table := range tables {
			quoted[i] = quote(table)
		}
		// The snapshot is taken after these (https://www.postgresql.org/docs/current/sql-lock.html).
		for _, statement := range []string{"SET LOCAL lock_timeout = '10s'", "LOCK TABLE " + strings.Join(quoted, ", ") + " IN SHARE MODE"} {
			if _, err := tx.ExecContext(ctx, statement); hasCode(err, postgresLockTimeout) {
				return ErrInUse
			} else if err != nil {
				return fmt.Errorf("db: lock the source: %w", err)
			}
		}
		return fn(tx)
	})
}

// parentsFirst orders tables so that each comes after those that it refers to.
func (d *DB) parentsFirst(ctx context.Context, names []string) ([]string, error) {
	var ordered []string
	for len(ordered) < len(names) {
		before := len(ordered)
		for _, name := range names {
			if slices.Contains(ordered, name) {
				continue
			}
			parents, err := firstColumn(ctx, d.reader, `SELECT DISTINCT "table" FROM pragma_foreign_key_list($1)`, name)
			if err != nil {
				return nil, err
			}
			if !slices.ContainsFunc(parents, func(parent string) bool { return parent != name && !slices.Contains(ordered, parent) }) {
				ordered = append(ordered, name)
			}
		}
		if len(ordered) == before {
			return nil, fmt.Errorf("tables refer to each other in a circle: %v", names)
		}
	}
	return ordered, nil
}

type copier struct {
	from, to       dialect
	source, target *sql.Tx
	lite           *DB // the one of both that is SQLite
}

// column is a column as declared in SQLite, whose declarations distinguish all types in use.
type column struct {
	name, kind string
	key        bool
}

func (c copier) columns(ctx context.Context, table string) (columns []column, err error) {
	rows, err := c.lite.reader.QueryContext(ctx, "SELECT name, type, pk > 0 FROM pragma_table_info($1) ORDER BY cid", table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var one column
		if err := rows.Scan(&one.name, &one.kind, &one.key); err != nil {
			return nil, err
		}
		columns = append(columns, one)
	}
	return columns, rows.Err()
}

// table copies and compares one table, and sets the next key that the database assigns.
func (c copier) table(ctx context.Context, name string) (count int64, err error) {
	columns, err := c.columns(ctx, name)
	if err != nil {
		return 0, err
	}
	var names, places []string
	for i, column := range columns {
		names, places = append(names, quote(column.name)), append(places, fmt.Sprint("$", i+1))
	}
	insert, err := c.target.PrepareContext(ctx, "INSERT INTO "+quote(name)+" ("+strings.Join(names, ", ")+") VALUES ("+strings.Join(places, ", ")+")") //nolint:sqlclosecheck // closed below; the linter doesn't follow it into the function literal
	if err != nil {
		return 0, err
	}
	defer insert.Close()
	err = eachRow(ctx, c.source, selectAll(c.from, name, columns), columns, func(values []any) error {
		count++
		_, err := insert.ExecContext(ctx, values...)
		return err
	})
	if err != nil {
		return 0, err
	}
	if err := c.compare(ctx, name, columns, count); err != nil {
		return 0, err
	}
	return count, c.continueKeys(ctx, name, columns)
}

// compare reads both tables in the same order.
func (c copier) compare(ctx context.Context, name string, columns []column, count int64) error {
	copied := make(chan []any)
	done := make(chan error, 1)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		defer close(copied)
		done <- eachRow(ctx, c.target, selectAll(c.to, name, columns), columns, func(values []any) error {
			select {
			case copied <- values:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	var compared int64
	err := eachRow(ctx, c.source, selectAll(c.from, name, columns), columns, func(values []any) error {
		same, ok := <-copied
		if !ok || fmt.Sprint(values...) != fmt.Sprint(same...) {
			return fmt.Errorf("row %d differs after copying", compared+1)
		}
		compared++
		return nil
	})
	if err != nil {
		cancel()
		return errors.Join(err, ignoreCanceled(<-done))
	}
	if _, more := <-copied; more || compared != count {
		cancel()
		return errors.Join(ignoreCanceled(<-done), fmt.Errorf("%d rows were copied, and %d compared", count, compared))
	}
	return <-done
}

func ignoreCanceled(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// selectAll reads a table by its key, in the order of bytes.
func selectAll(d dialect, table string, columns []column) string {
	var names, order []string
	for _, column := range columns {
		names = append(names, quote(column.name))
		if !column.key {
			continue
		}
		by := quote(column.name)
		if d == postgres && column.kind == "TEXT" {
			by += ` COLLATE "C"`
		}
		order = append(order, by)
	}
	query := "SELECT " + strings.Join(names, ", ") + " FROM " + quote(table)
	if len(order) > 0 {
		query += " ORDER BY " + strings.Join(order, ", ")
	}
	return query
}

// eachRow reads rows into a Go type per column that is the same for both engines.
func eachRow(ctx context.Context, from querier, query string, columns []column, fn func([]any) error) error {
	rows, err := from.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		targets, values := make([]any, len(columns)), make([]any, len(columns))
		for i, column := range columns {
			switch column.kind {
			case "BIGINT", "INTEGER":
				targets[i] = new(sql.NullInt64)
			case "BOOLEAN":
				targets[i] = new(sql.NullBool)
			case "BYTEA":
				targets[i] = new([]byte)
			default:
				targets[i] = new(sql.NullString)
			}
		}
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		for i, target := range targets {
			values[i] = valueOf(target)
		}
		if err := fn(values); err != nil {
			return err
		}
	}
	return rows.Err()
}

func valueOf(target any) any {
	switch v := target.(type) {
	case *sql.NullInt64:
		if v.Valid {
			return v.Int64
		}
	case *sql.NullBool:
		if v.Valid {
			return v.Bool
		}
	case *sql.NullString:
		if v.Valid {
			return v.String
		}
	case *[]byte:
		if *v != nil {
			return *v
		}
		return []byte{}
	}
	return nil
}

// continueKeys makes the database assign keys after those of the other database, so that
// no key is reused.
func (c copier) continueKeys(ctx context.Context, table string, columns []column) error {
	var id string
	for _, column := range columns {
		if column.key && column.kind == "INTEGER" {
			id = column.name
		}
	}
	if id == "" {
		return nil
	}
	sequences := map[dialect]string{
		sqlite: "SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name = '" + table + "'), 0)",
		// A table that was renamed keeps the name of its sequence.
		postgres: "SELECT COALESCE((SELECT last_value FROM pg_sequences WHERE format('%I.%I', schemaname, sequencename) = pg_get_serial_sequence('" + table + "', '" + id + "')), 0)",
	}
	var last int64
	if err := c.source.QueryRowContext(ctx, sequences[c.from]).Scan(&last); err != nil || last == 0 {
		return err
	}
	if c.to == postgres {
		_, err := c.target.ExecContext(ctx, "SELECT setval(pg_get_serial_sequence($1, $2), $3)", table, id, last)
		return err
	}
	if _, err := c.target.ExecContext(ctx, "DELETE FROM sqlite_sequence WHERE name = $1", table); err != nil {
		return err
	}
	_, err := c.target.ExecContext(ctx, "INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)", table, last)
	return err
}
