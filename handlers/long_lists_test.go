package handlers_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
)

// rows is the length of the long list.
var rows = dbtest.Size(20_000, 100_000)

// multiply copies the first repository and its import so many times, within the database.
func (r *benchUser) multiply(n int) {
	driver, address := "pgx", r.h.address
	if file, ok := strings.CutPrefix(address, "sqlite:"); ok {
		driver, address = "sqlite", "file:"+file+"?_pragma=busy_timeout(5000)"
	}
	pool, err := sql.Open(driver, address)
	handlerstest.Must(r.h.b, err)
	defer pool.Close()
	series := fmt.Sprintf("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) ", n-1)
	for _, statement := range []string{
		series + `
INSERT INTO repositories (id, account_id, name, name_key, search, html_url, description, language, license, size_kb, website_url,
    default_branch, topics, visibility, is_private, is_fork, is_template, is_archived, pushed_at, updated_at)
SELECT r.id + n.i, r.account_id, r.name || '-' || n.i, r.name_key || '-' || n.i, r.search, r.html_url || '-' || n.i, r.description,
    r.language, r.license, r.size_kb + n.i, r.website_url, r.default_branch, r.topics, r.visibility, r.is_private, r.is_fork,
    r.is_template, r.is_archived, r.pushed_at, r.updated_at
FROM repositories AS r, n`,
		`INSERT INTO access (user_id, repository_id, account_id, permission, generation)
SELECT a.user_id, r.id, r.account_id, a.permission, a.generation FROM access AS a, repositories AS r WHERE r.id <> a.repository_id`,
		`INSERT INTO imports (user_id, repository_id, account_id, created_at, updated_at)
SELECT i.user_id, r.id, r.account_id, i.created_at, i.updated_at FROM imports AS i, repositories AS r WHERE r.id <> i.repository_id`,
		fmt.Sprintf(`UPDATE installation_records SET repository_count = %d, import_count = %d, version = version + 1`, n, n),
	} {
		_, err := pool.ExecContext(context.Background(), statement)
		handlerstest.Must(r.h.b, err)
	}
	r.h.analyze()
}

// memory is the resident memory of this process in bytes, or the heap in use if the system
// doesn't report it.
func memory() int64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	status, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(status)) {
		var kB int64
		if n, _ := fmt.Sscanf(line, "VmRSS: %d kB", &kB); n == 1 {
			return kB << 10
		}
	}
	return int64(stats.HeapInuse)
}

// growth is by how many bytes memory grew at most while fn ran.
func growth(fn func()) int64 {
	// Collect garbage often, so that only retained memory counts.
	defer debug.SetGCPercent(debug.SetGCPercent(20))
	debug.FreeOSMemory()
	before := memory()
	var most atomic.Int64
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			most.Store(max(most.Load(), memory()))
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	fn()
	close(done)
	<-stopped
	return most.Load() - before
}

// open sends a request to a running Neptun; the body is read as it arrives.
func (h *instance) open(q benchRequest) *http.Response {
	response, err := h.client.Do(q.to(h.url))
	handlerstest.Must(h.b, err)
	h.b.Cleanup(func() { _ = response.Body.Close() })
	return response
}

func (h *instance) head(q benchRequest) *http.Response {
	request := q.to(h.url)
	request.Method = http.MethodHead
	response, err := h.client.Do(request)
	handlerstest.Must(h.b, err)
	handlerstest.Must(h.b, response.Body.Close())
	return response
}

func TestLongListsAreReadInConstantMemory(t *testing.T) {
	most := int64(rows) * 400 // in bytes: about half the size of the rows as JSON
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		h := openInstance(t, databaseURL)
		r := h.addUser(1, 1)
		r.importAll()
		r.multiply(rows)
		imports := fmt.Sprintf("/api/users/me/installations/%d/imports", r.installation.ID)

		for name, list := range map[string]struct {
			benchRequest
			count func(io.Reader) (int, error)
		}{
			"imports":                 {r.get(imports), countObjects},
			"all imports, compressed": {r.get("/api/users/me/imports").with("Accept-Encoding", "gzip"), compressed(countObjects)},
			"imports as a table":      {r.get(imports + ".csv"), countLines},
		} {
			var n int
			read := func() {
				answer := h.open(list.benchRequest)
				if answer.StatusCode != http.StatusOK || answer.Header.Get("ETag") == "" || answer.Header.Get("Content-Length") != "" {
					t.Errorf("%s: %d, %v", name, answer.StatusCode, answer.Header)
				}
				var err error
				n, err = list.count(answer.Body)
				handlerstest.Must(t, err)
			}
			grown := growth(read)
			for try := 0; grown >= most && try < 2; try++ {
				grown = growth(read) // other tests may have delayed the garbage collection
			}
			if n != rows {
				t.Errorf("%s: %d rows", name, n)
			}
			if grown >= most {
				t.Errorf("%s: memory grew by %d MB", name, grown>>20)
			}
			t.Logf("%s: memory grew by %.1f MB", name, float64(grown)/(1<<20))
		}

		long := h.open(r.get(imports))
		tag := long.Header.Get("ETag")
		handlerstest.Must(t, long.Body.Close())
		if again := h.open(r.get(imports).with("If-None-Match", tag)); again.StatusCode != http.StatusNotModified {
			t.Errorf("repeated request: %d", again.StatusCode)
		}
		if answer := h.head(r.get(imports)); answer.StatusCode != http.StatusOK || answer.Header.Get("ETag") != tag {
			t.Errorf("HEAD: %d, ETag %q for %q", answer.StatusCode, answer.Header.Get("ETag"), tag)
		}
		slowReaders(t, h, r, imports)
	})
}

// A reader who doesn't read keeps one connection. The next long list of the same user
// waits, and holds none meanwhile.
func slowReaders(t *testing.T, h *instance, r *benchUser, imports string) {
	inUse := h.db.Stats().InUse
	slow := h.open(r.get(imports))
	defer slow.Body.Close()
	if slow.StatusCode != http.StatusOK {
		t.Errorf("a slow reader: %d", slow.StatusCode)
	}
	next := make(chan *http.Response, 1)
	go func() {
		response, err := h.client.Do(r.get(imports).to(h.url))
		if err != nil {
			t.Error(err)
			response = &http.Response{Body: http.NoBody}
		}
		next <- response
	}()
	for range 3 {
		if h.send(r.get("/api/users/me/imports?per_page=1")).Code != http.StatusOK {
			t.Error("the other lists wait for slow readers")
		}
	}
	dbtest.Until(t, "the slow reader alone has a connection", func() bool { return h.db.Stats().InUse <= inUse+1 })
	select {
	case response := <-next:
		t.Errorf("one more of the same user beside the slow one: %d", response.StatusCode)
	default:
	}
	// A client that disconnects frees its slot.
	_ = slow.Body.Close()
	response := <-next
	defer response.Body.Close()
	if n, err := countObjects(response.Body); response.StatusCode != http.StatusOK || n != rows || err != nil {
		t.Errorf("after the slow one ended: %d, %d rows, %v", response.StatusCode, n, err)
	}
}

// countObjects counts the rows of a list in JSON. Their texts have no braces.
func countObjects(r io.Reader) (n int, err error) { return count(r, '{') }

// countLines counts the rows of a table without its header.
func countLines(r io.Reader) (n int, err error) {
	n, err = count(r, '\n')
	return n - 1, err
}

func count(r io.Reader, of byte) (n int, err error) {
	chunk := make([]byte, 32<<10)
	for {
		read, err := r.Read(chunk)
		n += bytes.Count(chunk[:read], []byte{of})
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
}

func compressed(count func(io.Reader) (int, error)) func(io.Reader) (int, error) {
	return func(r io.Reader) (int, error) {
		plain, err := gzip.NewReader(r)
		if err != nil {
			return 0, err
		}
		return count(plain)
	}
}
