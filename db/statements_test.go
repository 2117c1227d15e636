package db_test

import (
	"database/sql"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
)

// TestEveryQueryIsValid prepares each generated query: since statements are
// prepared when they first run, nothing else would before production does.
func TestEveryQueryIsValid(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		files := got(filepath.Glob("sqlcgen/*.sql.go"))(t)
		queries := 0
		for _, file := range files {
			for _, query := range queriesIn(t, file) {
				queries++
				if !onPostgres(w.url) {
					query = db.OnSQLite(query)
				}
				statement, err := w.raw().PrepareContext(t.Context(), query)
				if err != nil {
					t.Errorf("%s: %v\n%s", file, err, query)
					continue
				}
				ok(t, statement.Close()) //nolint:sqlclosecheck // one of hundreds: a defer would keep all of them
			}
		}
		if queries < 100 {
			t.Errorf("%d queries found", queries)
		}
	})
}

// queriesIn lists the constants of a generated file.
func queriesIn(t *testing.T, file string) []string {
	t.Helper()
	parsed := got(parser.ParseFile(token.NewFileSet(), file, nil, 0))(t)
	var queries []string
	for _, declaration := range parsed.Decls {
		constants, isConst := declaration.(*ast.GenDecl)
		if !isConst || constants.Tok != token.CONST {
			continue
		}
		for _, spec := range constants.Specs {
			literal := spec.(*ast.ValueSpec).Values[0].(*ast.BasicLit)
			queries = append(queries, got(strconv.Unquote(literal.Value))(t))
		}
	}
	return queries
}

func TestAStatementInUseIsPreparedAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for id := int64(1); id <= 3; id++ {
			w.login(id, fmt.Sprintf("user-%d", id))
		}
		const query = `SELECT github_id FROM users WHERE github_id > $1 ORDER BY github_id`
		ok(t, w.Tx(t.Context(), func(tx *sql.Tx) error {
			if onPostgres(w.url) {
				return nil // one connection runs one query at a time
			}
			outer := got(tx.QueryContext(t.Context(), query, 0))(t)
			defer outer.Close()
			var read []int64
			for outer.Next() {
				var id, above int64
				ok(t, outer.Scan(&id))
				read = append(read, id)
				if err := tx.QueryRowContext(t.Context(), query, 1).Scan(&above); err != nil || above != 2 {
					t.Errorf("within: %d, %v", above, err)
				}
			}
			if len(read) != 3 {
				t.Errorf("read %v", read)
			}
			return outer.Err()
		}))
	})
}

func TestStatementsOfAConnectionAreBounded(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	w.login(1, "ada")
	for i := range 3 * db.MaxStatements {
		var n int
		ok(t, w.Tx(t.Context(), func(tx *sql.Tx) error {
			return tx.QueryRowContext(t.Context(), fmt.Sprintf(`SELECT %d FROM users WHERE github_id = $1`, i), 1).Scan(&n)
		}))
		if n != i {
			t.Fatalf("query %d: %d", i, n)
		}
	}
}
