package handlers_test

import (
	"fmt"
	"testing"

	"neptun/db/dbtest"
)

// askers ask at once for what scripts poll, each for lists of their own.
const askers = 4

// BenchmarkGoals measures what scripts poll and users look at, each against a bare
// reply of the same bytes, or against the first page. `task bench` prints its
// figures beside their goals.
func BenchmarkGoals(b *testing.B) {
	onEach(b, func(b *testing.B, h *house) {
		benchmarkImports(b, h)
		benchmarkInstallations(b, h)
		benchmarkPages(b, h)
		benchmarkLongLists(b, h)
	})
}

// residentsWith are askers who imported all of their so many repositories, beside
// as many installations.
func (h *house) residentsWith(rows int) []*resident {
	var residents []*resident
	for range askers {
		r := h.moveIn(rows, rows)
		r.importAll()
		residents = append(residents, r)
	}
	h.analyze()
	return residents
}

func questions(residents []*resident, path func(*resident) string) []question {
	var all []question
	for _, r := range residents {
		all = append(all, r.get(path(r)))
	}
	return all
}

// benchmarkImports measures a list in each state that a reply can be met in. Warm:
// its bytes are at hand. Cold: GitHub's facts changed since the last request, so
// that the rows are read and encoded again. Unchanged: the script has the bytes
// already. Gzip: warm and compressed.
func benchmarkImports(b *testing.B, h *house) {
	residents := h.residentsWith(500)
	plain := questions(residents, func(r *resident) string {
		return fmt.Sprintf("/api/users/me/installations/%d/imports", r.installation.ID)
	})
	bare := h.bare(b, load{questions: plain, times: 20})
	var unchanged, compressed []question
	for _, q := range plain {
		unchanged = append(unchanged, q.with("If-None-Match", h.ask(q).Header().Get("ETag")))
		compressed = append(compressed, q.with("Accept-Encoding", "gzip"))
	}
	b.Run("500_imports/warm", func(b *testing.B) {
		_, throughput := h.compare(b, h.neptun(load{questions: plain, times: 20}), bare)
		goal(b, throughput, "of-bare-requests", atLeast, h.by(0.85, 0.65))
	})
	b.Run("500_imports/unchanged", func(b *testing.B) {
		cpu, _ := h.compare(b, h.neptun(load{questions: unchanged, times: 20}), bare)
		goal(b, cpu, "x-bare-plain", atMost, 0.5)
	})
	b.Run("500_imports/gzip", func(b *testing.B) {
		cpu, _ := h.compare(b, h.neptun(load{questions: compressed, times: 20}), bare)
		goal(b, cpu, "x-bare-plain", atMost, 0.6)
	})
	b.Run("500_imports/cold", func(b *testing.B) {
		cpu, _ := h.compare(b, h.neptun(load{questions: plain, times: 1, before: func() {
			for _, r := range residents {
				r.change()
			}
		}}), bare)
		goal(b, cpu, "x-bare", atMost, 15)
	})
}

func benchmarkInstallations(b *testing.B, h *house) {
	warm := load{
		questions: questions(h.residentsWith(10), func(*resident) string { return "/api/users/me/installations" }), times: 50,
	}
	b.Run("10_installations/warm", func(b *testing.B) {
		cpu, throughput := h.compare(b, h.neptun(warm), h.bare(b, warm))
		goal(b, cpu, "x-bare", atMost, 2)
		goal(b, throughput, "of-bare-requests", atLeast, h.by(0.55, 0.2))
	})
}

// benchmarkPages measures the page of an installation: 50 rows of 10,000.
func benchmarkPages(b *testing.B, h *house) {
	r := h.moveIn(1, 10_000)
	page := func(query string) load {
		return load{questions: []question{r.get(fmt.Sprintf("/installations/%d%s", r.installation.ID, query))}, times: 10}
	}
	docs := load{questions: []question{r.get("/docs").with("Accept-Encoding", "gzip")}, times: 10}
	first := page("")
	b.Run("50_rows_of_10000", func(b *testing.B) {
		cpu, _ := h.compare(b, h.neptun(first), h.bare(b, load{questions: first.questions, times: 50}))
		goal(b, cpu, "x-bare", atMost, 20)
		goal(b, h.allocations(first.questions[0]), "allocations", atMost, 2500)
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
		cpu, _ := h.compare(b, h.neptun(docs), h.bare(b, load{questions: docs.questions, times: 50}))
		goal(b, cpu, "x-bare", atMost, 3)
		goal(b, float64(h.ask(docs.questions[0]).Body.Len())/1000, "KB", atMost, 60)
	})
}

// BenchmarkSync measures how fast a listing of 10,000 repositories is stored,
// page by page: the first time, and when nothing has changed since.
func BenchmarkSync(b *testing.B) {
	const rows = 10_000
	onEach(b, func(b *testing.B, h *house) {
		b.Run("first", func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				r := h.person(1)
				b.StartTimer()
				r.sync(rows)
			}
			b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
		b.Run("again", func(b *testing.B) {
			r := h.moveIn(1, rows)
			for b.Loop() {
				r.sync(rows)
			}
			b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	})
}

func onEach(b *testing.B, benchmark func(*testing.B, *house)) {
	b.Run("sqlite", func(b *testing.B) { benchmark(b, openHouse(b, dbtest.SQLite(b))) })
	b.Run("postgres", func(b *testing.B) { benchmark(b, openHouse(b, dbtest.Postgres(b))) })
}
