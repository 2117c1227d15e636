package syncer

import (
	"net/http"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"testing"

	"neptun/db/dbtest"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

// A sync takes as much memory for ten thousand repositories as for three
// thousand, of which it already holds as many pages at once as ever.
func TestASyncsMemoryDoesNotGrowWithTheList(t *testing.T) {
	few, many := liveDuringSync(t, 3_000), liveDuringSync(t, 10_000)
	t.Logf("three thousand take %d KB, ten thousand %d KB", few>>10, many>>10)
	if many > few+3<<20 {
		t.Errorf("three thousand take %d KB, ten thousand %d KB", few>>10, many>>10)
	}
}

// liveDuringSync is what is in use beyond what was before, in the last third of a
// sync: all that a sync gathers is there by then. Of several looks it is the
// least, which has the fewest answers of the stand-in's under way.
func liveDuringSync(t *testing.T, repositories int) int64 {
	t.Helper()
	s := newStage(t, dbtest.SQLite(t), sandboxtest.LargeWorld(repositories))
	s.logIn("ada")
	s.work() // the stand-in draws each repository once
	s.anew(dbtest.SQLite(t))
	_, _ = live(), live() // pools give back in two steps
	before := live()
	var (
		mu    sync.Mutex
		looks []int64
	)
	s.server.Fault(func(r *http.Request) *sandbox.Fault {
		if strings.HasSuffix(r.URL.Path, "/repositories") {
			mu.Lock()
			defer mu.Unlock()
			looks = append(looks, live()-before)
		}
		return nil
	})
	s.work()
	if got := s.at("atlas").RepositoryCount; got != int64(repositories) {
		t.Fatalf("%d repositories are there", got)
	}
	return slices.Min(looks[len(looks)*2/3:])
}

// live is what the last collection, made now, found in use.
func live() int64 {
	runtime.GC()
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}
