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
	URL       string           // where the pages are, without a trailing slash; the API is at URL/api/v3
	Now       func() time.Time // nil: time.Now. Everything that expires uses it, and so does the Date header
	RateLimit int              // requests an hour for each user and for the App; 0: GitHub's 5000
	NoLimit   bool             // rate limits are off, which is how Enterprise Server comes
}

// apiPrefix is where Enterprise Server has its API.
const apiPrefix = "/api/v3"

// Server plays GitHub on top of a World.
type Server struct {
	*site
	oauth *oauth
	web   http.Handler
	api   http.Handler

	faultMu sync.RWMutex
	fault   func(*http.Request) *Fault
}

// New joins a world to an address. A world is played by one server at a time. One whose App has a webhook is to be
// closed. It panics on a URL that is none.
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
		r.changed() // encoded with another server's address
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

// App is the App registered last, as its owner knows it, secrets and all.
func (s *Server) App() App {
	s.world.mu.RLock()
	defer s.world.mu.RUnlock()
	return s.world.Apps.must().App
}

// requestState is one request's entry in the log and the fault that makes it fail.
type requestState struct {
	entry *Request
	fault *Fault
}

type requestStateKey struct{}

func stateOf(r *http.Request) requestState {
	return r.Context().Value(requestStateKey{}).(requestState)
}

// ServeHTTP serves one request, unless a fault does.
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
