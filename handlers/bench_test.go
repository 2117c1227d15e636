package handlers_test

import (
	"fmt"
	"testing"

	"neptun/db/dbtest"
)

// BenchmarkPublished measures what scripts poll, in each state that a reply
// can be met in. Warm: its bytes are at hand. Cold: GitHub's facts changed since
// the last request, so the rows are read and encoded anew; storing the change
// is not counted. Unchanged: the script has the bytes already. Gzip: warm and
// compressed.
func BenchmarkPublished(b *testing.B) {
	onEach(b, func(b *testing.B, h *house) {
		for _, rows := range []int{10, 500} {
			r := h.moveIn(rows, rows)
			r.importAll()
			list := "/api/users/me/installations"
			imports := fmt.Sprintf("%s/%d/imports", list, r.installation.ID)
			for _, of := range []struct{ name, path string }{{"installations", list}, {"imports", imports}} {
				b.Run(fmt.Sprintf("%s/%d", of.name, rows), func(b *testing.B) {
					plain := r.get(of.path)
					b.Run("warm", func(b *testing.B) { h.measure(b, plain) })
					b.Run("cold", func(b *testing.B) { h.measureOne(b, plain, r.change) })
					b.Run("unchanged", func(b *testing.B) {
						h.measure(b, plain.with("If-None-Match", h.ask(plain).Header().Get("ETag")))
					})
					b.Run("gzip", func(b *testing.B) { h.measure(b, plain.with("Accept-Encoding", "gzip")) })
				})
			}
		}
	})
}

// BenchmarkPage measures the page of an installation: 50 rows of 10,000.
func BenchmarkPage(b *testing.B) {
	onEach(b, func(b *testing.B, h *house) {
		r := h.moveIn(1, 10_000)
		for _, of := range []struct{ name, query string }{
			{"first", ""},
			{"last", "?page=200"},
			{"search", "?q=quarterly"},
			{"by-name", "?sort=name"},
			{"by-name-desc", "?sort=-name"},
			{"by-push", "?sort=pushed_at"},
			{"by-push-desc", "?sort=-pushed_at"},
			{"by-size", "?sort=size_kb"},
			{"by-size-desc", "?sort=-size_kb"},
		} {
			page := r.get(fmt.Sprintf("/installations/%d%s", r.installation.ID, of.query))
			b.Run(of.name, func(b *testing.B) { h.measureOne(b, page, func() {}) })
		}
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
