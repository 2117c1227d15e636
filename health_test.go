package main

import (
	"context"
	"database/sql"
	"io"
	"net/http"
	"net/http/httptrace"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"neptun/db/dbtest"
)

// crowd is many clients, each with a request in flight until it is sent away.
type crowd struct {
	sent  atomic.Int64 // clients whose first request has been sent
	early atomic.Int64 // the number of responses other than 503 while the database was locked
	done  atomic.Bool
	all   sync.WaitGroup
}

// gather starts clients whose requests need the database.
func gather(t *testing.T, address string, clients int) *crowd {
	t.Helper()
	c := &crowd{}
	transport := &http.Transport{MaxIdleConnsPerHost: clients}
	t.Cleanup(transport.CloseIdleConnections)
	for range clients {
		c.all.Go(func() {
			var first sync.Once
			ctx := httptrace.WithClientTrace(context.WithoutCancel(t.Context()), &httptrace.ClientTrace{
				WroteRequest: func(httptrace.WroteRequestInfo) { first.Do(func() { c.sent.Add(1) }) },
			})
			for !c.done.Load() {
				request, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/api/users/me/installations", nil)
				if err != nil {
					t.Error(err)
					return
				}
				request.Header.Set("Authorization", "Bearer neptun_0000000000000000000000000000000000002Vpm")
				answer, err := transport.RoundTrip(request)
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, answer.Body)
				answer.Body.Close()
				if answer.StatusCode != http.StatusServiceUnavailable && !c.done.Load() {
					c.early.Store(int64(answer.StatusCode))
				}
			}
		})
	}
	return c
}

// O6: health checks don't wait behind requests that hold all of the pool's
// connections, or wait for one.
func TestO6HealthRespondsUnderFifteenHundredRequests(t *testing.T) {
	databaseURL := dbtest.Postgres(t)
	p := spawn(t, complete(t, map[string]string{"DATABASE_URL": databaseURL, "NEPTUN_SECRET": testSecret, "NEPTUN_RATE_LIMIT": "0"}))
	pool, err := sql.Open("pgx", databaseURL)
	must(t, err)
	defer pool.Close()
	held, err := pool.BeginTx(t.Context(), nil)
	must(t, err)
	_, err = held.ExecContext(t.Context(), "LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
	must(t, err)

	const inFlight = 1500
	crowd := gather(t, p.address, inFlight)
	dbtest.Until(t, "all requests are in flight", func() bool { return crowd.sent.Load() == inFlight || t.Failed() })
	slowest := map[string]time.Duration{}
	for range 5 {
		for _, path := range []string{"/healthz", "/readyz"} {
			answer, took := timed(t, http.DefaultClient, p.address+path)
			if answer.StatusCode != http.StatusOK {
				t.Errorf("%s: %d", path, answer.StatusCode)
			}
			slowest[path] = max(slowest[path], took)
		}
	}
	crowd.done.Store(true)
	must(t, held.Rollback())
	crowd.all.Wait()
	if status := crowd.early.Load(); status != 0 {
		t.Errorf("a request was answered %d while the database was held", status)
	}
	t.Logf("soak: the slowest of five under %d requests in flight: /healthz %v, /readyz %v", inFlight, slowest["/healthz"], slowest["/readyz"])
	limit := time.Second // other tests run in parallel
	if dbtest.Soak() > 0 {
		limit = soonEnough
	}
	if took := max(slowest["/healthz"], slowest["/readyz"]); took > limit {
		t.Errorf("a health check took %v", took)
	}
	must(t, p.Process.Signal(os.Interrupt))
	if err := p.Wait(); err != nil {
		t.Errorf("after Ctrl-C: %v", err)
	}
}
