package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/sandbox"
)

// A database that is away is told as our failure: not as an empty list, not as
// "not found", not as "log in", and without the cause.
func TestAnOutageIsNotAnEmptyList(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := openOn(t, shop(), databaseURL)
		v := s.logIn("anna")
		record := v.record("shop")
		must(t, s.db.Close())

		for _, path := range []string{
			"/api/users/me", "/api/users/me/installations", "/api/users/me/installations/" + record + "/imports",
			"/api/users/me/installations/" + record + "/repositories",
		} {
			message := v.get(path).status(http.StatusInternalServerError).message()
			if strings.Contains(message, "sql") || strings.Contains(message, "closed") {
				t.Errorf("%s shows the cause: %s", path, message)
			}
		}
		for _, path := range []string{"/", "/installations", "/imports", "/installations/" + record} {
			page := v.get(path).status(http.StatusInternalServerError)
			if strings.Contains(page.body, "closed") || page.text("main h1") == "" {
				t.Errorf("%s: %s", path, page.text("main"))
			}
			if request := page.header("X-Request-Id"); !strings.Contains(page.text("main"), request) {
				t.Errorf("%s doesn't tell the request's number", path)
			}
		}
		part := v.fragment("/imports", "imports").status(http.StatusInternalServerError)
		if strings.Contains(part.body, "<html") {
			t.Error("a fragment that fails is answered with a page")
		}
		if ready := s.visit().get("/readyz").status(http.StatusServiceUnavailable); strings.Contains(ready.body, "closed") {
			t.Error("the reason why not is for the log")
		}
		s.visit().get("/healthz").status(http.StatusOK)
	})
}

// P40: a list call that fails is a state of its own, and the last good list stays.
func TestP40AFailedSyncIsToldAndLosesNothing(t *testing.T) {
	s := open(t, shop())
	v := s.logIn("anna")
	record := v.record("shop")
	s.gitHub.Fault(func(r *http.Request) *sandbox.Fault {
		if strings.HasSuffix(r.URL.Path, "/repositories") {
			return sandbox.BadGateway(http.StatusBadGateway)
		}
		return nil
	})
	v.post("/installations/"+record+"/sync", nil).status(http.StatusSeeOther)
	api := "/api/users/me/installations/" + record
	dbtest.Until(t, "the sync waits", func() bool { return v.get(api + "/sync").object()["state"] == "waiting" })
	sync := v.get(api + "/sync").object()
	is(t, sync, "state", "waiting")
	isTime(t, sync, "retry_at")
	if message, _ := sync["message"].(string); message == "" {
		t.Error("nobody is told why")
	}
	page := v.get("/installations/" + record).status(http.StatusOK)
	if page.page().Find(".rows > tr").Length() != 3 {
		t.Error("the last good list is gone")
	}
	if !strings.Contains(page.text("#sync"), "retries") {
		t.Errorf("the page says %q", page.text("#sync"))
	}
}
