package syncer

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/sandbox"
	"neptun/syncer/webhook"
)

// missing returns a stage whose webhooks aren't delivered.
func missing(t *testing.T, databaseURL string) (s *stage, ids []int64) {
	t.Helper()
	w, ids := offices()
	s = newStage(t, databaseURL, w)
	t.Cleanup(s.server.Close)
	w.Apps.SetHookURL("http://127.0.0.1:1/webhooks/github")
	return s, ids
}

// loseDeliveries waits until GitHub has tried all deliveries, and advances the clock by a second.
func (s *stage) loseDeliveries() {
	s.t.Helper()
	if err := s.server.WaitForDeliveries(testContext(s.t)); err != nil {
		s.t.Fatal(err)
	}
	s.clock.Advance(time.Second)
}

// recoverAll recovers missed deliveries once, and runs the jobs that this queues.
func (s *stage) recoverAll() db.Recovery {
	s.t.Helper()
	if err := s.syncer.RecoverDeliveries(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	s.work()
	return s.recoveryState()
}

// cursor is where GitHub's list of deliveries continues.
func (s *stage) cursor() string {
	s.t.Helper()
	at, err := s.syncer.db.GetDeliveryCursor(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return at.Cursor
}

func (s *stage) recoveryState() db.Recovery {
	s.t.Helper()
	state, err := s.syncer.db.GetRecovery(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return state
}

// outcomes returns the outcome of each delivery, oldest first.
func (s *stage) outcomes() (all []string) {
	s.t.Helper()
	list, err := s.syncer.db.ListDeliveries(s.t.Context(), "", db.Page{Limit: 1000})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, d := range list {
		all = append([]string{strings.TrimSpace(d.Event+" "+d.Action) + ": " + string(d.Outcome)}, all...)
	}
	return all
}

// fetched returns the ids of the attempts that were requested, in that order.
func (s *stage) fetched() (ids []int64) {
	for _, request := range s.server.Requests() {
		if id, err := strconv.ParseInt(path.Base(request.Path), 10, 64); err == nil && strings.Contains(request.Path, "/hook/deliveries/") {
			ids = append(ids, id)
		}
	}
	return ids
}

func expect(t *testing.T, what string, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func isDelivery(r *http.Request) bool { return strings.Contains(r.URL.Path, "/hook/deliveries/") }

func isList(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/hook/deliveries") }

func TestP27MissedDeliveriesAreFetchedInOrder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s, ids := missing(t, databaseURL)
		s.world.Installations.Suspend(ids[0], "ines")
		s.loseDeliveries()
		s.world.Apps.Ping()
		s.loseDeliveries()
		s.world.Installations.Uninstall(ids[2])
		s.loseDeliveries()
		attempts := s.server.Deliveries()
		// Redelivered and lost again, it is still the first.
		if err := s.github.AsApp().Redeliver(t.Context(), attempts[0].ID); err != nil {
			t.Fatal(err)
		}
		s.loseDeliveries()
		attempts = s.server.Deliveries()

		state := s.recoverAll()
		expect(t, "the state", []any{state.State, state.Found, state.Fetched}, []any{db.SyncIdle, 2, 2})
		expect(t, "requested", s.fetched(), []int64{attempts[3].ID, attempts[2].ID})
		expect(t, "outcomes", s.outcomes(), []string{"installation suspend: applied", "ping: ignored", "installation deleted: applied"})
		if i, err := s.syncer.db.FindAppInstallation(t.Context(), ids[0]); err != nil || !i.Suspended() {
			t.Errorf("the installation is %+v, %v", i, err)
		}
		d, err := s.syncer.db.FindDelivery(t.Context(), attempts[0].GUID)
		if err != nil || d.CaughtUpAt.IsZero() || d.AttemptID != attempts[3].ID || d.SentAt.Unix() != attempts[0].At.Unix() || len(d.Body) != 0 {
			t.Errorf("the delivery is %+v, %v", d, err)
		}
		s.server.ResetRequests()
		state = s.recoverAll()
		expect(t, "once more", []any{state.Found, state.Fetched, len(s.fetched()), s.server.RequestCount("/hook/deliveries")}, []any{0, 0, 0, 1})
	})
}

func TestTheDeliveryListIsReadDownToTheWatermark(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s, ids := missing(t, databaseURL)
		s.world.Installations.Suspend(ids[0], "ines")
		for range 230 {
			s.world.Apps.Ping()
		}
		s.loseDeliveries()
		s.later(2 * recoverOverlap)
		s.world.Apps.Ping()
		s.loseDeliveries()
		state := s.recoverAll()
		expect(t, "the first time", []any{state.Found, state.Fetched, s.server.RequestCount("/hook/deliveries"), s.cursor()}, []any{1, 1, 3, ""})

		s.later(2 * recoverOverlap)
		s.world.Installations.Unsuspend(ids[0])
		s.loseDeliveries()
		s.server.ResetRequests()
		// Another instance, or the next start: the position is stored.
		other := s.instance(s.syncer.db)
		state = other.recoverAll()
		expect(t, "the second time", []any{state.Found, state.Fetched, s.server.RequestCount("/hook/deliveries")}, []any{1, 1, 1})
		outcomes := s.outcomes()
		expect(t, "recorded", []any{len(outcomes), outcomes[232]}, []any{233, "installation unsuspend: applied"})
	})
}

func TestARecoveryResumesAfterARateLimit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s, ids := missing(t, databaseURL)
		for range 3 {
			s.world.Installations.Suspend(ids[0], "ines")
			s.loseDeliveries()
			s.world.Installations.Unsuspend(ids[0])
			s.loseDeliveries()
		}
		for range 120 {
			s.world.Apps.Ping()
		}
		s.loseDeliveries()
		until := s.clock.Now().Add(20 * time.Minute)
		requests := 0
		limitAt := func(n int, is func(*http.Request) bool) {
			s.server.Fault(func(r *http.Request) *sandbox.Fault {
				if is(r) {
					if requests++; requests >= n {
						return sandbox.PrimaryLimit(until)
					}
				}
				return nil
			})
		}
		limitAt(2, isList)
		state := s.recoverAll()
		expect(t, "while the list is read", []any{state.State, state.Found, state.RetryAt.Unix()}, []any{db.SyncWaiting, 0, until.Unix()})
		s.server.ResetRequests()
		s.recoverAll() // a request by an operator doesn't shorten the wait
		expect(t, "requests before the time", len(s.server.Requests()), 0)

		s.later(20*time.Minute + time.Second)
		until, requests = s.clock.Now().Add(20*time.Minute), 0
		limitAt(3, isDelivery)
		s.work()
		state = s.recoveryState()
		expect(t, "while it is fetched", []any{state.State, state.Found, state.Fetched, s.server.RequestCount("/hook/deliveries")}, []any{db.SyncWaiting, 6, 2, 1})

		s.later(20*time.Minute + time.Second)
		s.server.Fault(nil)
		s.server.ResetRequests()
		s.work()
		state = s.recoveryState()
		expect(t, "in the end", []any{state.State, state.Found, state.Fetched, len(s.fetched())}, []any{db.SyncIdle, 6, 6, 4})
	})
}

func TestAFailedDeliveryIsRetriedOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s, ids := missing(t, databaseURL)
		s.server.FailPath(fmt.Sprintf("/app/installations/%d", ids[0]), &sandbox.Fault{Status: http.StatusForbidden, Body: `{"message":"Forbidden"}`})
		body := fmt.Sprintf(`{"action":"suspend","installation":{"id":%d}}`, ids[0])
		delivery, err := webhook.ReadDelivery("came", "installation", []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.syncer.db.AddDelivery(t.Context(), delivery); err != nil {
			t.Fatal(err)
		}
		s.work()
		expect(t, "outcomes", s.outcomes(), []string{"installation suspend: failed"})
		for range 3 {
			s.recoverAll()
		}
		expect(t, "outcomes", s.outcomes(), []string{"installation suspend: failed"})
		expect(t, "tries", s.server.RequestCount(fmt.Sprintf("/app/installations/%d", ids[0])), 2)
	})
}

func TestADeliveryThatArrivesDuringItsFetchIsAppliedOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s, ids := missing(t, databaseURL)
		s.world.Installations.Suspend(ids[0], "ines")
		s.loseDeliveries()
		lost := s.server.Deliveries()[0]
		s.server.Fault(func(r *http.Request) *sandbox.Fault {
			if isDelivery(r) {
				received, err := webhook.ReadDelivery(lost.GUID, lost.Event, lost.Payload)
				if err == nil {
					err = s.syncer.db.AddDelivery(context.WithoutCancel(r.Context()), received)
				}
				if err != nil {
					t.Error(err)
				}
			}
			return nil
		})
		s.recoverAll()
		expect(t, "outcomes", s.outcomes(), []string{"installation suspend: applied"})
		// One request to identify the installation, and one to apply the change.
		expect(t, "applied", s.server.RequestCount(fmt.Sprintf("/app/installations/%d", ids[0])), 2)
		if d, err := s.syncer.db.FindDelivery(t.Context(), lost.GUID); err != nil || !d.CaughtUpAt.IsZero() {
			t.Errorf("the delivery is %+v, %v", d, err)
		}
	})
}

func TestOneInstanceAtATimeRecoversDeliveries(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s, ids := missing(t, databaseURL)
		for range 10 {
			s.world.Installations.Suspend(ids[0], "ines")
			s.world.Installations.Unsuspend(ids[0])
			s.loseDeliveries()
		}
		s.failAll(&sandbox.Fault{Delay: 5 * time.Millisecond})
		second := s.instance(dbtest.Open(t, databaseURL, s.clock.Now))
		defer s.working(t.Context())()
		defer second.working(t.Context())()
		s.eventually("every webhook is applied", func() bool {
			s.clock.Advance(100 * time.Millisecond) // a job whose data changed meanwhile is retried
			outcomes := s.outcomes()
			for _, outcome := range outcomes {
				if !strings.HasSuffix(outcome, "applied") {
					return false
				}
			}
			return len(outcomes) == 20
		})
		s.eventually("the recovery ends", func() bool { return !s.recoveryState().Active() })
		var recoveries sync.WaitGroup
		for range 8 { // requests that join one recovery
			recoveries.Go(func() {
				for _, one := range []*stage{s, second} {
					if err := one.syncer.RecoverDeliveries(t.Context()); err != nil {
						t.Error(err)
					}
				}
			})
		}
		recoveries.Wait()
		s.eventually("the recovery ends", func() bool { return !s.recoveryState().Active() })
		seen := map[int64]bool{}
		for _, id := range s.fetched() {
			if seen[id] {
				t.Errorf("the attempt %d was fetched twice", id)
			}
			seen[id] = true
		}
		expect(t, "fetched", len(seen), 20)
	})
}
