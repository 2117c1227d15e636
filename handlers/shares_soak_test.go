//go:build soak

package handlers_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
)

// While one user has 32 or 48 requests in flight, reads exports or writes in bulk, another
// user's page takes at most three times as long. `task soak` measures it. What other programs
// take doesn't count: a page takes the CPU time that this process uses until the page is
// there, on as many processors as it may use at once.
func TestS3AnotherUsersPageStaysFast(t *testing.T) {
	const slowest, samples = 3.0, 60
	h := openInstance(t, dbtest.SQLite(t))
	busy, other := h.addUser(1, 10_000), h.addUser(1, 500)
	path := func(r *benchUser, rest string) string {
		return "/api/users/me/installations/" + strconv.FormatInt(r.installation.ID, 10) + rest
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}}
	t.Cleanup(client.CloseIdleConnections)
	send := func(r *benchUser, method, path, body string) (int, error) {
		request, err := http.NewRequestWithContext(t.Context(), method, h.url+path, bytes.NewReader([]byte(body)))
		if err != nil {
			return 0, err
		}
		request.Header.Set("Cookie", r.cookie)
		if body != "" {
			request.Header.Set("Content-Type", "application/json")
		}
		response, err := client.Do(request)
		if err != nil {
			return 0, err
		}
		_, err = io.Copy(io.Discard, response.Body)
		return response.StatusCode, errors.Join(err, response.Body.Close())
	}
	page := "/installations/" + strconv.FormatInt(other.installation.ID, 10)
	median := func() time.Duration {
		var took []time.Duration
		for range samples {
			start := cpuTime(t)
			status, err := send(other, http.MethodGet, page, "")
			handlerstest.Must(t, err)
			if status != http.StatusOK {
				t.Errorf("the page responds with %d", status)
			}
			took = append(took, cpuTime(t)-start)
		}
		slices.Sort(took)
		return took[samples/2]
	}
	all := `{"repository_ids":[` + strings.TrimSuffix(strings.Repeat("1,", 500), ",") + `]}`
	median()
	alone := median()
	for _, beside := range []struct {
		name         string
		flights      int
		method, path string
		body         string
	}{
		{"32 pages", 32, http.MethodGet, "/installations/" + strconv.FormatInt(busy.installation.ID, 10) + "?q=o", ""},
		{"48 searches", 48, http.MethodGet, path(busy, "/repositories?q=number&per_page=100"), ""},
		{"8 exports", 8, http.MethodGet, path(busy, "/repositories.csv"), ""},
		{"16 bulk writes", 16, http.MethodPost, path(busy, "/imports"), all},
	} {
		var over atomic.Bool
		var done atomic.Int64
		var flying sync.WaitGroup
		for range beside.flights {
			flying.Go(func() {
				for !over.Load() {
					if _, err := send(busy, beside.method, beside.path, beside.body); err != nil {
						return
					}
					done.Add(1)
				}
			})
		}
		dbtest.Until(t, "they are in flight", func() bool { return done.Load() > 0 })
		took := median() / time.Duration(runtime.GOMAXPROCS(0))
		over.Store(true)
		flying.Wait()
		t.Logf("beside %-14s %7v, alone %7v: %.2f times (%d done)", beside.name, took.Round(10*time.Microsecond), alone.Round(10*time.Microsecond), float64(took)/float64(alone), done.Load())
		if float64(took) > slowest*float64(alone) {
			t.Errorf("beside %s another user's page takes %v, alone %v", beside.name, took, alone)
		}
	}
}
