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

// A sync of a long list takes as much memory as one of a list a third as long, which
// already holds the maximum number of pages at once.
func TestASyncsMemoryDoesNotGrowWithTheList(t *testing.T) {
	short, long := dbtest.Size(1_500, 3_000), dbtest.Size(5_000, 10_000)
	few, many := liveDuringSync(t, short), liveDuringSync(t, long)
	t.Logf("%d take %d KB, %d take %d KB", short, few>>10, long, many>>10)
	if many > few+3<<20 {
		t.Errorf("%d take %d KB, %d take %d KB", short, few>>10, long, many>>10)
	}
}

// liveDuringSync returns how much more heap is live in the last third of a sync than
// before it: everything that a sync accumulates is there by then. It returns the
// minimum of several measurements, which has the fewest sandbox responses in it.
func liveDuringSync(t *testing.T, repositories int) int64 {
	t.Helper()
	s := newStage(t, dbtest.SQLite(t), sandboxtest.LargeWorld(repositories))
	s.signIn("ada")
	s.work() // the sandbox generates each repository once
	s.reset(dbtest.SQLite(t))
	_, _ = live(), live() // sync.Pool frees memory after two collections
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
		t.Fatalf("%d repositories are listed", got)
	}
	return slices.Min(looks[len(looks)*2/3:])
}

// liveStage runs the garbage collector and returns the bytes in use.
func live() int64 {
	runtime.GC()
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}
