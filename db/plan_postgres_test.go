package db_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"neptun/db/dbtest"
)

// TestPostgresPlansDependOnNobodyElse looks at the plan of each generated query that is used
// for any arguments, without statistics, with those of a young database and with fresh ones:
// what a statement is given as JSON is looked up row by row, and none reads a large table,
// except by statistics that say that the table is one user's (see analyzeEarly). The composed lists
// look each repository up by its id.
func TestPostgresPlansDependOnNobodyElse(t *testing.T) {
	t.Parallel()
	n := size{huge: dbtest.Size(5_000, 500_000), few: 10, own: dbtest.Size(500, 100_000), shared: dbtest.Size(100, 2_000), users: dbtest.Size(50, 2_000)}
	for _, statistics := range []string{"absent", "stale", "fresh"} {
		n.analyzeEarly = statistics == "stale"
		w := newSkewed(t, dbtest.Postgres(t), n)
		w.fillRemoved()
		if statistics == "fresh" {
			w.analyze()
		}
		w.eachPlan(t, func(query string, plan *planNode) {
			plan.visit(nil, func(node *planNode, above []*planNode) {
				if node.scansWhole() && statistics != "stale" && !slices.Contains(walks, query) {
					t.Errorf("%s, statistics %s: reads all of %s", query, statistics, node.Relation)
				}
				if node.readsArgument() && !isLookedUp(node, above) {
					t.Errorf("%s, statistics %s: reads its argument for each row of something else:\n%s", query, statistics, plan)
				}
			})
		})
		conn := got(w.raw().Conn(t.Context()))(t)
		for name, query := range w.listQueries(t) {
			plan := genericPlan(t, conn, query)
			plan.visit(nil, func(node *planNode, _ []*planNode) {
				walksAccount := strings.Contains(query, "FROM repositories AS r") // a long list in the order of its index
				if !node.isKeyed() && !walksAccount {
					t.Errorf("%s, statistics %s: reads what others store:\n%s", name, statistics, plan)
				}
			})
		}
		ok(t, conn.Close())
	}
}

// eachPlan calls fn with each generated query's name and plan.
func (w *skewed) eachPlan(t *testing.T, fn func(query string, plan *planNode)) {
	t.Helper()
	conn := got(w.raw().Conn(t.Context()))(t)
	defer conn.Close()
	for _, file := range got(filepath.Glob("sqlcgen/*.sql.go"))(t) {
		for _, query := range queriesIn(t, file) {
			name, _, _ := strings.Cut(strings.TrimPrefix(query, "-- name: "), " ")
			fn(name, genericPlan(t, conn, query))
		}
	}
}

// fillRemoved stores that everybody removed what they import, and excluded it.
func (w *skewed) fillRemoved() {
	w.exec(`INSERT INTO removed_imports (id, user_id, repository_id, account_id, created_at, removed_at)
		SELECT id, user_id, repository_id, account_id, 1, 1 FROM imports`)
	w.exec(`INSERT INTO import_exclusions (user_id, repository_id, created_at) SELECT user_id, repository_id, 1 FROM imports`)
}

// planNode is a node of PostgreSQL's EXPLAIN (FORMAT JSON).
type planNode struct {
	Type         string      `json:"Node Type"`
	Relationship string      `json:"Parent Relationship"`
	Relation     string      `json:"Relation Name"`
	Function     string      `json:"Function Name"`
	Index        string      `json:"Index Name"`
	Condition    string      `json:"Index Cond"`
	Plans        []*planNode `json:"Plans"`
}

// genericPlan returns the plan that PostgreSQL makes without knowing the arguments.
func genericPlan(t *testing.T, conn *sql.Conn, query string) *planNode {
	t.Helper()
	nulls := strings.TrimSuffix(strings.Repeat("NULL, ", placeholders(query)), ", ")
	if nulls != "" {
		nulls = "(" + nulls + ")"
	}
	for _, statement := range []string{"SET plan_cache_mode = force_generic_plan", "PREPARE explained AS " + query} {
		_, err := conn.ExecContext(t.Context(), statement)
		ok(t, err)
	}
	var encoded []byte
	ok(t, conn.QueryRowContext(t.Context(), "EXPLAIN (FORMAT JSON) EXECUTE explained"+nulls).Scan(&encoded))
	_, err := conn.ExecContext(t.Context(), "DEALLOCATE explained")
	ok(t, err)
	var plans []struct{ Plan *planNode }
	ok(t, json.Unmarshal(encoded, &plans))
	return plans[0].Plan
}

// visit calls fn for each node, with those above it, nearest last.
func (n *planNode) visit(above []*planNode, fn func(node *planNode, above []*planNode)) {
	fn(n, above)
	for _, below := range n.Plans {
		below.visit(append(slices.Clone(above), n), fn)
	}
}

// scansWhole reports whether the node reads all of a large table, or of an index of it that
// isn't partial.
func (n *planNode) scansWhole() bool {
	return n.isLarge() && n.Condition == "" && n.Type != "Bitmap Heap Scan" && n.Index != "imports_hidden"
}

// isKeyed reports whether the node, if it reads repositories, looks up one by its id.
func (n *planNode) isKeyed() bool {
	return n.Relation != "repositories" || strings.Contains(n.Condition, "(id = ")
}

func (n *planNode) readsArgument() bool {
	return n.Type == "Function Scan" && (n.Function == "json_each" || n.Function == "jsonb_each")
}

// isLookedUp reports whether a node that reads an argument comes before the large tables that
// it is joined with, so that these are read by its rows' keys, or by those of another argument.
func isLookedUp(node *planNode, above []*planNode) bool {
	path := append(slices.Clone(above), node)
	for i, join := range above {
		outer := join.Plans[0]
		if path[i+1].Relationship == "Inner" && outer.contains((*planNode).isLarge) && !outer.contains((*planNode).readsArgument) {
			return false
		}
	}
	return true
}

// contains reports whether is holds for the node or one below it.
func (n *planNode) contains(is func(*planNode) bool) bool {
	return is(n) || slices.ContainsFunc(n.Plans, func(below *planNode) bool { return below.contains(is) })
}

// isLarge reports whether the node reads a table that grows with what everybody stores.
func (n *planNode) isLarge() bool {
	return slices.Contains([]string{"access", "imports", "repositories"}, n.Relation) && n.Type != "ModifyTable"
}

// String is the plan as PostgreSQL indents it.
func (n *planNode) String() string {
	var text strings.Builder
	n.visit(nil, func(node *planNode, above []*planNode) {
		fmt.Fprintf(&text, "%s%s %s%s%s\n", strings.Repeat("  ", len(above)), node.Type, node.Relation, node.Function, " "+node.Index)
	})
	return text.String()
}
