package web

import (
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/time/rate"
)

// Limits say how much each of those who ask may ask of this instance: whoever
// holds a credential by that, and everybody else by where they come from.
type Limits struct {
	credentials *Buckets[string] // by the keys of credentials that were good once
	origins     *Buckets[Origin]
	peers       *Buckets[netip.Prefix] // proxies that nobody named, and what they bring
}

// peerShare is how many times as much a proxy that nobody named may ask as one
// client: it may be everybody, or one client that writes X-Forwarded-For.
const peerShare = 20

// NewLimits lets each ask so many times a minute, and up to that many at once; 0
// is no limit, and no limits.
func NewLimits(perMinute int) (*Limits, error) {
	if perMinute == 0 {
		return nil, nil
	}
	credentials, err := NewBuckets[string](perMinute)
	if err != nil {
		return nil, err
	}
	origins, err := NewBuckets[Origin](perMinute)
	if err != nil {
		return nil, err
	}
	peers, err := NewBuckets[netip.Prefix](perMinute * peerShare)
	return &Limits{credentials, origins, peers}, err
}

// Admit has the requests of a credential that is good counted by it from now on.
// One that nobody has looked up counts by its place, lest whoever makes some up
// gets as many buckets.
func (l *Limits) Admit(key string) {
	if l != nil {
		l.credentials.Of(key)
	}
}

// bucket is the one that a request with this credential, or none, counts in.
func (l *Limits) bucket(origin Origin, key string) *rate.Limiter {
	if key != "" {
		if bucket, good := l.credentials.known.GetIfPresent(key); good {
			return bucket
		}
	}
	return l.origins.Of(origin)
}

// Middleware refuses those who ask too much. The API's answers say how much
// is left, in the headers that GitHub's own have.
func (l *Limits) Middleware(keyOf func(echo.Context) string, originOf func(echo.Context) Origin, now func() time.Time) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if l == nil {
			return next
		}
		limit := strconv.Itoa(l.origins.size)
		return func(c echo.Context) error {
			path := c.Request().URL.Path
			if isUnlimited(path) {
				return next(c)
			}
			now := now()
			origin := originOf(c)
			bucket := l.bucket(origin, keyOf(c))
			wait := Take(bucket, now)
			if origin.Claimed.IsValid() {
				wait = max(wait, Take(l.peers.Of(origin.Peer), now))
			}
			if IsAPI(path) {
				left := max(0, bucket.TokensAt(now))
				full := now.Add(time.Duration((float64(bucket.Burst()) - left) / float64(bucket.Limit()) * float64(time.Second)))
				h, values := c.Response().Header(), [...]string{limit, strconv.Itoa(int(left)), strconv.FormatInt(full.Unix(), 10)}
				h["X-Ratelimit-Limit"], h["X-Ratelimit-Remaining"], h["X-Ratelimit-Reset"] = values[:1], values[1:2], values[2:]
			}
			if wait > 0 {
				return errTooMany(wait)
			}
			return next(c)
		}
	}
}

func errTooMany(wait time.Duration) *Error {
	return &Error{
		Status: http.StatusTooManyRequests, RetryAfter: wait,
		Message: "Too many requests came at once. Wait " + Seconds(wait) + " s, then go on",
	}
}

// isUnlimited tells what is asked for without counting: files, whether Neptun is
// alive, and webhooks, which GitHub signs.
func isUnlimited(path string) bool {
	return strings.HasPrefix(path, "/static/") || path == "/favicon.ico" || path == "/healthz" || path == "/readyz" || path == WebhookPath
}
