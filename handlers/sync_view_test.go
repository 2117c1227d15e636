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

// While GitHub takes its time for a sync, the request that asked for it is
// answered, and a hundred views of the lists ask GitHub nothing.
func TestP5P6NothingOnAPageWaitsForGitHubOrCostsOfItsBudget(t *testing.T) {
	s := handlerstest.Open(t, sandboxtest.LargeWorld(450))
	v := s.LogIn("ada")
	record := v.Record("atlas")
	var asked atomic.Int64
	answer := make(chan struct{})
	s.GitHub.Fault(func(*http.Request) *sandbox.Fault {
		asked.Add(1)
		<-answer
		return nil
	})

	v.Post("/installations/"+record+"/sync", nil).Status(http.StatusSeeOther)
	for began := time.Now(); asked.Load() == 0; time.Sleep(time.Millisecond) {
		if time.Since(began) > time.Minute {
			t.Fatal("the sync doesn't begin")
		}
	}
	api := "/api/users/me/installations"
	paths := []string{"/installations", "/installations/" + record, "/imports", api, api + "/" + record + "/repositories?per_page=100"}
	for range 100 / len(paths) {
		for _, path := range paths {
			v.Get(path).Status(http.StatusOK)
		}
	}
	if n := asked.Load(); n != 1 { // the sync's own first page
		t.Errorf("a hundred views asked GitHub %d times", n-1)
	}
	if state := v.Get(api + "/" + record + "/sync").Object()["state"]; state != "running" {
		t.Errorf("meanwhile the sync is %v", state)
	}
	if page := v.Get("/installations/" + record).Text("main"); !strings.Contains(page, "450") {
		t.Error("the last good list isn't shown")
	}

	close(answer)
	v.Settle()
	if state := v.Get(api + "/" + record + "/sync").Object()["state"]; state != "idle" {
		t.Errorf("in the end the sync is %v", state)
	}
}
