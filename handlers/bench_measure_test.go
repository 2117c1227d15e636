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

// benchRounds is how often two sides of a comparison take turns; what counts is the
// median of their ratios.
const benchRounds = 5

// load is what is asked of a server in a turn: these questions at once, over a
// connection each, each so many times.
type load struct {
	questions []question
	times     int
	// before is done before each turn and not counted.
	before func()
}

// side is one side of a comparison.
type side struct {
	server string
	load
}

// spent is what a side took, for each answer.
type spent struct{ cpu, time time.Duration }

// turn lets a side take its turn. The client is another process, so that its
// CPU time doesn't count.
func (h *house) turn(b *testing.B, client *benchClient, s side) spent {
	if s.before != nil {
		s.before()
	}
	began, cpu := time.Now(), cpuTime(b)
	client.send(b, s)
	answers := time.Duration(len(s.questions) * s.times)
	return spent{(cpuTime(b) - cpu) / answers, time.Since(began) / answers}
}

// cpuTime is the CPU time that this process has used.
func cpuTime(b testing.TB) time.Duration {
	var usage syscall.Rusage
	handlerstest.Must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// compare lets two sides take turns, so that whatever else the machine does hits
// both. It reports the medians of the benchRounds' ratios of their CPU time and of their
// requests a second, and what an answer of ours takes.
func (h *house) compare(b *testing.B, ours, theirs side) (cpu, throughput float64) {
	client := newBenchClient(b)
	for _, s := range []side{ours, theirs} {
		h.turn(b, client, s)
	}
	var turns [][2]spent
	for b.Loop() {
		var pair [2]spent
		if len(turns)%2 == 0 {
			pair[0], pair[1] = h.turn(b, client, ours), h.turn(b, client, theirs)
		} else {
			pair[1], pair[0] = h.turn(b, client, theirs), h.turn(b, client, ours)
		}
		turns = append(turns, pair)
	}
	var cpus, throughputs, each []float64
	for round := range slices.Chunk(turns, max(1, (len(turns)+benchRounds-1)/benchRounds)) {
		var our, their spent
		for _, pair := range round {
			our, their = spent{our.cpu + pair[0].cpu, our.time + pair[0].time}, spent{their.cpu + pair[1].cpu, their.time + pair[1].time}
		}
		cpus = append(cpus, float64(our.cpu)/float64(their.cpu))
		throughputs = append(throughputs, float64(their.time)/float64(our.time))
		each = append(each, float64(our.cpu.Microseconds())/float64(len(round)))
	}
	b.ReportMetric(0, "ns/op") // the time that passes says little on a busy machine
	b.ReportMetric(median(each), "cpu-us/answer")
	return median(cpus), median(throughputs)
}

func median[T cmp.Ordered](values []T) T {
	slices.Sort(values)
	return values[len(values)/2]
}

// bare is the other side of a load: servers that have the answer to each question in
// memory and do nothing but send it.
func (h *house) bare(b *testing.B, l load) side {
	handler := http.NewServeMux()
	l.questions = slices.Clone(l.questions)
	for i, q := range l.questions {
		answer := h.ask(q)
		body := answer.Body.Bytes()
		l.questions[i].path = "/" + strconv.Itoa(i)
		handler.HandleFunc(l.questions[i].path, func(w http.ResponseWriter, _ *http.Request) {
			for _, name := range []string{"Content-Type", "Content-Encoding"} {
				if value := answer.Header().Get(name); value != "" {
					w.Header().Set(name, value)
				}
			}
			if len(body) > 0 {
				w.Header().Set("Content-Length", strconv.Itoa(len(body)))
			}
			w.WriteHeader(answer.Code)
			_, _ = w.Write(body)
		})
	}
	server := httptest.NewServer(handler)
	b.Cleanup(server.Close)
	l.before = nil
	return side{server.URL, l}
}

// neptun is the side of a load that is measured.
func (h *house) neptun(l load) side { return side{h.url, l} }

// goal reports a figure of the table that `task bench` prints, with what it is to reach
// unless the bound is noGoal.
func goal(b *testing.B, value float64, unit, bound string, want float64) {
	b.ReportMetric(value, unit)
	b.ReportMetric(want, bound+"-"+unit)
}

// by is the goal of the engine that is measured.
func (h *house) by(sqlite, postgres float64) float64 {
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

// allocations is how often the handler allocates for an answer.
func (h *house) allocations(q question) float64 {
	const times = 50
	request := q.to(h.url)
	var start, end runtime.MemStats
	runtime.ReadMemStats(&start)
	for range times {
		h.handler.ServeHTTP(nowhere{http.Header{}}, request)
	}
	runtime.ReadMemStats(&end)
	return float64(end.Mallocs-start.Mallocs) / times
}

// nowhere is a response that nobody receives.
type nowhere struct{ header http.Header }

func (n nowhere) Header() http.Header         { return n.header }
func (n nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (n nowhere) WriteHeader(int)             {}
