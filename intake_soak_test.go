//go:build soak && linux

package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// peakMemory is the most memory that a process has had, in MB.
func peakMemory(t *testing.T, pid int) int {
	t.Helper()
	file, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	must(t, err)
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			kb, err := strconv.Atoi(strings.Fields(value)[0])
			must(t, err)
			return kb >> 10
		}
	}
	t.Fatal("the peak isn't there")
	return 0
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// 40 clients send 25 MB each, unsigned or wrongly signed: memory stays within the budget for
// bodies, and other requests are served meanwhile.
func TestS1ManyLargeBodiesCostABudget(t *testing.T) {
	const sockets, size, most = 40, 25 << 20, 200 // MB above the start
	p := spawnAs(t, exec.CommandContext(t.Context(), executable(t)), complete(t, map[string]string{
		"NEPTUN_SECRET": testSecret, "GITHUB_WEBHOOK_SECRET": testSecret,
	}))
	t.Cleanup(func() {
		_ = p.Process.Kill()
		_ = p.Wait()
	})
	before := peakMemory(t, p.Process.Pid)
	for name, signature := range map[string]string{"unsigned": "", "wrongly signed": "sha256=" + strings.Repeat("0", 64)} {
		statuses := map[int]int{}
		var mu sync.Mutex
		var sending sync.WaitGroup
		for range sockets {
			sending.Go(func() {
				request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.address+"/webhooks/github", io.LimitReader(endless{}, size))
				if err != nil {
					return
				}
				request.Header.Set("X-Hub-Signature-256", signature)
				response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(request)
				status := 0 // the server closed the connection first
				if err == nil {
					status = response.StatusCode
					_ = response.Body.Close()
				}
				mu.Lock()
				statuses[status]++
				mu.Unlock()
			})
		}
		healthy, err := http.Get(p.address + "/healthz")
		must(t, err)
		must(t, healthy.Body.Close())
		sending.Wait()
		peak := peakMemory(t, p.Process.Pid)
		t.Logf("%s: %d MB at the start, %d MB at the peak, statuses %v", name, before, peak, statuses)
		if peak-before > most || statuses[http.StatusAccepted] > 0 || healthy.StatusCode != http.StatusOK {
			t.Errorf("%s: %d MB more than at the start, statuses %v", name, peak-before, statuses)
		}
	}
}
