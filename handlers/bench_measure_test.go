package handlers_test

import (
	"cmp"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"neptun/handlers/handlerstest"
)

// benchRounds is how often the two targets of a comparison alternate. The result is the
// median of their ratios.
const benchRounds = 5

// load is what is sent to a target in a round: these requests concurrently, each on
// its own connection and so many times.
type load struct {
	requests []benchRequest
	times    int
	// before runs before each round and isn't measured.
	before func()
}

// target is one of the two servers of a comparison.
type target struct {
	server string
	load
}

// cost is what a target needed per response.
type cost struct{ cpu, time time.Duration }

// measure runs one round of a target. The client is another process, so its CPU time
// doesn't count.
func (h *instance) measure(b *testing.B, client *benchClient, s target) cost {
	if s.before != nil {
		s.before()
	}
	began, cpu := time.Now(), cpuTime(b)
	client.send(b, s)
	answers := time.Duration(len(s.requests) * s.times)
	return cost{(cpuTime(b) - cpu) / answers, time.Since(began) / answers}
}

// cpuTime is the CPU time that this process has used.
func cpuTime(b testing.TB) time.Duration {
	var usage syscall.Rusage
	handlerstest.Must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// compare alternates between two targets, so that other load on the machine affects both. It
// reports the medians of the ratios of their CPU time and of their requests per second, and
// our cost per response.
func (h *instance) compare(b *testing.B, neptun, bare target) (cpu, throughput float64) {
	client := newBenchClient(b)
	for _, s := range []target{neptun, bare} {
		h.measure(b, client, s)
	}
	var turns [][2]cost
	for b.Loop() {
		var pair [2]cost
		if len(turns)%2 == 0 {
			pair[0], pair[1] = h.measure(b, client, neptun), h.measure(b, client, bare)
		} else {
			pair[1], pair[0] = h.measure(b, client, bare), h.measure(b, client, neptun)
		}
		turns = append(turns, pair)
	}
	var cpus, throughputs, each []float64
	for round := range slices.Chunk(turns, max(1, (len(turns)+benchRounds-1)/benchRounds)) {
		var our, their cost
		for _, pair := range round {
			our, their = cost{our.cpu + pair[0].cpu, our.time + pair[0].time}, cost{their.cpu + pair[1].cpu, their.time + pair[1].time}
		}
		cpus = append(cpus, float64(our.cpu)/float64(their.cpu))
		throughputs = append(throughputs, float64(their.time)/float64(our.time))
		each = append(each, float64(our.cpu.Microseconds())/float64(len(round)))
	}
	b.ReportMetric(0, "ns/op") // elapsed time means little on a busy machine
	b.ReportMetric(median(each), "cpu-us/answer")
	return median(cpus), median(throughputs)
}

func median[T cmp.Ordered](values []T) T {
	slices.Sort(values)
	return values[len(values)/2]
}

// bare is the other target of a load: servers that have the response to each request in
// memory and only send it.
func (h *instance) bare(b *testing.B, l load) target {
	handler := http.NewServeMux()
	l.requests = slices.Clone(l.requests)
	for i, q := range l.requests {
		response := h.send(q)
		body := response.Body.Bytes()
		l.requests[i].path = "/" + strconv.Itoa(i)
		handler.HandleFunc(l.requests[i].path, func(w http.ResponseWriter, _ *http.Request) {
			for _, name := range []string{"Content-Type", "Content-Encoding"} {
				if value := response.Header().Get(name); value != "" {
					w.Header().Set(name, value)
				}
			}
			if len(body) > 0 {
				w.Header().Set("Content-Length", strconv.Itoa(len(body)))
			}
			w.WriteHeader(response.Code)
			_, _ = w.Write(body)
		})
	}
	server := httptest.NewServer(handler)
	b.Cleanup(server.Close)
	l.before = nil
	return target{server.URL, l}
}

// neptun is the measured target of a load.
func (h *instance) neptun(l load) target { return target{h.url, l} }

// goal reports a figure of the table that `task bench` prints, with its goal unless the bound is
// noGoal.
func goal(b *testing.B, value float64, unit, bound string, want float64) {
	b.ReportMetric(value, unit)
	b.ReportMetric(want, bound+"-"+unit)
}

// by returns the goal for the database that is measured.
func (h *instance) by(sqlite, postgres float64) float64 {
	if strings.HasPrefix(h.address, "postgres") {
		return postgres
	}
	return sqlite
}

const (
	atMost  = "at-most"
	atLeast = "at-least"
	noGoal  = "no-goal"
)

// allocations is how often the handler allocates per response.
func (h *instance) allocations(q benchRequest) float64 {
	const times = 50
	request := q.to(h.url)
	var start, end runtime.MemStats
	runtime.ReadMemStats(&start)
	for range times {
		h.handler.ServeHTTP(discard{http.Header{}}, request)
	}
	runtime.ReadMemStats(&end)
	return float64(end.Mallocs-start.Mallocs) / times
}

// discard is an http.ResponseWriter that discards everything.
type discard struct{ header http.Header }

func (n discard) Header() http.Header         { return n.header }
func (n discard) Write(p []byte) (int, error) { return len(p), nil }
func (n discard) WriteHeader(int)             {}
