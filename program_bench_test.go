package main

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"neptun/db/dbtest"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

// BenchmarkGoals measures the release binary: its size, its start time and its peak memory.
// `task bench` prints the results next to their goals.
func BenchmarkGoals(b *testing.B) {
	binary := buildRelease(b)
	b.Run("sqlite/release_binary", func(b *testing.B) {
		stated(b, megabytes(b, binary), "MB")
		goal(b, megabytes(b, buildRelease(b, "-overlay", withoutMetrics(b))), "MB-without-metrics", "at-most", 28)
	})
	for engine, database := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(engine+"/start", func(b *testing.B) { benchmarkStart(b, binary, database(b)) })
		b.Run(engine+"/memory", func(b *testing.B) { benchmarkMemory(b, binary, database(b)) })
	}
}

func goal(b *testing.B, value float64, unit, bound string, want float64) {
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(value, unit)
	b.ReportMetric(want, bound+"-"+unit)
}

// stated reports a figure without a goal.
func stated(b *testing.B, value float64, unit string) { goal(b, value, unit, "no-goal", 0) }

// buildRelease builds the program like a release, and returns its path.
func buildRelease(b *testing.B, flags ...string) string {
	binary := filepath.Join(b.TempDir(), "neptun")
	flags = append([]string{"build", "-trimpath", "-ldflags", "-s -w", "-o", binary}, flags...)
	build := exec.CommandContext(b.Context(), "go", append(flags, ".")...)
	build.Env, build.Stderr = append(os.Environ(), "CGO_ENABLED=0"), os.Stderr
	must(b, build.Run())
	return binary
}

func megabytes(b *testing.B, file string) float64 {
	info, err := os.Stat(file)
	must(b, err)
	return float64(info.Size()) / 1e6
}

// withoutMetrics is an overlay in which nothing is measured, for `go build -overlay`.
func withoutMetrics(b *testing.B) string {
	source, err := os.ReadFile("metrics_server.go")
	must(b, err)
	text := regexp.MustCompile(`(?s)\n\tlistener, err := listen.*\n}\n`).ReplaceAllString(string(source), "\n\treturn observers{}, func() {}, nil\n}\n")
	text = regexp.MustCompile(`\t"(errors|neptun/metrics)"\n`).ReplaceAllString(text, "")
	stub, overlay := filepath.Join(b.TempDir(), "stub.go"), filepath.Join(b.TempDir(), "overlay.json")
	must(b, os.WriteFile(stub, []byte(text), 0o600))
	here, err := filepath.Abs("metrics_server.go")
	must(b, err)
	encoded, err := json.Marshal(map[string]map[string]string{"Replace": {here: stub}})
	must(b, err)
	must(b, os.WriteFile(overlay, encoded, 0o600))
	return overlay
}

// benchmarkStart measures the time from a start with an existing database to the first response.
func benchmarkStart(b *testing.B, binary, databaseURL string) {
	environment := map[string]string{"NEPTUN_ADDR": "127.0.0.1:0", "DATABASE_URL": databaseURL, "NEPTUN_SECRET": testSecret}
	stop := func(p *process) *os.ProcessState {
		must(b, p.Process.Signal(syscall.SIGTERM))
		must(b, p.Wait())
		return p.ProcessState
	}
	stop(spawnAs(b, exec.CommandContext(b.Context(), binary), environment))
	var took, used []float64
	for b.Loop() {
		began := time.Now()
		p := spawnAs(b, exec.CommandContext(b.Context(), binary), environment)
		took = append(took, float64(time.Since(began).Microseconds())/1000)
		state := stop(p)
		used = append(used, float64((state.UserTime()+state.SystemTime()).Microseconds())/1000)
	}
	slices.Sort(took)
	slices.Sort(used)
	goal(b, took[len(took)/2], "ms-to-ready", "at-most", 200)
	stated(b, used[len(used)/2], "cpu-ms-with-its-stop")
}

// benchmarkMemory measures the memory that the program has at most: in a first sync
// of 10,000 repositories, then with cold lists and pages of them and the API reference.
func benchmarkMemory(b *testing.B, binary, databaseURL string) {
	world := sandboxtest.LargeWorld(10_000)
	front := httptest.NewUnstartedServer(nil)
	address := "http://" + front.Listener.Addr().String()
	gitHub := sandbox.New(world, sandbox.Config{URL: address})
	front.Config.Handler = gitHub
	front.Start()
	b.Cleanup(front.Close)
	p := spawnAs(b, exec.CommandContext(b.Context(), binary), map[string]string{
		"NEPTUN_ADDR": "127.0.0.1:0", "DATABASE_URL": databaseURL, "NEPTUN_SECRET": testSecret,
		"GITHUB_URL": address, "GITHUB_CLIENT_ID": gitHub.App().ClientID, "GITHUB_CLIENT_SECRET": gitHub.App().ClientSecret,
	})
	b.Cleanup(func() {
		_ = p.Process.Signal(syscall.SIGTERM)
		_ = p.Wait()
	})
	goal(b, resident(b, p), "MiB-after-start", "at-most", 48)
	world.Apps.SetCallbackURLs(p.address + "/auth/github/callback")
	client := browser(b)
	logIn(b, client, p.address, "ada")
	list := "/api/users/me/installations"
	record := number(installations(b, client, p.address, 1)[0]["id"])
	dbtest.Until(b, "the first sync is done", func() bool {
		var sync struct {
			State string
			Total int64 `json:"repository_count"`
		}
		must(b, json.NewDecoder(get(b, client, p.address+list+"/"+record).Body).Decode(&sync))
		return sync.Total == 10_000
	})
	goal(b, resident(b, p), "MiB-after-a-sync-of-10000", "at-most", 48)

	answer, err := client.Post(p.address+list+"/"+record+"/imports", "application/json", strings.NewReader(`{"filter":{}}`))
	must(b, err)
	must(b, answer.Body.Close())
	goal(b, resident(b, p), "MiB-after-10000-imports", "at-most", 48)
	for n := range 10 {
		get(b, client, fmt.Sprintf("%s%s/%s/imports?per_page=100&page=%d", p.address, list, record, n+1))
		get(b, client, fmt.Sprintf("%s/installations/%s?page=%d&q=service", p.address, record, n+1))
	}
	for _, path := range []string{list + "/" + record + "/imports", "/imports", "/", "/docs", "/docs/imports", "/api/openapi.json"} {
		get(b, client, p.address+path)
	}
	goal(b, resident(b, p), "MiB-after-lists-pages-and-docs", "at-most", 48)
}

// resident is the memory that a process had at most, in MiB.
func resident(b *testing.B, p *process) float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.Process.Pid))
	must(b, err)
	peak := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(status)
	if peak == nil {
		b.Fatalf("no VmHWM in %s", status)
	}
	kB, err := strconv.ParseFloat(string(peak[1]), 64)
	must(b, err)
	return kB / 1024
}
