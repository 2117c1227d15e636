package main

import (
	"log"
	"log/slog"
)

// logger returns a logger to standard error with the configured format and level.
func (p invocation) logger(s settings) *slog.Logger {
	options := &slog.HandlerOptions{Level: s.LogLevel}
	if s.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(p.stderr, options))
	}
	return slog.New(slog.NewTextHandler(p.stderr, options))
}

// httpErrors logs failures that net/http can't attribute to a request. By default net/http
// writes them in another format.
func httpErrors(logger *slog.Logger) *log.Logger {
	return slog.NewLogLogger(logger.Handler(), slog.LevelWarn)
}
