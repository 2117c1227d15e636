package db

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// The lists of repositories are composed here and not generated: an unused condition, or a
// CASE in ORDER BY, would keep both engines from using the index for the list.
//
// They join by CROSS JOIN, for which SQLite reads the tables in the order in which they are
// written (https://sqlite.org/optoverview.html#crossjoin). Otherwise it would choose the
// order by statistics, which depend on all users' rows.

// PostgreSQL chooses by statistics as well, and assumes that users and accounts are independent:
// for ten repositories of a large account it would read all that are stored. OFFSET keeps it from
// merging a subquery into the query, so access and repositories are looked up by their keys, row
// by row. SQLite has no LATERAL (see postgresOnly).
const (
	accessToPage   = "LATERAL (SELECT * FROM access WHERE user_id = $1 AND repository_id = page.id OFFSET 0) AS a"
	accessToImport = "LATERAL (SELECT * FROM access WHERE user_id = i.user_id AND repository_id = i.repository_id OFFSET 0) AS a"
	itsRepository  = "LATERAL (SELECT * FROM repositories WHERE id = a.repository_id OFFSET 0) AS r"
)

// listQuery is a query under construction, with the arguments of its placeholders.
type listQuery struct {
	sql  strings.Builder
	args []any
}

func newListQuery(head string, args ...any) *listQuery {
	q := &listQuery{args: args}
	q.sql.WriteString(head)
	return q
}

// and adds a condition; each ? in it is a placeholder for the next argument.
func (q *listQuery) and(condition string, args ...any) {
	q.sql.WriteString("\n  AND ")
	for _, arg := range args {
		if text, ok := arg.(string); ok {
			arg = validText(text)
		}
		before, after, _ := strings.Cut(condition, "?")
		q.args = append(q.args, arg)
		q.sql.WriteString(before + "$" + strconv.Itoa(len(q.args)))
		condition = after
	}
	q.sql.WriteString(condition)
}

// within restricts a list over all installations to what a restriction allows.
func (q *listQuery) within(restriction Restriction) {
	if restriction != 0 {
		q.and(reachedBy("?"), int64(restriction))
	}
}

// order ends a query: by is the ORDER BY clause.
func (q *listQuery) order(by string, page Page) {
	q.args = append(q.args, page.sqlLimit(), page.Offset)
	fmt.Fprintf(&q.sql, "\nORDER BY %s\nLIMIT $%d OFFSET $%d", by, len(q.args)-1, len(q.args))
}

// validText replaces invalid UTF-8 and NUL, which aren't stored: PostgreSQL fails on them,
// and SQLite finds nothing.
func validText(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

var likeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// escapeLike escapes LIKE's wildcards.
func escapeLike(s string) string { return likeEscaper.Replace(s) }

func (q *listQuery) count(ctx context.Context, on queryer) (n int64, err error) {
	if err := on.QueryRowContext(ctx, q.sql.String(), q.args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("db: count: %w", err)
	}
	return n, nil
}
