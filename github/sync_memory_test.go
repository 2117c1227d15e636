package github

import (
	"net/http"
	"runtime"
	"sync/atomic"
	"testing"

	"neptun/db/dbtest"
	"neptun/sandbox"
)

// A sync takes as much memory for ten thousand repositories as for three
// thousand, of which it already holds as many pages at once as ever.
func TestASyncsMemoryDoesNotGrowWithTheList(t *testing.T) {
	few, many := liveDuringSync(t, 3_000), liveDuringSync(t, 10_000)
	t.Logf("three thousand take %d KB, ten thousand %d KB", few>>10, many>>10)
	if many > few+5<<20 {
		t.Errorf("three thousand take %d KB, ten thousand %d KB", few>>10, many>>10)
	}
}

// liveDuringSync is the most memory that is in use at once during a sync beyond
// what was before, with what the stand-in takes to answer.
func liveDuringSync(t *testing.T, repositories int) (most uint64) {
	t.Helper()
	s := newStage(t, dbtest.SQLite(t), sandbox.LargeWorld(repositories))
	s.logIn("ada")
	s.work() // the stand-in draws each repository once
	s.anew(dbtest.SQLite(t))
	live := func() uint64 {
		runtime.GC()
		var now runtime.MemStats
		runtime.ReadMemStats(&now)
		return now.HeapAlloc
	}
	_, _ = live(), live() // pools give back in two steps
	before := live()
	var requests, peak atomic.Uint64
	s.server.Fault(func(*http.Request) *sandbox.Fault {
		if requests.Add(1)%6 == 0 {
			if now := live(); now > before {
				peak.Store(max(peak.Load(), now-before))
			}
		}
		return nil
	})
	s.work()
	if got := s.at("atlas").RepositoryCount; got != int64(repositories) {
		t.Fatalf("%d repositories are there", got)
	}
	return peak.Load()
}
