package handlers_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

// While GitHub takes its time for a sync, the request that asked for it is
// answered, and a hundred views of the lists ask GitHub nothing.
func TestP5P6NothingOnAPageWaitsForGitHubOrCostsOfItsBudget(t *testing.T) {
	s := open(t, sandboxtest.LargeWorld(450))
	v := s.logIn("ada")
	record := v.record("atlas")
	var asked atomic.Int64
	answer := make(chan struct{})
	s.gitHub.Fault(func(*http.Request) *sandbox.Fault {
		asked.Add(1)
		<-answer
		return nil
	})

	v.post("/installations/"+record+"/sync", nil).status(http.StatusSeeOther)
	for began := time.Now(); asked.Load() == 0; time.Sleep(time.Millisecond) {
		if time.Since(began) > time.Minute {
			t.Fatal("the sync doesn't begin")
		}
	}
	api := "/api/users/me/installations"
	paths := []string{"/installations", "/installations/" + record, "/imports", api, api + "/" + record + "/repositories?per_page=100"}
	for range 100 / len(paths) {
		for _, path := range paths {
			v.get(path).status(http.StatusOK)
		}
	}
	if n := asked.Load(); n != 1 { // the sync's own first page
		t.Errorf("a hundred views asked GitHub %d times", n-1)
	}
	if state := v.get(api + "/" + record + "/sync").object()["state"]; state != "running" {
		t.Errorf("meanwhile the sync is %v", state)
	}
	if page := v.get("/installations/" + record).text("main"); !strings.Contains(page, "450") {
		t.Error("the last good list isn't shown")
	}

	close(answer)
	v.settle()
	if state := v.get(api + "/" + record + "/sync").object()["state"]; state != "idle" {
		t.Errorf("in the end the sync is %v", state)
	}
}
