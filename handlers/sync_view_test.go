package handlers_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"neptun/handlers/handlerstest"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

// While GitHub is slow, the request that starts a sync returns immediately, and viewing the
// lists a hundred times sends nothing to GitHub.
func TestP5P6PagesNeitherWaitForGitHubNorUseItsRateLimit(t *testing.T) {
	s := handlerstest.Open(t, sandboxtest.LargeWorld(450))
	v := s.LogIn("ada")
	record := v.Record("atlas")
	var pages atomic.Int64
	response := make(chan struct{})
	s.GitHub.Fault(func(*http.Request) *sandbox.Fault {
		pages.Add(1)
		<-response
		return nil
	})

	v.Post("/installations/"+record+"/sync", nil).Status(http.StatusSeeOther)
	for began := time.Now(); pages.Load() == 0; time.Sleep(time.Millisecond) {
		if time.Since(began) > time.Minute {
			t.Fatal("the sync doesn't start")
		}
	}
	api := "/api/users/me/installations"
	paths := []string{"/installations", "/installations/" + record, "/imports", api, api + "/" + record + "/repositories?per_page=100"}
	for range 100 / len(paths) {
		for _, path := range paths {
			v.Get(path).Status(http.StatusOK)
		}
	}
	if n := pages.Load(); n != 1 { // the sync's own first page
		t.Errorf("a hundred views sent %d requests to GitHub", n-1)
	}
	if state := v.Get(api + "/" + record + "/sync").Object()["state"]; state != "running" {
		t.Errorf("during the listing the sync is %v", state)
	}
	if page := v.Get("/installations/" + record).Text("main"); !strings.Contains(page, "450") {
		t.Error("the last complete list isn't shown")
	}

	close(response)
	v.Settle()
	if state := v.Get(api + "/" + record + "/sync").Object()["state"]; state != "idle" {
		t.Errorf("at the end the sync is %v", state)
	}
}
