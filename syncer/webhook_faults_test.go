package syncer

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/sandbox"
)

// Whichever request fails, and however, while missed webhooks are fetched and applied and
// access is checked: without a requested sync, the stored list equals GitHub's in the end.
func TestP9P28P37AfterAnyFailureEveryMissedWebhookIsApplied(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		t.Parallel()
		s := member(t, databaseURL)
		t.Cleanup(s.server.Close)
		s.world.Apps.SetHookURL("http://127.0.0.1:1/webhooks/github")
		imports := s.importIDs()
		for name, fault := range failures {
			every := int64(3)
			if strings.HasPrefix(databaseURL, "postgres:") {
				every = 4
			}
			t.Run(fmt.Sprintf("%s, each %d.", name, every), func(t *testing.T) {
				s.t = t
				changeReef(s)
				s.loseDeliveries()
				var requests atomic.Int64
				s.server.Fault(func(r *http.Request) *sandbox.Fault {
					// Losing a response with new tokens ends the user's authorization.
					if strings.HasPrefix(r.URL.Path, "/api/") && requests.Add(1)%every == 0 {
						return fault(s.clock.Now())
					}
					return nil
				})
				if err := s.syncer.RecoverDeliveries(t.Context()); err != nil {
					t.Fatal(err)
				}
				workUntilApplied(s)
				s.server.Fault(nil)
				if here, there := stored(s, "reef"), visible(s, "reef"); here != there {
					t.Errorf("ada sees\n%s\nand GitHub shows\n%s", here, there)
				}
				if now := s.importIDs(); !slices.Equal(now, imports) {
					t.Errorf("the imports %v became %v", imports, now)
				}
			})
		}
	})
}

// changeReef adds a repository that ada sees, removes one that she saw, and renames the
// one that she imported.
func changeReef(s *stage) {
	for _, r := range s.world.Repositories.List("reef") {
		if strings.HasPrefix(r.Name, "new-") {
			s.world.Repositories.SetPermission(r.ID, "ada", sandbox.None)
			s.world.Repositories.Rename(r.ID, "old-"+r.Name)
			continue
		}
		if !strings.HasPrefix(r.Name, "old-") {
			s.world.Repositories.Rename(r.ID, r.Name+"x")
		}
	}
	fresh := s.world.Repositories.Add("reef", sandbox.Repository{Name: fmt.Sprintf("new-%d", s.clock.Now().UnixNano()), Private: true})
	s.world.Repositories.SetPermission(fresh.ID, "ada", sandbox.Triage)
}

// workUntilApplied advances the clock by some hours, a few minutes at a time.
func workUntilApplied(s *stage) {
	s.t.Helper()
	for range 90 {
		s.work()
		s.clock.Advance(4 * time.Minute)
	}
	for _, outcome := range s.outcomes() {
		if strings.HasSuffix(outcome, ": pending") || strings.HasSuffix(outcome, ": failed") || strings.HasSuffix(outcome, ": missing") {
			s.t.Errorf("a webhook on %s", outcome)
		}
	}
}

// stored and shown return what ada sees of an account in Neptun and on GitHub, one per line.
func stored(s *stage, login string) string {
	s.t.Helper()
	var lines []string
	for _, a := range dbtest.ListAvailable(s.t, s.syncer.db, s.at(login), db.Filter{}) {
		lines = append(lines, fmt.Sprint(a.ID, " ", a.Name, " ", a.Permission))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func visible(s *stage, login string) string {
	var lines []string
	for _, in := range s.world.VisibleTo(s.person.Login) {
		for _, r := range in.Repositories {
			if in.Account == login {
				lines = append(lines, fmt.Sprint(r.ID, " ", r.Name, " ", r.Permission))
			}
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
