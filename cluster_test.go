package main

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"neptun/db/dbtest"
	"neptun/sandbox"
)

// cluster is three instances behind a proxy that tries the next one if one doesn't respond,
// as proxies do for safe requests.
type cluster struct {
	*crash
	public string // the proxy's address

	mu        sync.RWMutex
	instances map[int]*process
	turn      atomic.Int64

	sent, failed atomic.Int64
	unload       func() // set while there is load
}

func openCluster(t *testing.T, world *sandbox.World, databaseURL string) *cluster {
	t.Helper()
	c := &cluster{crash: openCrash(t, world, databaseURL), instances: map[int]*process{}}
	front := dbtest.FreePort(t)
	server := &http.Server{Addr: fmt.Sprint("127.0.0.1:", front), Handler: c, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.ListenAndServe() }()
	t.Cleanup(func() { _ = server.Close() })
	dbtest.WaitForPort(t, front)
	c.public = fmt.Sprint("http://localhost:", front)
	c.environment["NEPTUN_URL"] = c.public
	c.environment["NEPTUN_DATABASE_CONNECTIONS"] = "6"
	c.world.Apps.SetCallbackURLs(c.public + "/auth/github/callback")
	c.world.Apps.SetHookURL(c.public + "/webhooks/github")
	return c
}

// start starts a program as an instance.
func (c *cluster) start(n int, program string) {
	c.Helper()
	environment := maps.Clone(c.environment)
	environment["NEPTUN_ADDR"] = fmt.Sprint("127.0.0.1:", dbtest.FreePort(c.T))
	p := spawnAs(c.T, exec.CommandContext(c.Context(), program), environment)
	p.address = "http://" + environment["NEPTUN_ADDR"]
	c.mu.Lock()
	defer c.mu.Unlock()
	c.instances[n] = p
}

// take removes an instance from the proxy.
func (c *cluster) take(n int) *process {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.instances[n]
	delete(c.instances, n)
	return p
}

// stop stops an instance as an upgrade does. The proxy notices on its own.
func (c *cluster) stop(n int) {
	c.Helper()
	c.mu.RLock()
	p := c.instances[n]
	c.mu.RUnlock()
	must(c.T, p.Process.Signal(os.Interrupt))
	if err := p.Wait(); err != nil {
		c.Errorf("after Ctrl-C: %v", err)
	}
	c.take(n)
}

// ServeHTTP implements http.Handler.
func (c *cluster) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	first := c.turn.Add(1)
	for i := range int64(3) {
		c.mu.RLock()
		p := c.instances[int((first+i)%3)]
		c.mu.RUnlock()
		if p == nil {
			continue
		}
		target, err := url.Parse(p.address)
		if err != nil {
			continue
		}
		failed := false
		proxy := &httputil.ReverseProxy{
			Rewrite:      func(request *httputil.ProxyRequest) { request.SetURL(target); request.Out.Host = request.In.Host },
			ErrorHandler: func(http.ResponseWriter, *http.Request, error) { failed = true },
		}
		if proxy.ServeHTTP(w, r); !failed {
			return
		}
	}
	w.WriteHeader(http.StatusBadGateway)
}

// load makes a signed-in user read a list continuously.
func (c *cluster) load() {
	stop, stopped := make(chan struct{}), make(chan struct{})
	c.unload = func() { close(stop); <-stopped }
	c.sent.Store(0)
	c.failed.Store(0)
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			case <-time.After(10 * time.Millisecond):
			}
			c.sent.Add(1)
			answer, err := c.client.Get(c.public + "/api/users/me/installations")
			if err != nil {
				c.failed.Add(1)
				continue
			}
			answer.Body.Close()
			if answer.StatusCode != http.StatusOK {
				c.failed.Add(1)
				c.Logf("answered %d", answer.StatusCode)
			}
		}
	}()
}

// expectNoFailure ends the load.
func (c *cluster) expectNoFailure() {
	c.Helper()
	c.unload()
	if c.failed.Load() > 0 || c.sent.Load() == 0 {
		c.Errorf("%d of %d requests failed", c.failed.Load(), c.sent.Load())
	}
}
