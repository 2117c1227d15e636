package web

import (
	"log/slog"
	"net/netip"
	"time"

	"golang.org/x/time/rate"
)

const (
	// maxLoggedPath limits a path in the log, in bytes.
	maxLoggedPath = 200
	// loggedRequests is how many requests of a network are logged per minute.
	loggedRequests = 6000
)

// logBudget keeps one network from filling the disk with log lines.
type logBudget struct {
	logger  *slog.Logger
	buckets *Buckets[netip.Prefix]
	warned  *rate.Limiter
}

func newLogBudget(logger *slog.Logger) *logBudget {
	buckets, err := NewBuckets[netip.Prefix](loggedRequests)
	if err != nil {
		panic(err) // the options are constant
	}
	return &logBudget{logger, buckets, rate.NewLimiter(rate.Every(time.Minute), 1)}
}

// allow reports whether a request from an address is logged.
func (b *logBudget) allow(ip string, now time.Time) bool {
	if b.buckets.Of(NetworkOf(ip)).AllowN(now, 1) {
		return true
	}
	if b.warned.AllowN(now, 1) {
		b.logger.Warn("one network sends more requests than are logged", slog.String("ip", ip), slog.Int("logged_per_minute", loggedRequests))
	}
	return false
}

// truncate returns at most so many bytes of a text.
func truncate(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return text[:most] + "…"
}
