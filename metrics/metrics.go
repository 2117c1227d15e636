// Package metrics measures a running Neptun for Prometheus, and serves the metrics along
// with Go's profiles.
package metrics

import (
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const namespace = "neptun"

// Metrics are the metrics of one instance.
type Metrics struct {
	registry *prometheus.Registry

	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	inFlight prometheus.Gauge
	shed     prometheus.Counter

	gitHubRequests  *prometheus.CounterVec
	gitHubDuration  *prometheus.HistogramVec
	gitHubRemaining *prometheus.GaugeVec

	jobs        *prometheus.CounterVec
	jobDuration *prometheus.HistogramVec

	webhooks   *prometheus.CounterVec
	webhookLag prometheus.Histogram
}

// New creates the metrics of a build.
func New(version, revision string) *Metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
	}
	histogram := func(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: buckets}, labels)
	}
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: counter("http_requests_total", "Requests answered, by route, method and status.", "route", "method", "status"),
		duration: histogram("http_request_duration_seconds", "How long requests took, by route.",
			[]float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 15}, "route"),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{Namespace: namespace, Name: "http_requests_in_flight", Help: "Requests being answered, event streams included."}),
		shed:     prometheus.NewCounter(prometheus.CounterOpts{Namespace: namespace, Name: "http_requests_shed_total", Help: "Requests answered 503 because the database didn't keep up."}),

		gitHubRequests: counter("github_requests_total", "Requests to GitHub, by operation and status (0: no answer).", "operation", "status"),
		gitHubDuration: histogram("github_request_duration_seconds", "How long GitHub took until its answer's headers, by operation.",
			[]float64{.025, .05, .1, .25, .5, 1, 2.5, 5, 10, 20}, "operation"),
		gitHubRemaining: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: namespace, Name: "github_rate_limit_remaining_ratio",
			Help: "The part of the rate limit that was left in GitHub's latest answer, by kind of token and resource.",
		}, []string{"token", "resource"}),

		jobs: counter("jobs_total", "Jobs worked on, by kind and outcome (done, failed, snoozed, retried, released, lost).", "kind", "outcome"),
		jobDuration: histogram("job_duration_seconds", "How long jobs were worked on, by kind.",
			[]float64{.01, .05, .1, .5, 1, 5, 15, 60, 300}, "kind"),

		webhooks: counter("webhooks_total", "Webhooks that were done with, by outcome (applied, ignored).", "outcome"),
		webhookLag: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: namespace, Name: "webhook_lag_seconds",
			Help:    "How long after GitHub sent them webhooks were applied; after they came, where GitHub hasn't listed them yet.",
			Buckets: []float64{.05, .1, .5, 1, 2, 5, 15, 60, 300, 900, 3600},
		}),
	}
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: namespace, Name: "build_info", Help: "1, labeled with the build."}, []string{"version", "revision"})
	build.WithLabelValues(version, revision).Set(1)
	m.registry.MustRegister(
		m.requests, m.duration, m.inFlight, m.shed, m.gitHubRequests, m.gitHubDuration, m.gitHubRemaining, m.jobs, m.jobDuration, m.webhooks, m.webhookLag, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return m
}

// Handler serves /metrics and /debug/pprof/.
func (m *Metrics) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry}))
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}

// noRoute is the label of unknown paths, since clients choose those freely.
const noRoute = "none"

// Middleware measures every request.
func (m *Metrics) Middleware(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := time.Now()
		m.inFlight.Inc()
		defer func() {
			m.inFlight.Dec()
			route := c.Path()
			if route == "" {
				route = noRoute
			}
			m.requests.WithLabelValues(route, method(c.Request().Method), status(c.Response().Status)).Inc()
			m.duration.WithLabelValues(route).Observe(time.Since(start).Seconds())
		}()
		return next(c)
	}
}

// method limits the label to known methods.
func method(name string) string {
	switch name {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return name
	}
	return "other"
}

// Shed counts a request that was shed.
func (m *Metrics) Shed() { m.shed.Inc() }

// Job counts a job that ran.
func (m *Metrics) Job(kind, outcome string, took time.Duration) {
	m.jobs.WithLabelValues(kind, outcome).Inc()
	m.jobDuration.WithLabelValues(kind).Observe(took.Seconds())
}

// Delivery counts a webhook that was applied or ignored.
func (m *Metrics) Delivery(outcome string, lag time.Duration) {
	m.webhooks.WithLabelValues(outcome).Inc()
	m.webhookLag.Observe(lag.Seconds())
}
