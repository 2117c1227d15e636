package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/time/rate"
)

// Limits rate-limits requests to this instance: by credential if there is a known one,
// otherwise by origin.
type Limits struct {
	credentials *Buckets[string] // by the key of a credential that was valid once
	origins     *Buckets[Origin]
	peers       *Buckets[Origin] // proxies that aren't trusted, with all their clients
}

// peerFactor is how many times as many requests an untrusted proxy may send as one client: it
// may forward everybody's, or be one client that sets X-Forwarded-For.
const peerFactor = 20

// NewLimits allows so many requests a minute, and up to that many at once; 0 for no limit,
// which returns nil.
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
	peers, err := NewBuckets[Origin](perMinute * peerFactor)
	return &Limits{credentials, origins, peers}, err
}

// Admit counts the requests of a valid credential by its key from now on. Unverified ones
// count by their origin, or else a client could invent credentials to get more buckets.
func (l *Limits) Admit(key string) {
	if l != nil {
		l.credentials.Of(key)
	}
}

// bucket is the bucket of a request with this credential, or with none.
func (l *Limits) bucket(origin Origin, key string) *rate.Limiter {
	if key != "" {
		if bucket, good := l.credentials.known.GetIfPresent(key); good {
			return bucket
		}
	}
	return l.origins.Of(origin)
}

// Middleware rejects requests over the limit. API responses say how many are left, in the
// same headers as GitHub's.
func (l *Limits) Middleware(keyOf func(echo.Context) string, originOf func(echo.Context) Origin, now func() time.Time) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if l == nil {
			return next
		}
		limit := strconv.Itoa(l.origins.size)
		return func(c echo.Context) error {
			path := c.Request().URL.Path
			if skipsLimits(path) {
				return next(c)
			}
			now := now()
			origin := originOf(c)
			bucket := l.bucket(origin, keyOf(c))
			wait := Take(bucket, now)
			if origin.Claimed.IsValid() {
				wait = max(wait, Take(l.peers.Of(Origin{Peer: origin.Peer}), now))
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
		Message: "Too many requests. Wait " + Seconds(wait) + " s, then try again",
	}
}

// skipsLimits reports whether a path isn't limited: files, health checks, and webhooks, which
// GitHub signs.
func skipsLimits(path string) bool {
	return strings.HasPrefix(path, "/static/") || path == "/favicon.ico" || path == "/healthz" || path == "/readyz" || path == WebhookPath
}
