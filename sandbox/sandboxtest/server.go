package sandboxtest

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"neptun/sandbox"
)

// CallbackURL is the URL that users are redirected to after signing in on a Server.
const CallbackURL = "http://127.0.0.1:8080/auth/github/callback"

// Server is a sandbox that listens for the duration of a test.
type Server struct {
	*sandbox.Server
	URL string
}

// Serve starts a sandbox with a world.
func Serve(t testing.TB, world *sandbox.World, now func() time.Time) *Server {
	t.Helper()
	front := httptest.NewUnstartedServer(nil)
	address := "http://" + front.Listener.Addr().String()
	server := sandbox.New(world, sandbox.Config{URL: address, Now: now})
	front.Config.Handler = server
	front.Start()
	t.Cleanup(front.Close)
	return &Server{server, address}
}

// RequestCount counts the requests to a path since ResetRequests.
func (s *Server) RequestCount(path string) (n int) {
	for _, request := range s.Requests() {
		if strings.HasSuffix(request.Path, path) {
			n++
		}
	}
	return n
}

// FailPath makes every request to a path fail.
func (s *Server) FailPath(path string, fault *sandbox.Fault) {
	s.Fault(func(r *http.Request) *sandbox.Fault {
		if strings.HasSuffix(r.URL.Path, path) {
			return fault
		}
		return nil
	})
}

// Code signs a user in at an authorize URL with this state, and returns the authorization code.
func Code(t testing.TB, authorizeURL, state, login string) string {
	t.Helper()
	back, err := Authorize(http.DefaultClient, authorizeURL, login)
	if err != nil {
		t.Fatal(err)
	}
	address, err := url.Parse(back)
	if err != nil {
		t.Fatal(err)
	}
	if got := address.Query().Get("state"); got != state {
		t.Fatalf("GitHub redirected with the state %q", got)
	}
	return address.Query().Get("code")
}
