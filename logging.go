package main

import (
	"log"
	"log/slog"
)

// logger writes to standard error as the configuration says.
func (p invocation) logger(s settings) *slog.Logger {
	options := &slog.HandlerOptions{Level: s.LogLevel}
	if s.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(p.stderr, options))
	}
	return slog.New(slog.NewTextHandler(p.stderr, options))
}

// httpErrors is where net/http reports failures that belong to no request. By default it
// writes lines of its own format.
func httpErrors(logger *slog.Logger) *log.Logger {
	return slog.NewLogLogger(logger.Handler(), slog.LevelWarn)
}
