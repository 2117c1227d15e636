//go:build soak

package handlers_test

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
)

// While one user has 32 or 48 requests in flight, reads exports or writes in bulk, another
// user's page takes at most three times as long. `task soak` measures it. What other programs
// take doesn't count: a page takes the CPU time that this process uses until the page is
// there, on as many processors as it may use at once. The load comes from another process.
func TestS3AnotherUsersPageStaysFast(t *testing.T) {
	const slowest, samples = 3.0, 60
	h := openInstance(t, dbtest.SQLite(t))
	busy, other := h.addUser(1, 10_000), h.addUser(1, 500)
	path := func(r *benchUser, rest string) string {
		return "/api/users/me/installations/" + strconv.FormatInt(r.installation.ID, 10) + rest
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}}
	t.Cleanup(client.CloseIdleConnections)
	request := func(r *benchUser, method, path, body string) *http.Request {
		request, err := http.NewRequestWithContext(t.Context(), method, h.url+path, strings.NewReader(body))
		handlerstest.Must(t, err)
		request.Header.Set("Cookie", r.cookie)
		if body != "" {
			request.Header.Set("Content-Type", "application/json")
		}
		return request
	}
	page := "/installations/" + strconv.FormatInt(other.installation.ID, 10)
	median := func() time.Duration {
		var took []time.Duration
		for range samples {
			start := cpuTime(t)
			response, err := client.Do(request(other, http.MethodGet, page, ""))
			handlerstest.Must(t, err)
			_, err = io.Copy(io.Discard, response.Body)
			handlerstest.Must(t, errors.Join(err, response.Body.Close()))
			if response.StatusCode != http.StatusOK {
				t.Errorf("the page responds with %d", response.StatusCode)
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
		client := newBenchClient(t)
		load := order{Times: math.MaxInt, Limits: true}
		for range beside.flights {
			load.add(t, request(busy, beside.method, beside.path, beside.body))
		}
		before := cpuTime(t)
		handlerstest.Must(t, json.NewEncoder(client.orders).Encode(load))
		dbtest.Until(t, "they are in flight", func() bool { return cpuTime(t)-before > 10*alone })
		took := median() / time.Duration(runtime.GOMAXPROCS(0))
		_ = client.process.Kill()
		state, err := client.process.Wait()
		handlerstest.Must(t, err)
		if state.Exited() {
			t.Errorf("%s: the client ended before it was killed: %v", beside.name, state)
		}
		t.Logf("beside %-14s %7v, alone %7v: %.2f times", beside.name, took.Round(10*time.Microsecond), alone.Round(10*time.Microsecond), float64(took)/float64(alone))
		if float64(took) > slowest*float64(alone) {
			t.Errorf("beside %s another user's page takes %v, alone %v", beside.name, took, alone)
		}
	}
}
