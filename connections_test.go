package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"

	"neptun/db/dbtest"
)

// O6: connections that say nothing leave enough descriptors for everybody else, and
// for what the program itself needs.
func TestO6IdleConnectionsDoNotExhaustDescriptors(t *testing.T) {
	if runtime.GOOS != "linux" {
		dbtest.Skip(t, "other systems route only one address to themselves")
	}
	const descriptors = 300
	p := spawnAs(t, exec.CommandContext(t.Context(), "sh", "-c", fmt.Sprintf(`ulimit -n %d && exec "$0"`, descriptors), executable(t)), complete(t, nil))
	address, err := url.Parse(p.address)
	must(t, err)
	var silent []net.Conn
	for range 2 * descriptors {
		if conn, err := net.Dial("tcp", address.Host); err == nil {
			silent = append(silent, conn)
		}
	}
	client := browser(t)
	client.Transport = &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		elsewhere := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}, Timeout: 5 * time.Second}
		return elsewhere.DialContext(ctx, network, address)
	}}
	for _, path := range []string{"/healthz", "/readyz", "/login"} {
		answer, took := timed(t, client, p.address+path)
		if answer.StatusCode != http.StatusOK || took > 2*time.Second {
			t.Errorf("%s from another network: %d after %v", path, answer.StatusCode, took)
		}
	}
	for _, conn := range silent {
		must(t, conn.Close())
	}
	must(t, p.Process.Signal(os.Interrupt))
	if err := p.Wait(); err != nil {
		t.Errorf("after Ctrl-C: %v", err)
	}
}
