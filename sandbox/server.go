package sandbox

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Config has a Server's address and clock.
type Config struct {
	URL       string           // of the pages, without a trailing slash; the API is at URL/api/v3
	Now       func() time.Time // nil: time.Now. It is also the clock of expirations and of the Date header
	RateLimit int              // requests an hour for each user and for the App; 0: GitHub's 5000
	NoLimit   bool             // no rate limits, the default of Enterprise Server
}

// apiPrefix is the path of the API on Enterprise Server.
const apiPrefix = "/api/v3"

// Server serves a World as GitHub.
type Server struct {
	*site
	oauth *oauth
	web   http.Handler
	api   http.Handler

	faultMu sync.RWMutex
	fault   func(*http.Request) *Fault
}

// New creates a server of a world. A world has one server at a time. If its App has a webhook, the server must be
// closed. It panics if Config.URL is invalid.
func New(world *World, config Config) *Server {
	origin, err := url.Parse(config.URL)
	if err != nil || origin.Host == "" {
		panic("sandbox: Config.URL must be like http://127.0.0.1:8081, not " + config.URL)
	}
	base := strings.TrimSuffix(config.URL, "/")
	on := &site{world: world, url: base, now: config.Now, bodies: &bodies{base, origin}}
	if on.now == nil {
		on.now = time.Now
	}
	on.limits.off = config.NoLimit
	on.limits.limit = cmp.Or(config.RateLimit, 5000)
	on.deliveries.init()
	s := &Server{site: on, oauth: &oauth{on}}
	s.SetBehavior(Behavior{})
	world.mu.Lock()
	world.now, world.webhooks.site = on.now, on
	for _, r := range world.Repositories.byID {
		r.changed() // it was encoded with another server's URL
	}
	world.mu.Unlock()
	s.api = (&api{on}).routes()
	protection := http.NewCrossOriginProtection()
	for _, open := range manifestRoutes {
		protection.AddInsecureBypassPattern(open)
	}
	s.web = protection.Handler((&web{on, s.oauth}).routes())
	return s
}

// App is the App registered last, with its secrets.
func (s *Server) App() App {
	s.world.mu.RLock()
	defer s.world.mu.RUnlock()
	return s.world.Apps.must().App
}

// requestState is one request's log entry and fault.
type requestState struct {
	entry *Request
	fault *Fault
}

type requestStateKey struct{}

func stateOf(r *http.Request) requestState {
	return r.Context().Value(requestStateKey{}).(requestState)
}

// ServeHTTP serves one request, or its fault.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out := &statusWriter{ResponseWriter: w}
	v := requestState{entry: s.requests.open(r), fault: s.faultFor(r)}
	defer func() { s.requests.close(v.entry, out.status) }()

	out.Header().Set("Date", s.now().UTC().Format(http.TimeFormat))
	if v.fault.apply(out, r) {
		return
	}
	r = r.WithContext(context.WithValue(r.Context(), requestStateKey{}, v))
	handler := s.web
	if r.URL.Path == apiPrefix || strings.HasPrefix(r.URL.Path, apiPrefix+"/") {
		handler = s.api
	}
	handler.ServeHTTP(v.fault.truncate(out), r)
}
