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

// A sync takes as much memory for a long list as for one of a third of it, of which it already holds as many pages at
// once as ever.
func TestASyncsMemoryDoesNotGrowWithTheList(t *testing.T) {
	short, long := dbtest.Size(1_500, 3_000), dbtest.Size(5_000, 10_000)
	few, many := liveDuringSync(t, short), liveDuringSync(t, long)
	t.Logf("%d take %d KB, %d take %d KB", short, few>>10, long, many>>10)
	if many > few+3<<20 {
		t.Errorf("%d take %d KB, %d take %d KB", short, few>>10, long, many>>10)
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
