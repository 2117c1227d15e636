package handlers

import (
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/time/rate"
)

// limits say how much each of those who ask may ask of this instance: whoever
// holds a credential by that, and everybody else by where they come from.
type limits struct {
	credentials *buckets[string] // by the keys of credentials that were good once
	places      *buckets[netip.Prefix]
}

// newLimits lets each ask so many times a minute, and up to that many at once; 0
// is no limit, and no limits.
func newLimits(perMinute int) (*limits, error) {
	if perMinute == 0 {
		return nil, nil
	}
	credentials, err := newBuckets[string](perMinute)
	if err != nil {
		return nil, err
	}
	places, err := newBuckets[netip.Prefix](perMinute)
	return &limits{credentials, places}, err
}

// admit has the requests of a credential that is good counted by it from now on.
// One that nobody has looked up counts by its place, lest whoever makes some up
// gets as many buckets.
func (l *limits) admit(key string) {
	if l != nil {
		l.credentials.of(key)
	}
}

// bucket is the one that a request with this credential, or none, counts in.
func (l *limits) bucket(c echo.Context, key string) *rate.Limiter {
	if key != "" {
		if bucket, good := l.credentials.known.GetIfPresent(key); good {
			return bucket
		}
	}
	return l.places.of(place(c.RealIP()))
}

// limitRequests refuses those who ask too much. The API's answers say how much
// is left, in the headers that GitHub's own have.
func (s *Server) limitRequests(next echo.HandlerFunc) echo.HandlerFunc {
	if s.limits == nil {
		return next
	}
	limit := strconv.Itoa(s.limits.places.size)
	return func(c echo.Context) error {
		path := c.Request().URL.Path
		if isUnlimited(path) {
			return next(c)
		}
		now := s.Now()
		bucket := s.limits.bucket(c, s.ownKey(c))
		wait := take(bucket, now)
		if isAPI(path) {
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

func errTooMany(wait time.Duration) *problem {
	return &problem{
		status: http.StatusTooManyRequests, retryAfter: wait,
		sentence: "Too many requests. Wait " + seconds(wait) + " s and try again",
	}
}

// isUnlimited tells what is asked for without counting: files, whether Neptun is
// alive, and webhooks, which GitHub signs.
func isUnlimited(path string) bool {
	return strings.HasPrefix(path, "/static/") || path == "/favicon.ico" || path == "/healthz" || path == "/readyz" || path == webhookPath
}
