package sandbox_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

func TestRequestsAreCounted(t *testing.T) {
	s := open(t, sandboxtest.EmptyWorld())
	token := s.token("ada")
	s.ResetRequests()
	s.get("/user?x=1", token)
	s.get("/user", "ghu_wrong")
	var got []string
	for _, r := range s.Requests() {
		got = append(got, fmt.Sprint(r.Method, " ", r.Path, " ", r.Query.Encode(), " ", r.Login, " ", r.Status))
	}
	if want := []string{"GET /api/v3/user x=1 ada 200", "GET /api/v3/user   401"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestFaults(t *testing.T) {
	s := open(t, sandboxtest.LargeWorld(250))
	token := s.token("ada")
	id := s.list("/user/installations", token).Installations[0].ID
	path := fmt.Sprintf("/user/installations/%d/repositories?per_page=100&page=2", id)
	fetch := func(f *sandbox.Fault) (*http.Response, []byte, error) {
		s.Fault(func(r *http.Request) *sandbox.Fault {
			if r.URL.Query().Get("page") == "2" {
				return f
			}
			return nil
		})
		request, _ := http.NewRequest("GET", s.url+"/api/v3"+path, nil)
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return nil, nil, err
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		return response, body, err
	}

	if r, body, err := fetch(sandbox.BadGateway(502)); err != nil || r.StatusCode != 502 || !strings.Contains(string(body), "<html>") {
		t.Errorf("502: %v", err)
	}
	if r, _, err := fetch(sandbox.PrimaryLimit(testStart)); err != nil || r.StatusCode != 403 || r.Header.Get("X-RateLimit-Remaining") != "0" {
		t.Errorf("primary: %v", err)
	}
	if r, _, err := fetch(sandbox.SecondaryLimit(429, time.Minute)); err != nil || r.StatusCode != 429 || r.Header.Get("Retry-After") != "60" {
		t.Errorf("secondary: %v", err)
	}
	if _, _, err := fetch(&sandbox.Fault{Drop: true}); err == nil {
		t.Error("a dropped request got a response")
	}
	if r, body, err := fetch(&sandbox.Fault{CutAfter: 1000}); err == nil || r.StatusCode != 200 || len(body) != 1000 {
		t.Errorf("cut short: %d bytes, %v", len(body), err)
	}
	start := time.Now()
	if r, _, err := fetch(&sandbox.Fault{Delay: 30 * time.Millisecond}); err != nil || r.StatusCode != 200 || time.Since(start) < 30*time.Millisecond {
		t.Errorf("delayed: %v after %v", err, time.Since(start))
	}
	s.Fault(nil)
	straight := s.list(path, token).Repositories[0].ID
	s.Fault(func(*http.Request) *sandbox.Fault { return &sandbox.Fault{Shift: 1} })
	if s.list(path, token).Repositories[0].ID == straight {
		t.Error("the listing did not shift")
	}
	s.Fault(nil)
	if s.list(path, token).Repositories[0].ID != straight {
		t.Error("not corrected")
	}
}

// Faults that are GitHub's responses must match its description too.
func TestFaultsMatchTheDescription(t *testing.T) {
	s := open(t, sandboxtest.EmptyWorld())
	token := s.token("ada")
	for name, c := range map[string]struct {
		fault  *sandbox.Fault
		status int
		retry  string
	}{
		"stray 401":                      {sandbox.BadCredentials(), 401, ""},
		"secondary limit":                {sandbox.SecondaryLimit(429, 3*time.Second), 429, "3"},
		"secondary limit without a time": {sandbox.SecondaryLimit(403, 0), 403, ""},
		"gone":                           {sandbox.APIError(410, "Gone"), 410, ""},
	} {
		s.Fault(func(*http.Request) *sandbox.Fault { return c.fault })
		r := s.raw("/user", token, "application/json")
		var body struct{ Message, Status string }
		r.into(t, &body)
		if r.Status != c.status || r.Header.Get("Retry-After") != c.retry || body.Message == "" || body.Status != fmt.Sprint(c.status) {
			t.Errorf("%s: %d, %v, %s", name, r.Status, r.Header, r.Body)
		}
		if limit := r.Header.Get("X-RateLimit-Remaining"); (limit != "") != (name == "secondary limit without a time") {
			t.Errorf("%s: the primary limit has %q left", name, limit)
		}
	}
}
