package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
	"neptun/sandbox"
)

// If the database is unavailable, that is reported as our failure: not as an empty list, not
// as "not found", not as "sign in", and without the cause.
func TestAnOutageIsNotAnEmptyList(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := handlerstest.OpenOn(t, handlerstest.Shop(), databaseURL)
		v := s.LogIn("anna")
		record := v.Record("shop")
		handlerstest.Must(t, s.DB.Close())

		for _, path := range []string{
			"/api/users/me", "/api/users/me/installations", "/api/users/me/installations/" + record + "/imports",
			"/api/users/me/installations/" + record + "/repositories",
		} {
			message := v.Get(path).Status(http.StatusInternalServerError).Message()
			if strings.Contains(message, "sql") || strings.Contains(message, "closed") {
				t.Errorf("%s reveals the cause: %s", path, message)
			}
		}
		for _, path := range []string{"/", "/installations", "/imports", "/installations/" + record} {
			page := v.Get(path).Status(http.StatusInternalServerError)
			if strings.Contains(page.Body, "closed") || page.Text("main h1") == "" {
				t.Errorf("%s: %s", path, page.Text("main"))
			}
			if request := page.Header.Get("X-Request-Id"); !strings.Contains(page.Text("main"), request) {
				t.Errorf("%s lacks the request id", path)
			}
		}
		part := v.Fragment("/imports", "imports").Status(http.StatusInternalServerError)
		if strings.Contains(part.Body, "<html") {
			t.Error("a failed fragment gets a whole page")
		}
		if ready := s.Visit().Get("/readyz").Status(http.StatusServiceUnavailable); strings.Contains(ready.Body, "closed") {
			t.Error("the reason isn't in the log")
		}
		s.Visit().Get("/healthz").Status(http.StatusOK)
	})
}

// P40: a failed sync is a separate state, and the last complete list stays.
func TestP40AFailedSyncIsShownAndLosesNothing(t *testing.T) {
	s := handlerstest.Open(t, handlerstest.Shop())
	v := s.LogIn("anna")
	record := v.Record("shop")
	s.GitHub.Fault(func(r *http.Request) *sandbox.Fault {
		if strings.HasSuffix(r.URL.Path, "/repositories") {
			return sandbox.BadGateway(http.StatusBadGateway)
		}
		return nil
	})
	v.Post("/installations/"+record+"/sync", nil).Status(http.StatusSeeOther)
	api := "/api/users/me/installations/" + record
	dbtest.Until(t, "the sync waits", func() bool { return v.Get(api + "/sync").Object()["state"] == "waiting" })
	sync := v.Get(api + "/sync").Object()
	handlerstest.WantField(t, sync, "state", "waiting")
	handlerstest.WantTime(t, sync, "retry_at")
	if message, _ := sync["message"].(string); message == "" {
		t.Error("the reason isn't in the log")
	}
	page := v.Get("/installations/" + record).Status(http.StatusOK)
	if page.Page().Find(".rows > tr").Length() != 3 {
		t.Error("the last complete list is gone")
	}
	if !strings.Contains(page.Text("#sync"), "retries") {
		t.Errorf("the page shows %q", page.Text("#sync"))
	}
}
