package handlers_test

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/sandbox"
)

// console puts a Neptun on stage that takes webhooks, with an operator, opal.
func console(t *testing.T, databaseURL string) (s *stage, opal *visitor, installation int64) {
	t.Helper()
	w, installation := harbor()
	w.AddUser(sandbox.User{Login: "opal"})
	logs := &logBook{}
	s = &stage{t: t, world: w, clock: &clock{}, secrets: []string{oldSecret, newSecret}, logs: logs, operators: []string{"opal"}}
	s.start(databaseURL, "")
	t.Cleanup(s.gitHub.Close)
	w.SetWebhookSecret(newSecret)
	w.SetHookURL(s.url + webhooksPath)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(logs)
		}
	})
	return s, s.logIn("opal"), installation
}

const webhooksPath = "/webhooks/github"

// goDown has nobody answer at the stage's address, until somebody does again.
func (s *stage) goDown() (comeBack func()) {
	answering := s.front.Load()
	var down http.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	s.front.Store(&down)
	return func() { s.front.Store(answering) }
}

// lose has webhooks get nowhere while something happens.
func (s *stage) lose(happens func()) {
	s.t.Helper()
	comeBack := s.goDown()
	defer comeBack()
	happens()
	ctx, cancel := context.WithTimeout(context.Background(), dbtest.Timeout)
	defer cancel()
	must(s.t, s.gitHub.WaitForDeliveries(ctx))
}

// looked waits until no look for missed deliveries is under way.
func (s *stage) looked() db.Recovery {
	s.t.Helper()
	var state db.Recovery
	dbtest.Until(s.t, "no look for missed deliveries is under way", func() (done bool) {
		var err error
		state, err = s.db.GetRecovery(context.Background())
		must(s.t, err)
		return !state.Active() && !state.SyncedAt.IsZero()
	})
	return state
}

func TestP27WhatHappenedWhileNeptunWasDownIsPlayedAtTheStart(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s, _, installation := console(t, databaseURL)
		mats := s.logIn("mats")
		s.looked()
		s.goDown()
		s.world.RenameAccount("harbor", "marina")
		s.world.Suspend(installation, "otto")
		if got := s.delivered(); len(got) != 0 {
			t.Fatalf("taken while nobody answered: %q", got)
		}
		s.instance(databaseURL)
		var got []string
		for _, d := range s.gitHub.Deliveries() {
			for deadline := time.Now().Add(dbtest.Timeout); ; time.Sleep(5 * time.Millisecond) {
				if outcome := s.outcome(d.GUID); outcome == db.DeliveryApplied || outcome == db.DeliveryIgnored {
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
		list := mats.get("/api/users/me/installations").list()
		is(t, list[0], "github_account_login", "marina")
		isTime(t, list[0], "suspended_at")
	})
}

func TestTheRecordsOfBothSidesStandSideBySide(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s, opal, installation := console(t, databaseURL)
		s.looked()
		s.world.Suspend(installation, "otto")
		s.delivered()
		s.lose(func() { s.world.Unsuspend(installation) })

		list := opal.get("/api/app/deliveries").status(http.StatusOK).list()
		if len(list) != 2 {
			t.Fatalf("%d deliveries", len(list))
		}
		is(t, list[0], "outcome", "missing")
		is(t, list[0], "received_at", nil)
		is(t, list[1], "outcome", "applied")
		isTime(t, list[1], "received_at")
		isTime(t, list[1], "applied_at")
		page := opal.get("/app/deliveries").status(http.StatusOK)
		if rows := page.page().Find("#deliveries tbody tr"); !strings.Contains(rows.Eq(0).Text(), "Not received") || !strings.Contains(rows.Eq(1).Text(), "Applied") {
			t.Errorf("the page says %s", page.text("tbody"))
		}
		lost := strconv.FormatFloat(list[0]["id"].(float64), 'f', -1, 64)
		if page := opal.get("/app/deliveries/" + lost).status(http.StatusOK); !strings.Contains(page.text("main"), "Not received") {
			t.Errorf("the page of the lost one says %s", page.text("main"))
		}

		opal.post("/app/catch-ups", form("return_to", "/app/deliveries?outcome=missing")).status(http.StatusSeeOther)
		state := s.looked()
		if state.Found != 1 || state.Fetched != 1 {
			t.Errorf("the look found %+v", state)
		}
		if got := s.outcome(list[0]["guid"].(string)); got != db.DeliveryApplied {
			t.Errorf("what was lost is %s", got)
		}
		one := opal.get("/api/app/deliveries/" + lost).status(http.StatusOK).object()
		is(t, one, "outcome", "applied")
		isTime(t, one, "caught_up_at")
		part := opal.fragment("/app/deliveries", "catch-up").status(http.StatusOK)
		if !strings.Contains(part.text("#catch-up"), "1 missed delivery was recovered. Checked") || strings.Contains(part.body, "<html") || strings.Contains(part.body, "tbody") {
			t.Errorf("the part says %s", part.body)
		}
		if page := opal.get("/app/deliveries"); !strings.Contains(page.text("#deliveries tbody"), "recovered") {
			t.Errorf("the page says %s", page.text("tbody"))
		}
		told := opal.postJSON("/api/app/catch-ups", "").status(http.StatusAccepted).object()
		if told["state"] == "failed" { // it may be over already
			t.Errorf("started, it is %v", told)
		}
		opal.untilField("/api/app/catch-ups", "state", "idle")
		told = opal.get("/api/app/catch-ups").object()
		is(t, told, "found_count", 0.0)
		is(t, told, "missing_count", 0.0)
		isTime(t, told, "finished_at")
		if audit := opal.get("/app/audit").text("#audit"); !strings.Contains(audit, "fetch missed webhooks") {
			t.Errorf("the audit says %s", audit)
		}
	})
}

func TestWhatIsRecordedIsListedByItsOutcome(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s, opal, installation := console(t, databaseURL)
		s.looked()
		s.breakDown("/app/installations/"+strconv.FormatInt(installation, 10), &sandbox.Fault{Status: http.StatusForbidden, Body: `{"message":"Forbidden"}`})
		s.world.Suspend(installation, "otto")
		s.world.Ping()
		s.delivered()
		s.gitHub.Fault(func(r *http.Request) *sandbox.Fault {
			if strings.Contains(r.URL.Path, "/hook/deliveries/") {
				return &sandbox.Fault{Status: http.StatusNotFound, Body: `{"message":"Not Found"}`}
			}
			return nil
		})
		s.lose(func() { s.world.Unsuspend(installation) })
		s.clock.advance(time.Second)
		must(t, s.db.QueueSync(t.Context(), db.RecoverDeliveries{}))
		s.looked()
		s.gitHub.ResetRequests()
		for outcome, want := range map[string]int{"any": 3, "missing": 1, "applied": 2, "ignored": 0} {
			// What had failed is taken up once more meanwhile.
			s.outcome(s.gitHub.Deliveries()[0].GUID)
			answer := opal.get("/api/app/deliveries?outcome=" + outcome).status(http.StatusOK)
			if list := answer.list(); len(list) != want || answer.header("X-Total-Count") != strconv.Itoa(want) {
				t.Errorf("%s: %v", outcome, list)
			}
			if again := opal.do(http.MethodGet, "/api/app/deliveries?outcome="+outcome, "", "", http.Header{"If-None-Match": {answer.header("ETag")}}); again.StatusCode != http.StatusNotModified {
				t.Errorf("asked again: %d", again.StatusCode)
			}
		}
		lost := opal.get("/api/app/deliveries?outcome=missing").list()[0]
		is(t, lost, "status", nil)
		is(t, lost, "received_at", nil)
		isTime(t, lost, "delivered_at")
		page := opal.get("/app/deliveries?outcome=missing").status(http.StatusOK)
		if page.page().Find("#deliveries tbody tr").Length() != 1 || !strings.Contains(page.text("#catch-up"), "1 delivery not received, and no longer available") {
			t.Errorf("the page says %s", page.text("main"))
		}
		for _, request := range s.gitHub.Requests() {
			if strings.HasSuffix(request.Path, "/hook/deliveries") {
				t.Error("GitHub was asked")
			}
		}
		first := opal.get("/api/app/deliveries?outcome=any&per_page=2").status(http.StatusOK)
		if len(first.list()) != 2 || !strings.Contains(first.header("Link"), `page=2`) {
			t.Errorf("the first page: %s", first.header("Link"))
		}
		for _, query := range []string{"outcome=lost", "outcome=any&cursor=v1_1", "page=0"} {
			opal.get("/api/app/deliveries?" + query).status(http.StatusUnprocessableEntity).message()
		}
	})
}

func TestWhileGitHubIsAwayTheOwnRecordIsShown(t *testing.T) {
	s, opal, installation := console(t, dbtest.SQLite(t))
	s.looked()
	s.world.Suspend(installation, "otto")
	s.delivered()
	for name, fault := range map[string]*sandbox.Fault{
		"isn't responding":      sandbox.BadGateway(http.StatusBadGateway),
		"rate limit":            sandbox.PrimaryLimit(s.clock.Now().Add(time.Hour)),
		"rejected":              {Status: http.StatusUnauthorized, Body: `{"message":"A JSON web token could not be decoded"}`},
		"isn't responding anew": {Drop: true},
	} {
		s.breakDown("/hook/deliveries", fault)
		page := opal.get("/app/deliveries").status(http.StatusOK)
		if said := page.text("#deliveries .notice"); !strings.Contains(said, strings.TrimSuffix(name, " anew")) || page.page().Find("#deliveries tbody tr").Length() != 1 {
			t.Errorf("%s: the page says %s", name, page.text("#deliveries"))
		}
		if answer := opal.get("/api/app/deliveries"); answer.StatusCode < 500 {
			t.Errorf("%s: a script gets %d", name, answer.StatusCode)
		}
		opal.get("/api/app/deliveries?outcome=any").status(http.StatusOK)
		s.clock.advance(time.Hour) // until the limit ends
	}
}
