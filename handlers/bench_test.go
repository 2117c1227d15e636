package handlers_test

import (
	"fmt"
	"testing"

	"neptun/db/dbtest"
)

// concurrentUsers poll the same kind of list at the same time, each their own.
const concurrentUsers = 4

// BenchmarkGoals measures what scripts poll and users look at, each compared with a bare reply
// of the same bytes, or with the first page. `task bench` prints the figures beside their
// goals.
func BenchmarkGoals(b *testing.B) {
	onEach(b, func(b *testing.B, h *instance) {
		benchmarkImports(b, h)
		benchmarkInstallations(b, h)
		benchmarkPages(b, h)
		benchmarkLongLists(b, h)
	})
}

// usersWith creates concurrentUsers who imported so many repositories and have as many
// installations.
func (h *instance) usersWith(rows int) []*benchUser {
	var users []*benchUser
	for range concurrentUsers {
		r := h.addUser(rows, rows)
		r.importAll()
		users = append(users, r)
	}
	h.analyze()
	return users
}

func requests(users []*benchUser, path func(*benchUser) string) []benchRequest {
	var all []benchRequest
	for _, r := range users {
		all = append(all, r.get(path(r)))
	}
	return all
}

// benchmarkImports measures a list in each state of its reply. Warm: the reply is cached.
// Cold: something changed since the last request, so the rows are read and encoded again.
// Unchanged: the script has the reply already. Gzip: warm and compressed.
func benchmarkImports(b *testing.B, h *instance) {
	users := h.usersWith(500)
	plain := requests(users, func(r *benchUser) string {
		return fmt.Sprintf("/api/users/me/installations/%d/imports", r.installation.ID)
	})
	bare := h.bare(b, load{requests: plain, times: 20})
	var unchanged, compressed []benchRequest
	for _, q := range plain {
		unchanged = append(unchanged, q.with("If-None-Match", h.send(q).Header().Get("ETag")))
		compressed = append(compressed, q.with("Accept-Encoding", "gzip"))
	}
	b.Run("500_imports/warm", func(b *testing.B) {
		_, throughput := h.compare(b, h.neptun(load{requests: plain, times: 20}), bare)
		goal(b, throughput, "of-bare-requests", atLeast, h.by(0.85, 0.65))
	})
	b.Run("500_imports/unchanged", func(b *testing.B) {
		cpu, _ := h.compare(b, h.neptun(load{requests: unchanged, times: 20}), bare)
		goal(b, cpu, "x-bare-plain", atMost, 0.5)
	})
	b.Run("500_imports/gzip", func(b *testing.B) {
		cpu, _ := h.compare(b, h.neptun(load{requests: compressed, times: 20}), bare)
		goal(b, cpu, "x-bare-plain", atMost, 0.6)
	})
	b.Run("500_imports/cold", func(b *testing.B) {
		cpu, _ := h.compare(b, h.neptun(load{requests: plain, times: 1, before: func() {
			for _, r := range users {
				r.change()
			}
		}}), bare)
		goal(b, cpu, "x-bare", atMost, 15)
	})
}

func benchmarkInstallations(b *testing.B, h *instance) {
	warm := load{
		requests: requests(h.usersWith(10), func(*benchUser) string { return "/api/users/me/installations" }), times: 50,
	}
	b.Run("10_installations/warm", func(b *testing.B) {
		cpu, throughput := h.compare(b, h.neptun(warm), h.bare(b, warm))
		goal(b, cpu, "x-bare", atMost, 2)
		goal(b, throughput, "of-bare-requests", atLeast, h.by(0.55, 0.2))
	})
}

// benchmarkPages measures the page of an installation: 50 rows of 10,000.
func benchmarkPages(b *testing.B, h *instance) {
	r := h.addUser(1, 10_000)
	page := func(query string) load {
		return load{requests: []benchRequest{r.get(fmt.Sprintf("/installations/%d%s", r.installation.ID, query))}, times: 10}
	}
	docs := load{requests: []benchRequest{r.get("/docs").with("Accept-Encoding", "gzip")}, times: 10}
	first := page("")
	b.Run("50_rows_of_10000", func(b *testing.B) {
		cpu, _ := h.compare(b, h.neptun(first), h.bare(b, load{requests: first.requests, times: 50}))
		goal(b, cpu, "x-bare", atMost, 20)
		goal(b, h.allocations(first.requests[0]), "allocations", atMost, 2500)
	})
	for _, of := range []struct {
		name, query string
		goal        float64
	}{
		{"page_200", "?page=200", 1.5},
		{"search", "?q=quarterly", 1.5},
		{"search_without_a_hit", "?q=nothing+like+it", 1.5},
		{"search_for_two_letters", "?q=zq", 4},
		{"by_name_descending", "?sort=-name", 3},
		{"by_push", "?sort=pushed_at", 3},
		{"by_size_descending", "?sort=-size_kb", 3},
		{"page_200_by_push", "?sort=pushed_at&page=200", 3},
	} {
		b.Run("50_rows_of_10000/"+of.name, func(b *testing.B) {
			cpu, _ := h.compare(b, h.neptun(page(of.query)), h.neptun(first))
			goal(b, cpu, "x-page-1", atMost, of.goal)
		})
	}
	b.Run("docs", func(b *testing.B) {
		cpu, _ := h.compare(b, h.neptun(docs), h.bare(b, load{requests: docs.requests, times: 50}))
		goal(b, cpu, "x-bare", atMost, 3)
		goal(b, float64(h.send(docs.requests[0]).Body.Len())/1000, "KB", atMost, 60)
	})
}

// BenchmarkSync measures how fast a listing of 10,000 repositories is stored,
// page by page: the first time, and when nothing has changed since.
func BenchmarkSync(b *testing.B) {
	const rows = 10_000
	onEach(b, func(b *testing.B, h *instance) {
		b.Run("first", func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				r := h.newUser(1)
				b.StartTimer()
				r.sync(rows)
			}
			b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
		b.Run("again", func(b *testing.B) {
			r := h.addUser(1, rows)
			for b.Loop() {
				r.sync(rows)
			}
			b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	})
}

func onEach(b *testing.B, benchmark func(*testing.B, *instance)) {
	b.Run("sqlite", func(b *testing.B) { benchmark(b, openInstance(b, dbtest.SQLite(b))) })
	b.Run("postgres", func(b *testing.B) { benchmark(b, openInstance(b, dbtest.Postgres(b))) })
}
