package web

import (
	"log/slog"
	"time"

	"golang.org/x/time/rate"
)

const (
	// maxLoggedPath limits a path in the log, in bytes.
	maxLoggedPath = 200
	// loggedRequests is how many requests of a network are logged per minute.
	loggedRequests = 6000
)

// logLimiter keeps one network from filling the disk with log lines.
type logLimiter struct {
	logger  *slog.Logger
	buckets *Buckets[Origin]
	warned  *rate.Limiter
}

func newLogLimiter(logger *slog.Logger) *logLimiter {
	buckets, err := NewBuckets[Origin](loggedRequests)
	if err != nil {
		panic(err) // the options are constant
	}
	return &logLimiter{logger, buckets, rate.NewLimiter(rate.Every(time.Minute), 1)}
}

// allow reports whether a request from an address is logged.
func (b *logLimiter) allow(ip string, now time.Time) bool {
	if b.buckets.Of(Origin{Peer: NetworkOf(ip)}).AllowN(now, 1) {
		return true
	}
	if b.warned.AllowN(now, 1) {
		b.logger.Warn("one network sends more requests than are logged", slog.String("ip", ip), slog.Int("logged_per_minute", loggedRequests))
	}
	return false
}

// truncate returns at most so many bytes of a text.
func truncate(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return text[:limit] + "…"
}
