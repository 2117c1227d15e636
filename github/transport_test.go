package github

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

// against returns a client of a server that does what the sandbox can't.
func against(t *testing.T, server *httptest.Server) (*GitHub, *dbtest.Clock) {
	t.Helper()
	clock := dbtest.NewClock(time.Now().Truncate(time.Second))
	app := sandbox.New(sandboxtest.EmptyWorld(), sandbox.Config{URL: server.URL}).App()
	return New(configFor(t, server.URL, app, nil, clock.Now)), clock
}

func TestATokenNeverGoesToAnotherHost(t *testing.T) {
	var leaked atomic.Bool
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		leaked.Store(true)
		t.Errorf("another host got a request, with %q", r.Header.Get("Authorization"))
	}))
	defer elsewhere.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL+"/user", http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	g, _ := against(t, server)

	_, err := g.User(t.Context(), db.Token{Access: "secret"})
	expectErr(t, err, ErrUnavailable)
	_, err = g.Exchange(t.Context(), "code", verifier, sandboxtest.CallbackURL)
	expectErr(t, err, ErrUnavailable)
	if leaked.Load() {
		t.Error("the token was leaked")
	}
}

func TestARedirectOnTheSameHostIsFollowedOnlyForGET(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/api/v3/user":
			http.Redirect(w, r, "/api/v3/user/7", http.StatusMovedPermanently)
		case r.URL.Path == "/api/v3/user/7" && r.Header.Get("Authorization") == "Bearer secret":
			fmt.Fprint(w, `{"id":7,"login":"ada"}`)
		case r.URL.Path == "/login/oauth/access_token":
			http.Redirect(w, r, "/again", http.StatusTemporaryRedirect)
		default:
			t.Errorf("%s %s was requested", r.Method, r.URL.Path)
		}
	}))
	defer server.Close()
	g, _ := against(t, server)

	profile, err := g.User(t.Context(), db.Token{Access: "secret"})
	if err != nil || profile.Login != "ada" {
		t.Fatalf("got %+v, %v", profile, err)
	}
	_, err = g.Exchange(t.Context(), "code", verifier, sandboxtest.CallbackURL)
	expectErr(t, err, ErrUnavailable)
}

func TestRedirectsAreLimited(t *testing.T) {
	var requests atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, fmt.Sprintf("/api/v3/user?%d", requests.Add(1)), http.StatusFound)
	}))
	defer server.Close()
	g, _ := against(t, server)
	_, err := g.User(t.Context(), db.Token{Access: "secret"})
	expectErr(t, err, ErrUnavailable)
	if requests.Load() > maxRedirects+1 {
		t.Errorf("%d requests were made", requests.Load())
	}
}

func TestAnEndlessBodyIsCutOff(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"id":7,"login":"ada","bio":"`)
		block := []byte(strings.Repeat("x", 1<<20))
		for {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	}))
	defer server.Close()
	g, _ := against(t, server)
	_, err := g.User(t.Context(), db.Token{Access: "secret"})
	expectErr(t, err, ErrUnavailable)
}

func TestEveryRequestNamesNeptunAndTheVersionOfTheAPI(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("User-Agent"); got != "Neptun/test" {
			t.Errorf("%s: the user agent is %q", r.URL.Path, got)
		}
		if got := r.Header.Get("X-Github-Api-Version"); r.URL.Path == "/api/v3/user" && got != "2022-11-28" {
			t.Errorf("the version is %q", got)
		}
		fmt.Fprint(w, `{"id":7,"login":"ada"}`)
	}))
	defer server.Close()
	g, _ := against(t, server)
	if _, err := g.User(t.Context(), db.Token{Access: "secret"}); err != nil {
		t.Fatal(err)
	}
	_, err := g.Exchange(t.Context(), "code", verifier, sandboxtest.CallbackURL)
	expectErr(t, err, ErrUnavailable) // there is no token in it
}
