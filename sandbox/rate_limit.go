package sandbox

import (
	"cmp"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// anonymousLimit is the number of requests an hour without a token, by IP address.
const anonymousLimit = 60

// rateLimits implements GitHub's primary limits: a number of requests in an hour that starts with the first request.
type rateLimits struct {
	off      bool
	limit    int // for a user, over all their tokens, and for the App
	mu       sync.Mutex
	byCaller map[string]*rateLimit
}

type rateLimit struct {
	limit, used int
	reset       time.Time
}

// of is the rate limit that the call counts against, reset after its hour. l.mu is held.
func (l *rateLimits) of(c *call) *rateLimit {
	who, limit := c.caller.rateLimitName(), l.limit
	if who == "" {
		host, _, _ := net.SplitHostPort(c.RemoteAddr)
		who, limit = "address "+host, anonymousLimit
	}
	if l.byCaller == nil {
		l.byCaller = map[string]*rateLimit{}
	}
	b := l.byCaller[who]
	if b == nil || !c.now.Before(b.reset) {
		b = &rateLimit{limit: limit, reset: c.now.Add(time.Hour)}
		l.byCaller[who] = b
	}
	return b
}

// RateLimitUsed returns how many requests of the current hour count against a user's limit, over all their tokens; "" is the App
// itself. A 304 response and GET /rate_limit don't count.
func (s *Server) RateLimitUsed(login string) int {
	s.world.mu.RLock()
	defer s.world.mu.RUnlock()
	if login == "" {
		return s.limits.used(caller{app: s.world.Apps.must()}, s.now())
	}
	return s.limits.used(caller{user: s.world.Accounts.must(login)}, s.now())
}

// RateLimitUsedByInstallation returns how many requests of the current hour count against an installation's limit.
func (s *Server) RateLimitUsedByInstallation(id int64) int {
	s.world.mu.RLock()
	defer s.world.mu.RUnlock()
	return s.limits.used(caller{installation: s.world.Installations.must(id)}, s.now())
}

func (l *rateLimits) used(by caller, now time.Time) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if b := l.byCaller[by.rateLimitName()]; b != nil && now.Before(b.reset) {
		return b.used
	}
	return 0
}

func (c *call) free() bool { return c.URL.Path == apiPrefix+"/rate_limit" }

func (l *rateLimits) charge(c *call) error {
	if l.off {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.of(c)
	if c.free() {
		return nil
	}
	if b.used >= b.limit {
		return &apiError{
			status: http.StatusForbidden,
			message: fmt.Sprintf("API rate limit exceeded for %s. If you reach out to GitHub Support for help, please include the request ID %s and timestamp %s.",
				cmp.Or(c.caller.rateLimitName(), c.RemoteAddr), c.header.Get("X-GitHub-Request-Id"), c.now.UTC().Format("2006-01-02 15:04:05 UTC")),
			docs: docsLimits,
		}
	}
	b.used++
	return nil
}

// refund makes a 304 response not count
// (https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate).
func (l *rateLimits) refund(c *call) {
	if l.off {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if b := l.of(c); !c.free() && c.caller.rateLimitName() != "" && b.used > 0 {
		b.used--
	}
}

// setHeaders sets the X-RateLimit headers for the caller.
func (l *rateLimits) setHeaders(c *call) {
	if l.off {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.of(c)
	c.header.Set("X-RateLimit-Limit", strconv.Itoa(b.limit))
	c.header.Set("X-RateLimit-Remaining", strconv.Itoa(b.limit-b.used))
	c.header.Set("X-RateLimit-Used", strconv.Itoa(b.used))
	c.header.Set("X-RateLimit-Reset", strconv.FormatInt(b.reset.Unix(), 10))
	c.header.Set("X-RateLimit-Resource", "core")
}

// tokenRequests counts an App's requests for tokens in the hour that starts with the first request.
type tokenRequests struct {
	mu    sync.Mutex
	count int
	reset time.Time
}

// countTokenRequest rejects requests beyond Behavior.TokenRequestLimit. GitHub documents the limit of 2,000 an hour,
// but not the response (https://docs.github.com/apps/oauth-apps/building-oauth-apps/rate-limits-for-oauth-apps).
func (s *oauth) countTokenRequest(w http.ResponseWriter) bool {
	limit, now := s.behavior.Load().TokenRequestLimit, s.now()
	t := &s.tokenRequests
	t.mu.Lock()
	defer t.mu.Unlock()
	if !now.Before(t.reset) {
		t.count, t.reset = 0, now.Add(time.Hour)
	}
	if limit > 0 && t.count >= limit {
		w.Header().Set("Retry-After", strconv.Itoa(int(t.reset.Sub(now).Seconds())))
		writeJSON(w, http.StatusTooManyRequests, encode(object{
			"message":           "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
			"documentation_url": docsLimits + "#about-secondary-rate-limits", "status": "429",
		}))
		return false
	}
	t.count++
	return true
}

var errNoLimits = &apiError{status: http.StatusNotFound, message: "Rate limiting is not enabled."}

// getRateLimit returns the rate limits; those that the sandbox doesn't use are full.
func (s *api) getRateLimit(c *call) (any, error) {
	if s.limits.off {
		return nil, errNoLimits
	}
	s.limits.mu.Lock()
	defer s.limits.mu.Unlock()
	b := s.limits.of(c)
	reset := c.now.Add(time.Hour).Unix()
	core := object{"limit": b.limit, "used": b.used, "remaining": b.limit - b.used, "reset": b.reset.Unix()}
	return object{
		"rate": core,
		"resources": object{
			"core":    core,
			"search":  object{"limit": 30, "used": 0, "remaining": 30, "reset": reset},
			"graphql": object{"limit": 5000, "used": 0, "remaining": 5000, "reset": reset},
		},
	}, nil
}
