package operators_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
	"neptun/sandbox"
)

// console opens a Neptun with webhooks and an operator, opal.
func console(t *testing.T, databaseURL string) (s *handlerstest.Stage, opal *handlerstest.Visitor, installation int64) {
	t.Helper()
	w, installation := handlerstest.Harbor()
	w.Accounts.AddUser(sandbox.User{Login: "opal"})
	logs := &handlerstest.LogBook{}
	s = &handlerstest.Stage{T: t, World: w, Clock: &handlerstest.Clock{}, Secrets: []string{handlerstest.OldSecret, handlerstest.NewSecret}, Logs: logs, Operators: []string{"opal"}}
	s.Start(databaseURL, "")
	t.Cleanup(s.GitHub.Close)
	w.Apps.SetWebhookSecret(handlerstest.NewSecret)
	w.Apps.SetHookURL(s.URL + handlerstest.WebhooksPath)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(logs)
		}
	})
	return s, s.LogIn("opal"), installation
}

func TestP27DeliveriesMissedWhileDownAreRecoveredAtTheStart(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s, _, installation := console(t, databaseURL)
		mats := s.LogIn("mats")
		s.UntilRecovered()
		s.GoDown()
		s.World.Accounts.Rename("harbor", "marina")
		s.World.Installations.Suspend(installation, "otto")
		if got := s.Delivered(); len(got) != 0 {
			t.Fatalf("applied while Neptun was down: %q", got)
		}
		s.Instance(databaseURL)
		var got []string
		for _, d := range s.GitHub.Deliveries() {
			for deadline := time.Now().Add(dbtest.Timeout); ; time.Sleep(5 * time.Millisecond) {
				if outcome := s.Outcome(d.GUID); outcome == db.DeliveryApplied || outcome == db.DeliveryIgnored {
					got = append(got, strings.TrimSpace(d.Event+" "+d.Action)+": "+string(outcome))
					break
				} else if time.Now().After(deadline) {
					t.Fatalf("%s %s is %q", d.Event, d.Action, outcome)
				}
			}
		}
		for _, want := range []string{"installation_target renamed: applied", "installation suspend: applied"} {
			if !slices.Contains(got, want) {
				t.Errorf("%q is not in %q", want, got)
			}
		}
		list := mats.Get("/api/users/me/installations").List()
		handlerstest.WantField(t, list[0], "github_account_login", "marina")
		handlerstest.WantTime(t, list[0], "suspended_at")
	})
}

func TestDeliveriesShowGitHubsAndNeptunsRecord(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s, opal, installation := console(t, databaseURL)
		s.UntilRecovered()
		s.World.Installations.Suspend(installation, "otto")
		s.Delivered()
		s.DropWebhooksDuring(func() { s.World.Installations.Unsuspend(installation) })

		list := opal.Get("/api/app/deliveries").Status(http.StatusOK).List()
		if len(list) != 2 {
			t.Fatalf("%d deliveries", len(list))
		}
		handlerstest.WantField(t, list[0], "outcome", "missing")
		handlerstest.WantField(t, list[0], "received_at", nil)
		handlerstest.WantField(t, list[1], "outcome", "applied")
		handlerstest.WantTime(t, list[1], "received_at")
		handlerstest.WantTime(t, list[1], "applied_at")
		page := opal.Get("/app/deliveries").Status(http.StatusOK)
		if rows := page.Page().Find("#deliveries tbody tr"); !strings.Contains(rows.Eq(0).Text(), "Not received") || !strings.Contains(rows.Eq(1).Text(), "Applied") {
			t.Errorf("the page shows %s", page.Text("tbody"))
		}
		lost := strconv.FormatFloat(list[0]["id"].(float64), 'f', -1, 64)
		if page := opal.Get("/app/deliveries/" + lost).Status(http.StatusOK); !strings.Contains(page.Text("main"), "Not received") {
			t.Errorf("the page of the missed delivery shows %s", page.Text("main"))
		}

		opal.Post("/app/catch-ups", handlerstest.Form("return_to", "/app/deliveries?outcome=missing")).Status(http.StatusSeeOther)
		state := s.UntilRecovered()
		if state.Found != 1 || state.Fetched != 1 {
			t.Errorf("the recovery found %+v", state)
		}
		if got := s.Outcome(list[0]["guid"].(string)); got != db.DeliveryApplied {
			t.Errorf("the missed delivery is %s", got)
		}
		one := opal.Get("/api/app/deliveries/" + lost).Status(http.StatusOK).Object()
		handlerstest.WantField(t, one, "outcome", "applied")
		handlerstest.WantTime(t, one, "caught_up_at")
		part := opal.Fragment("/app/deliveries", "catch-up").Status(http.StatusOK)
		if !strings.Contains(part.Text("#catch-up"), "1 missed delivery was recovered. Checked") || strings.Contains(part.Body, "<html") || strings.Contains(part.Body, "tbody") {
			t.Errorf("the fragment shows %s", part.Body)
		}
		if page := opal.Get("/app/deliveries"); !strings.Contains(page.Text("#deliveries tbody"), "recovered") {
			t.Errorf("the page shows %s", page.Text("tbody"))
		}
		got := opal.PostJSON("/api/app/catch-ups", "").Status(http.StatusAccepted).Object()
		if got["state"] == "failed" { // it may be over already
			t.Errorf("after the start it is %v", got)
		}
		opal.UntilField("/api/app/catch-ups", "state", "idle")
		got = opal.Get("/api/app/catch-ups").Object()
		handlerstest.WantField(t, got, "found_count", 0.0)
		handlerstest.WantField(t, got, "missing_count", 0.0)
		handlerstest.WantTime(t, got, "finished_at")
		if audit := opal.Get("/app/audit").Text("#audit"); !strings.Contains(audit, "fetch missed webhooks") {
			t.Errorf("audit log: %s", audit)
		}
	})
}

func TestStoredDeliveriesAreFilteredByOutcome(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s, opal, installation := console(t, databaseURL)
		s.UntilRecovered()
		s.FailRequests("/app/installations/"+strconv.FormatInt(installation, 10), &sandbox.Fault{Status: http.StatusForbidden, Body: `{"message":"Forbidden"}`})
		s.World.Installations.Suspend(installation, "otto")
		s.World.Apps.Ping()
		s.Delivered()
		s.GitHub.Fault(func(r *http.Request) *sandbox.Fault {
			if strings.Contains(r.URL.Path, "/hook/deliveries/") {
				return &sandbox.Fault{Status: http.StatusNotFound, Body: `{"message":"Not Found"}`}
			}
			return nil
		})
		s.DropWebhooksDuring(func() { s.World.Installations.Unsuspend(installation) })
		s.Clock.Advance(time.Second)
		handlerstest.Must(t, s.DB.QueueSync(t.Context(), db.RecoverDeliveries{}))
		s.UntilRecovered()
		s.GitHub.ResetRequests()
		for outcome, want := range map[string]int{"any": 3, "missing": 1, "applied": 2, "ignored": 0} {
			// The failed delivery is applied again during the list.
			s.Outcome(s.GitHub.Deliveries()[0].GUID)
			answer := opal.Get("/api/app/deliveries?outcome=" + outcome).Status(http.StatusOK)
			if list := answer.List(); len(list) != want || answer.Header.Get("X-Total-Count") != strconv.Itoa(want) {
				t.Errorf("%s: %v", outcome, list)
			}
			if again := opal.Do(http.MethodGet, "/api/app/deliveries?outcome="+outcome, "", "", http.Header{"If-None-Match": {answer.Header.Get("ETag")}}); again.StatusCode != http.StatusNotModified {
				t.Errorf("repeated request: %d", again.StatusCode)
			}
		}
		lost := opal.Get("/api/app/deliveries?outcome=missing").List()[0]
		handlerstest.WantField(t, lost, "status", nil)
		handlerstest.WantField(t, lost, "received_at", nil)
		handlerstest.WantTime(t, lost, "delivered_at")
		page := opal.Get("/app/deliveries?outcome=missing").Status(http.StatusOK)
		if page.Page().Find("#deliveries tbody tr").Length() != 1 || !strings.Contains(page.Text("#catch-up"), "1 delivery not received, and no longer available") {
			t.Errorf("the page shows %s", page.Text("main"))
		}
		for _, request := range s.GitHub.Requests() {
			if strings.HasSuffix(request.Path, "/hook/deliveries") {
				t.Error("there was a request to GitHub")
			}
		}
		first := opal.Get("/api/app/deliveries?outcome=any&per_page=2").Status(http.StatusOK)
		if len(first.List()) != 2 || !strings.Contains(first.Header.Get("Link"), `page=2`) {
			t.Errorf("the first page: %s", first.Header.Get("Link"))
		}
		for _, query := range []string{"outcome=lost", "outcome=any&cursor=v1_1", "page=0"} {
			opal.Get("/api/app/deliveries?" + query).Status(http.StatusUnprocessableEntity).Message()
		}
	})
}

func TestStoredDeliveriesAreShownWhileGitHubIsUnavailable(t *testing.T) {
	s, opal, installation := console(t, dbtest.SQLite(t))
	s.UntilRecovered()
	s.World.Installations.Suspend(installation, "otto")
	s.Delivered()
	for name, fault := range map[string]*sandbox.Fault{
		"isn't responding":       sandbox.BadGateway(http.StatusBadGateway),
		"rate limit":             sandbox.PrimaryLimit(s.Clock.Now().Add(time.Hour)),
		"rejected":               {Status: http.StatusUnauthorized, Body: `{"message":"A JSON web token could not be decoded"}`},
		"isn't responding again": {Drop: true},
	} {
		s.FailRequests("/hook/deliveries", fault)
		page := opal.Get("/app/deliveries").Status(http.StatusOK)
		if text := page.Text("#deliveries .notice"); !strings.Contains(text, strings.TrimSuffix(name, " again")) || page.Page().Find("#deliveries tbody tr").Length() != 1 {
			t.Errorf("%s: the page shows %s", name, page.Text("#deliveries"))
		}
		if answer := opal.Get("/api/app/deliveries"); answer.StatusCode < 500 {
			t.Errorf("%s: a script gets %d", name, answer.StatusCode)
		}
		opal.Get("/api/app/deliveries?outcome=any").Status(http.StatusOK)
		s.Clock.Advance(time.Hour) // until the limit ends
	}
}
