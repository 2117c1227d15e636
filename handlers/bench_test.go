package handlers_test

import (
	"fmt"
	"testing"

	"neptun/db/dbtest"
)

// askers ask at once for what scripts poll, each for lists of their own.
const askers = 4

// BenchmarkPublished measures what scripts poll, in each state that a reply
// can be met in. Warm: its bytes are at hand. Cold: GitHub's facts changed since
// the last request, so the rows are read and encoded anew; storing the change
// is not counted. Unchanged: the script has the bytes already. Gzip: warm and
// compressed.
func BenchmarkPublished(b *testing.B) {
	onEach(b, func(b *testing.B, h *house) {
		for _, rows := range []int{10, 500} {
			var residents []*resident
			for range askers {
				r := h.moveIn(rows, rows)
				r.importAll()
				residents = append(residents, r)
			}
			h.analyze()
			change := func() {
				for _, r := range residents {
					r.change()
				}
			}
			for _, of := range []struct {
				name string
				path func(*resident) string
			}{
				{"installations", func(*resident) string { return "/api/users/me/installations" }},
				{"imports", func(r *resident) string {
					return fmt.Sprintf("/api/users/me/installations/%d/imports", r.installation.ID)
				}},
			} {
				b.Run(fmt.Sprintf("%s/%d", of.name, rows), func(b *testing.B) {
					var plain, unchanged, compressed []question
					for _, r := range residents {
						q := r.get(of.path(r))
						plain = append(plain, q)
						unchanged = append(unchanged, q.with("If-None-Match", h.ask(q).Header().Get("ETag")))
						compressed = append(compressed, q.with("Accept-Encoding", "gzip"))
					}
					b.Run("warm", func(b *testing.B) { h.measure(b, plain, 10, nothing) })
					b.Run("unchanged", func(b *testing.B) { h.measure(b, unchanged, 10, nothing) })
					b.Run("gzip", func(b *testing.B) { h.measure(b, compressed, 10, nothing) })
					b.Run("cold", func(b *testing.B) { h.measure(b, plain, 1, change) })
				})
			}
		}
	})
}

func nothing() {}

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
			b.Run(of.name, func(b *testing.B) { h.measure(b, []question{page}, 1, nothing) })
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
