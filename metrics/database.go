package metrics

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"neptun/db"

	"github.com/prometheus/client_golang/prometheus"
)

// countEvery is how old the row counts may be: counting costs more than the rest of a
// scrape.
const (
	countEvery   = 15 * time.Second
	countTimeout = 5 * time.Second
)

// database collects metrics of the database.
type database struct {
	db  *db.DB
	log *slog.Logger

	mu      sync.Mutex
	counted time.Time
	counts  db.Counts

	up, stored, jobs, oldest, pending, lag *prometheus.Desc
	connections, inUse                     *prometheus.Desc
	waits, waited                          *prometheus.Desc
}

// WatchDatabase adds metrics of the connection pool and of the stored rows.
func (m *Metrics) WatchDatabase(d *db.DB, log *slog.Logger) {
	describe := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(namespace+"_"+name, help, labels, nil)
	}
	m.registry.MustRegister(&database{
		db: d, log: log,
		up:          describe("database_up", "1 if the database answered the latest count, else 0."),
		stored:      describe("stored", "What is stored, by kind: users, sessions, api_tokens, installations, repositories, imports.", "kind"),
		jobs:        describe("jobs", "Jobs in the queue of all instances, by kind and state (due, running, waiting).", "kind", "state"),
		oldest:      describe("jobs_oldest_due_seconds", "How long the oldest due job has been due."),
		pending:     describe("webhooks_pending", "Webhooks received and not applied yet."),
		lag:         describe("webhooks_oldest_pending_seconds", "How long ago the oldest webhook that isn't applied yet was received."),
		connections: describe("database_connections_max", "The size of the connection pool."),
		inUse:       describe("database_connections_in_use", "Connections of the pool in use."),
		waits:       describe("database_waits_total", "How often a connection of the pool was waited for."),
		waited:      describe("database_wait_seconds_total", "How long connections of the pool were waited for."),
	})
}

// Describe implements prometheus.Collector.
func (d *database) Describe(to chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{d.up, d.stored, d.jobs, d.oldest, d.pending, d.lag, d.connections, d.inUse, d.waits, d.waited} {
		to <- desc
	}
}

// Collect implements prometheus.Collector.
func (d *database) Collect(to chan<- prometheus.Metric) {
	gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	pool := d.db.Stats()
	gauge(d.connections, float64(pool.MaxOpenConnections))
	gauge(d.inUse, float64(pool.InUse))
	to <- prometheus.MustNewConstMetric(d.waits, prometheus.CounterValue, float64(pool.WaitCount))
	to <- prometheus.MustNewConstMetric(d.waited, prometheus.CounterValue, pool.WaitDuration.Seconds())
	counts, err := d.count()
	if err != nil {
		d.log.Warn("count rows for metrics", "error", err)
		gauge(d.up, 0)
		return
	}
	gauge(d.up, 1)
	for kind, n := range counts.Stored {
		gauge(d.stored, float64(n), kind)
	}
	for _, jobs := range counts.Jobs {
		gauge(d.jobs, float64(jobs.Count), jobs.Kind, jobs.State)
	}
	gauge(d.oldest, counts.OldestDue.Seconds())
	gauge(d.pending, float64(counts.PendingDeliveries))
	gauge(d.lag, counts.OldestPending.Seconds())
}

func (d *database) count() (db.Counts, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if time.Since(d.counted) < countEvery {
		return d.counts, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), countTimeout)
	defer cancel()
	counts, err := d.db.Counts(ctx)
	if err == nil {
		d.counts, d.counted = counts, time.Now()
	}
	return counts, err
}
