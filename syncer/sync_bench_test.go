package syncer

import (
	"net/http"
	"runtime"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/github"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

// BenchmarkFirstSync reads 10,000 repositories from a GitHub that takes 150 ms for each
// page. The floor is the time that GitHub's latency alone takes; peak-MB is how much
// the heap grows, including the sandbox's responses.
func BenchmarkFirstSync(b *testing.B) {
	const (
		repositories = 10_000
		latency      = 150 * time.Millisecond
		pages        = repositories / github.PerPage
		floor        = latency * (1 + (pages-1+github.Parallel-1)/github.Parallel)
	)
	for engine, address := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(engine, func(b *testing.B) {
			s := newStage(b, address(b), sandboxtest.LargeWorld(repositories))
			s.signIn("ada")
			s.work() // the sandbox generates each repository once
			var spent time.Duration
			var peak uint64
			for b.Loop() {
				b.StopTimer()
				s.reset(address(b))
				s.server.Fault(func(r *http.Request) *sandbox.Fault {
					if strings.HasSuffix(r.URL.Path, "/repositories") {
						return &sandbox.Fault{Delay: latency}
					}
					return nil
				})
				job, err := s.claim()
				if err != nil || job.Kind != "sync_repositories" {
					b.Fatalf("got %+v, %v", job, err)
				}
				growth := watchHeap()
				b.StartTimer()
				began := time.Now()
				s.syncer.runner.Do(b.Context(), job)
				spent += time.Since(began)
				b.StopTimer()
				peak = max(peak, growth())
				if got := s.at("atlas"); got.RepositoryCount != repositories || got.Sync.State != db.SyncIdle {
					b.Fatalf("got %+v", got)
				}
				b.StartTimer()
			}
			b.ReportMetric(float64(spent)/float64(b.N)/float64(floor), "of-floor")
			b.ReportMetric(float64(peak)/(1<<20), "peak-MB")
		})
	}
}

// BenchmarkGoals measures the CPU time of a first sync and of one that finds nothing
// changed, including the sandbox, which walks all of its repositories for each page, and
// of first syncs where others store much. `task bench` prints it next to its goals.
func BenchmarkGoals(b *testing.B) {
	const repositories = 10_000
	for engine, address := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(engine, func(b *testing.B) {
			s := newStage(b, address(b), sandboxtest.LargeWorld(repositories))
			s.signIn("ada")
			s.work() // the sandbox generates each repository once
			for _, sync := range []struct {
				name string
				goal float64
				work func()
			}{
				{"first", 120, func() { s.reset(address(b)); s.work() }},
				{"unchanged", 20, func() {
					if err := s.syncer.db.QueueSync(b.Context(), db.SyncRepositories{RecordID: s.at("atlas").ID}); err != nil {
						b.Fatal(err)
					}
					s.work()
				}},
			} {
				b.Run("sync_of_10000/"+sync.name, func(b *testing.B) {
					var each []float64
					for b.Loop() {
						before := cpuTime(b)
						sync.work()
						each = append(each, float64((cpuTime(b)-before).Microseconds())/repositories)
					}
					b.ReportMetric(median(each), "cpu-us/repository")
					b.ReportMetric(sync.goal, "at-most-cpu-us/repository")
				})
			}
			benchmarkCrowd(b, address)
		})
	}
}

// reset connects the sandbox to an empty database, in which ada is signed in and her
// installations are known.
func (s *stage) reset(databaseURL string) {
	s.t.Helper()
	s.server.Fault(nil)
	*s = *s.instance(dbtest.Open(s.t, databaseURL, s.clock.Now))
	s.signIn("ada")
	job, err := s.claim()
	if err != nil || job.Kind != "sync_installations" {
		s.t.Fatalf("got %+v, %v", job, err)
	}
	s.syncer.runner.Do(s.t.Context(), job)
}

// watchHeap returns a function that returns the highest growth of the heap so far, in
// bytes.
func watchHeap() func() uint64 {
	read := func() uint64 {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		metrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	runtime.GC()
	before, peak := read(), uint64(0)
	done, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		for {
			peak = max(peak, read())
			select {
			case <-done:
				return
			case <-time.After(2 * time.Millisecond):
			}
		}
	}()
	return func() uint64 {
		close(done)
		<-over
		return peak - min(peak, before)
	}
}
