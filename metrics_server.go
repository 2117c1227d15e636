package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"neptun/db"
	"neptun/handlers"
	"neptun/metrics"
)

// observers receive the metrics of each part of the program; all are nil without
// NEPTUN_METRICS_ADDR.
type observers struct {
	handlers handlers.Metrics
	gitHub   func(http.RoundTripper) http.RoundTripper
	job      func(kind, outcome string, took time.Duration)
	delivery func(outcome string, lag time.Duration)
}

// startMetrics serves metrics and profiles on a separate address until stop
// is called.
func (s settings) startMetrics(ctx context.Context, database *db.DB, logger *slog.Logger) (_ observers, stop func(), err error) {
	if s.MetricsAddr == "" {
		return observers{}, func() {}, nil
	}
	listener, err := listen(ctx, s.MetricsAddr, "NEPTUN_METRICS_ADDR")
	if err != nil {
		return observers{}, nil, err
	}
	build := readBuildInfo()
	m := metrics.New(build.Version, build.Revision)
	m.WatchDatabase(database, logger)
	server := &http.Server{Handler: m.Handler(), ReadHeaderTimeout: 10 * time.Second, ErrorLog: httpErrors(logger)}
	go func() {
		if err := server.Serve(listener); err != nil && !errors.Is(err, http.ErrServerClosed) {
			logger.Error("serve metrics", "error", err)
		}
	}()
	logger.Info("metrics and profiles are served", "address", listener.Addr().String())
	if isPublic(listener.Addr().String()) {
		logger.Warn("metrics and profiles are served beyond this machine: let only Prometheus connect to NEPTUN_METRICS_ADDR")
	}
	return observers{m, m.GitHub, m.Job, m.Delivery}, func() { _ = server.Close() }, nil
}

// isPublic reports whether a listen address may be reachable from outside this machine and
// its private network.
func isPublic(listening string) bool {
	address, err := netip.ParseAddrPort(listening)
	return err != nil || !address.Addr().IsLoopback() && !address.Addr().IsPrivate()
}
