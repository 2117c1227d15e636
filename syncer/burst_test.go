package syncer

import (
	"cmp"
	"fmt"
	"os"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
	"neptun/syncer/webhook"
)

// liveStage returns an instance that uses real time, and spaces out the requests that webhooks
// cause.
func liveStage(s *stage, d *db.DB, interval time.Duration) *stage {
	s.config.Now = time.Now
	other := s.instance(d)
	other.syncer = New(Config{GitHub: other.github, DB: d, Now: time.Now, Logger: s.config.Logger, RequestInterval: interval})
	return other
}

// hookOn delivers a webhook about a repository of atlas.
func (s *stage) hookOn(guid, action string, r sandbox.Repository, installation db.InstallationRecord) {
	s.t.Helper()
	delivery, err := webhook.ReadDelivery(guid, "repository", fmt.Appendf(nil,
		`{"action":%q,"installation":{"id":%d},"repository":{"id":%d,"name":%q,"full_name":"atlas/%[4]s","owner":{"id":%[5]d,"login":"atlas","type":"Organization"}}}`,
		action, installation.GitHubID, r.ID, r.Name, installation.Account.GitHubID))
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.syncer.db.AddDelivery(s.t.Context(), delivery); err != nil {
		s.t.Fatal(err)
	}
}

// O1: a burst of webhooks about a few repositories is applied with a few requests, in
// time, and the removal of access isn't delayed by it.
func TestO1ABurstOfWebhooksIsBatchedAndRemovalsGoFirst(t *testing.T) {
	deliveries, repositories, interval := 2000, 50, 50*time.Millisecond
	if os.Getenv("NEPTUN_TEST_SOAK") != "" {
		deliveries, repositories, interval = 10_000, 250, 0
	}
	const within = time.Minute
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := newStage(t, databaseURL, sandboxtest.LargeWorld(repositories))
		s = liveStage(s, dbtest.Open(t, databaseURL, time.Now), interval)
		s.signIn("ada")
		s.work()
		in, all := s.at("atlas"), s.world.Repositories.List("atlas")
		defer s.working(t.Context())()
		s.server.ResetRequests()

		began := time.Now()
		var slowest time.Duration
		removed := 0
		for i := range deliveries {
			r := all[i%repositories]
			s.hookOn(fmt.Sprint("burst-", i), "edited", r, in)
			if i%(deliveries/4) == deliveries/8 { // in the middle of it
				removedOne := all[repositories-1-removed]
				removed++
				s.world.Repositories.Delete(removedOne.ID)
				receivedAt := time.Now()
				s.hookOn(fmt.Sprint("gone-", i), "deleted", removedOne, in)
				s.eventually("the removal is applied", func() bool { return len(s.names("atlas")) == repositories-removed })
				slowest = max(slowest, time.Since(receivedAt))
			}
		}
		stored := time.Since(began)
		s.eventually("all webhooks are applied", func() bool {
			n, err := s.syncer.db.CountDeliveries(t.Context(), db.DeliveryPending)
			return err == nil && n == 0
		})
		took, requests := time.Since(began), len(s.server.Requests())
		t.Logf("%d webhooks about %d repositories, stored in %v, applied after %v with %d requests; the slowest of %d removals took %v",
			deliveries, repositories, stored, took, requests, removed, slowest)
		if took > within {
			t.Errorf("applied after %v", took)
		}
		// A request per slot in that time, those for removals, and one for a token.
		if turns := requestBurst + int(took/cmp.Or(interval, defaultRequestInterval)) + 4*removed + 1; requests > min(turns, deliveries/4) {
			t.Errorf("%d requests, want at most %d", requests, turns)
		}
		if dbtest.Soak() > 0 && requests > 600 {
			t.Errorf("%d requests, want at most 600", requests)
		}
		if slowest > 2*time.Second {
			t.Errorf("the removal took %v", slowest)
		}
	})
}

// O1: a refusal by GitHub holds back all requests in the App's name, on every instance,
// until the time it names.
func TestO1ARateLimitStopsAllRequestsOfTheApp(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := atlas(t, databaseURL, 30)
		in := s.at("atlas")
		until := s.clock.Now().Add(10 * time.Minute)
		s.server.ResetRequests()
		s.server.FailPath("", sandbox.PrimaryLimit(until))
		other := s.instance(dbtest.Open(t, databaseURL, s.clock.Now))
		for i, r := range s.world.Repositories.List("atlas") {
			s.hookOn(fmt.Sprint("edited-", i), "edited", r, in)
		}
		s.work()
		other.work()
		if n := len(s.server.Requests()); n != 1 {
			t.Errorf("%d requests were sent to GitHub, want one", n)
		}
		s.server.Fault(nil)
		s.clock.Advance(9 * time.Minute)
		other.work()
		if n := len(s.server.Requests()); n != 1 {
			t.Errorf("a request was sent to GitHub before its limit ended")
		}
		s.clock.Advance(time.Minute)
		other.work()
		if n, err := s.syncer.db.CountDeliveries(t.Context(), db.DeliveryPending); err != nil || n != 0 {
			t.Errorf("%d webhooks are left, %v", n, err)
		}
	})
}
