package handlers_test

import (
	"fmt"
	"os/exec"
	"testing"
	"time"

	"neptun/db"
	"neptun/handlers/handlerstest"
)

// benchmarkLongLists measures pages of 100,000 repositories, and all of them as a file.
func benchmarkLongLists(b *testing.B, h *instance) {
	const rows = 100_000
	r := h.addUser(1, rows)
	h.analyze()
	list := fmt.Sprintf("/installations/%d", r.installation.ID)
	page := func(query string) load { return load{requests: []benchRequest{r.get(list + query)}, times: 1} }
	b.Run("50_rows_of_100000/page_1", func(b *testing.B) {
		goal(b, h.cpuCost(b, page("")).Seconds()*1000, "cpu-ms", noGoal, 0)
	})
	b.Run("50_rows_of_100000/page_2000", func(b *testing.B) {
		goal(b, h.cpuCost(b, page("?page=2000")).Seconds()*1000, "cpu-ms", atMost, 20)
	})
	b.Run("50_rows_of_100000/after_a_cursor", func(b *testing.B) {
		cursor := db.Available{Repository: r.repository(1).Repository}.Cursor(db.SortName)
		request := r.get(fmt.Sprintf("/api/users/me%s/repositories?per_page=50&after=%s", list, cursor))
		goal(b, h.cpuCost(b, load{[]benchRequest{request}, 1, r.change}).Seconds()*1000, "cpu-ms", atMost, 5)
	})
	for _, of := range []struct {
		name, query, bound string
		goal               float64
	}{
		{"by_push", "?sort=-pushed_at", atMost, 3},
		{"search", "?q=quarterly", noGoal, 0},
		{"search_without_a_hit", "?q=nothing+like+it", noGoal, 0},
	} {
		b.Run("50_rows_of_100000/"+of.name, func(b *testing.B) {
			cpu, _ := h.compare(b, h.neptun(page(of.query)), h.neptun(page("")))
			goal(b, cpu, "x-page-1", of.bound, of.goal)
		})
	}
	file := load{[]benchRequest{r.get("/api/users/me" + list + "/repositories.csv")}, 1, nil}
	b.Run("export_of_100000", func(b *testing.B) { benchmarkExport(b, h, file, rows) })
}

// cpuCost is the median CPU time per response.
func (h *instance) cpuCost(b *testing.B, l load) time.Duration {
	client := newBenchClient(b)
	h.measure(b, client, h.neptun(l))
	var all []time.Duration
	for b.Loop() {
		all = append(all, h.measure(b, client, h.neptun(l)).cpu)
	}
	b.ReportMetric(0, "ns/op") // elapsed time means little on a busy machine
	return median(all)
}

// benchmarkExport compares a list as CSV to the SQLite shell, which writes
// the same fields of the same rows.
func benchmarkExport(b *testing.B, h *instance, file load, rows int) {
	cost := h.cpuCost(b, file)
	goal(b, float64(cost.Microseconds())/float64(rows), "cpu-us/row", noGoal, 0)
	path, onSQLite := db.SQLiteFile(h.address)
	if _, err := exec.LookPath("sqlite3"); err != nil || !onSQLite {
		return
	}
	var shell []time.Duration
	for range benchRounds {
		command := exec.CommandContext(b.Context(), "sqlite3", "-csv", "-header", path, exportQuery)
		handlerstest.Must(b, command.Run())
		shell = append(shell, command.ProcessState.UserTime()+command.ProcessState.SystemTime())
	}
	goal(b, float64(cost)/float64(median(shell)), "x-sqlite3-csv", atMost, 2)
}

const exportQuery = `
SELECT r.id, r.name, o.login AS owner, o.login || '/' || r.name AS full_name, r.html_url, NULLIF(r.description, ''), NULLIF(r.language, ''),
    NULLIF(r.license, ''), r.size_kb, NULLIF(r.website_url, ''), NULLIF(r.default_branch, ''), r.topics, r.visibility, r.is_private, r.is_fork,
    r.is_template, r.is_archived, strftime('%Y-%m-%dT%H:%M:%SZ', NULLIF(r.pushed_at, 0) / 1000, 'unixepoch'), NULLIF(r.clone_url, ''),
    NULLIF(r.ssh_url, ''), NULLIF(r.node_id, ''), NULLIF(r.stars, -1), NULLIF(r.forks, -1), NULLIF(r.open_issues, -1), NULLIF(r.is_disabled, -1),
    strftime('%Y-%m-%dT%H:%M:%SZ', NULLIF(r.github_created_at, 0) / 1000, 'unixepoch'),
    strftime('%Y-%m-%dT%H:%M:%SZ', NULLIF(r.github_updated_at, 0) / 1000, 'unixepoch'), r.custom_properties, a.permission,
    (SELECT own.id FROM imports AS own WHERE own.user_id = a.user_id AND own.repository_id = r.id), ir.id
FROM installation_records AS ir
CROSS JOIN accounts AS o
CROSS JOIN access AS a
CROSS JOIN repositories AS r
WHERE ir.id = (SELECT id FROM installation_records ORDER BY repository_count DESC LIMIT 1)
  AND o.id = ir.account_id
  AND a.user_id = ir.user_id
  AND a.account_id = ir.account_id
  AND r.id = a.repository_id
ORDER BY a.name_key, a.repository_id`
