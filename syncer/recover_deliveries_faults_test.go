package syncer

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/github"
	"neptun/sandbox"
)

// failAll makes every request fail.
func (s *stage) failAll(fault *sandbox.Fault) {
	s.server.Fault(func(*http.Request) *sandbox.Fault { return fault })
}

func TestADeliveryThatGitHubNoLongerHasStaysMissing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s, ids := missing(t, databaseURL)
		s.world.Installations.Suspend(ids[0], "ines")
		s.loseDeliveries()
		s.world.Installations.Unsuspend(ids[0])
		s.loseDeliveries()
		s.world.Installations.Uninstall(ids[2])
		s.loseDeliveries()
		attempts := s.server.Deliveries()
		s.server.Fault(func(r *http.Request) *sandbox.Fault {
			switch path.Base(r.URL.Path) {
			case fmt.Sprint(attempts[0].ID):
				return &sandbox.Fault{Status: http.StatusNotFound, Body: `{"message":"Not Found"}`}
			case fmt.Sprint(attempts[1].ID):
				return sandbox.BadGateway(http.StatusBadGateway)
			}
			return nil
		})
		state := s.recoverAll()
		expect(t, "the state", []any{state.State, state.Found, state.Fetched}, []any{db.SyncFailed, 3, 1})
		want := []string{"installation suspend: missing", "installation unsuspend: missing", "installation deleted: applied"}
		expect(t, "outcomes", s.outcomes(), want)
		for range 10 {
			s.later(recoverEvery)
			state = s.recoverAll()
		}
		expect(t, "the state", []any{state.State, state.Found}, []any{db.SyncIdle, 0})
		expect(t, "outcomes", s.outcomes(), want)
		tries := map[int64]int{}
		for _, id := range s.fetched() {
			tries[id]++
		}
		expect(t, "tries", []int{tries[attempts[0].ID], tries[attempts[1].ID]}, []int{1, 5})
		n, err := s.syncer.db.CountMissing(t.Context())
		expect(t, "missing", []any{n, err}, []any{2, nil})

		// A redelivery is a new attempt to fetch.
		s.server.Fault(nil)
		if err := s.github.AsApp().Redeliver(t.Context(), attempts[0].ID); err != nil {
			t.Fatal(err)
		}
		s.loseDeliveries()
		s.recoverAll()
		expect(t, "outcomes", s.outcomes()[0], "installation suspend: applied")
	})
}

func TestAnExpiredCursorRestartsTheList(t *testing.T) {
	s, ids := missing(t, dbtest.SQLite(t))
	s.world.Installations.Suspend(ids[0], "ines")
	s.loseDeliveries()
	if _, err := s.syncer.db.StartSync(t.Context(), db.RecoverDeliveries{}); err != nil {
		t.Fatal(err)
	}
	if err := s.syncer.db.SetDeliveryCursor(t.Context(), "v2_of_last_year", s.clock.Now()); err != nil {
		t.Fatal(err)
	}
	state := s.recoverAll()
	expect(t, "the state", []any{state.State, state.Fetched, s.cursor()}, []any{db.SyncIdle, 1, ""})
}

func TestWithoutAWebhookOrAKeyNothingIsRecovered(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*stage)
		fault  *sandbox.Fault
	}{
		"no webhook": {change: func(*stage) {}},
		"no such endpoint": {
			change: func(*stage) {},
			fault:  &sandbox.Fault{Status: http.StatusNotFound, Body: `{"message":"Not Found"}`},
		},
		"no key": {change: func(s *stage) {
			app := s.app()
			app.PrivateKey = nil
			s.github.SetApp(app)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := offices()
			s := newStage(t, dbtest.SQLite(t), w)
			t.Cleanup(s.server.Close)
			var log bytes.Buffer
			s.syncer.log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelInfo}))
			if c.fault != nil {
				s.server.FailPath("/hook/deliveries", c.fault)
			}
			c.change(s)
			if err := s.syncer.db.QueueSync(t.Context(), db.RecoverDeliveries{}); err != nil {
				t.Fatal(err)
			}
			s.work()
			if state := s.recoveryState(); state.Active() || state.Message != "" || log.Len() > 0 {
				t.Errorf("the state is %+v, the log %q", state, log.String())
			}
		})
	}
}

func TestAFailedRecoveryIsRetried(t *testing.T) {
	s, ids := missing(t, dbtest.SQLite(t))
	s.world.Installations.Suspend(ids[0], "ines")
	s.loseDeliveries()
	s.server.FailPath("/hook/deliveries", sandbox.BadGateway(http.StatusBadGateway))
	state := s.recoverAll()
	expect(t, "the state", []any{state.State, state.Message}, []any{db.SyncFailed, explain(github.ErrUnavailable)})
	s.server.Fault(nil)
	s.later(recoverRetry)
	s.work()
	state = s.recoveryState()
	expect(t, "the state", []any{state.State, state.Fetched}, []any{db.SyncIdle, 1})
	s.world.Installations.Unsuspend(ids[0])
	s.loseDeliveries()
	s.later(recoverEvery)
	s.work()
	expect(t, "the state", s.recoveryState().Fetched, 1)
}
