package syncer

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/github"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

// message is an error response of GitHub's API with only a message.
func message(status int, text string) *sandbox.Fault {
	return &sandbox.Fault{
		Status: status, Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}, Body: `{"message":"` + text + `"}`,
	}
}

// failures are the ways in which requests can fail temporarily.
var failures = map[string]func(now time.Time) *sandbox.Fault{
	"500":                func(time.Time) *sandbox.Fault { return message(500, "Server Error") },
	"502":                func(time.Time) *sandbox.Fault { return sandbox.BadGateway(502) },
	"503":                func(time.Time) *sandbox.Fault { return sandbox.BadGateway(503) },
	"dropped":            func(time.Time) *sandbox.Fault { return &sandbox.Fault{Drop: true} },
	"cut short":          func(time.Time) *sandbox.Fault { return &sandbox.Fault{CutAfter: 700} },
	"a page":             func(time.Time) *sandbox.Fault { return sandbox.BadGateway(http.StatusOK) },
	"used up":            func(now time.Time) *sandbox.Fault { return sandbox.PrimaryLimit(now.Add(20 * time.Minute)) },
	"too much":           func(time.Time) *sandbox.Fault { return sandbox.SecondaryLimit(403, 45*time.Second) },
	"too much (429)":     func(time.Time) *sandbox.Fault { return sandbox.SecondaryLimit(429, 45*time.Second) },
	"too much, timeless": func(time.Time) *sandbox.Fault { return message(403, "You have exceeded a secondary rate limit.") },
	"429, timeless":      func(time.Time) *sandbox.Fault { return message(429, "Too Many Requests") },
}

// Whichever request fails, and however: in the end the stored list equals GitHub's.
func TestP9P37AfterAnyFailureTheListsAreEqualInTheEnd(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		t.Parallel()
		s := atlas(t, databaseURL, 450)
		first := s.world.Repositories.List("atlas")
		if _, _, err := s.syncer.db.ImportRepositories(t.Context(), s.at("atlas"), []int64{first[0].ID, first[200].ID, first[449].ID}); err != nil {
			t.Fatal(err)
		}
		imports := s.importIDs()
		for name, fault := range failures {
			often := []int64{2, 5}
			if strings.HasPrefix(databaseURL, "postgres:") {
				often = []int64{3}
			}
			for _, every := range often {
				t.Run(fmt.Sprintf("%s, each %d.", name, every), func(t *testing.T) {
					s.t = t
					changeAtlas(s)
					var requests atomic.Int64
					s.server.Fault(func(*http.Request) *sandbox.Fault {
						if requests.Add(1)%every == 0 {
							return fault(s.clock.Now())
						}
						return nil
					})
					s.sync()
					workUntilIdle(s)
					s.server.Fault(nil)
					s.expectEqual()
					if now := s.importIDs(); !slices.Equal(now, imports) {
						t.Errorf("the imports %v became %v", imports, now)
					}
				})
			}
		}
	})
}

// changeAtlas renames, edits, adds and deletes repositories that nobody imported.
func changeAtlas(s *stage) {
	all := s.world.Repositories.List("atlas")
	s.world.Repositories.Delete(all[100].ID)
	s.world.Repositories.Rename(all[101].ID, all[101].Name+"-x")
	s.world.Repositories.Edit(all[300].ID, func(r *sandbox.Repository) { r.Description += " Again." })
	s.world.Repositories.Add("atlas", sandbox.Repository{Name: fmt.Sprintf("new-%d", len(all[101].Name)+int(all[len(all)-1].ID))})
}

// workUntilIdle advances the clock until no sync waits any more.
func workUntilIdle(s *stage) {
	s.t.Helper()
	for range 100 {
		latest := []db.Sync{s.listSync(), s.at("atlas").Sync}
		waiting := slices.DeleteFunc(latest, func(so db.Sync) bool { return so.State != db.SyncWaiting })
		if len(waiting) == 0 {
			s.expectSync(s.at("atlas").Sync, db.SyncIdle, "")
			return
		}
		next := slices.MinFunc(waiting, func(a, b db.Sync) int { return a.RetryAt.Compare(b.RetryAt) })
		s.clock.Advance(next.RetryAt.Sub(s.clock.Now()))
		s.work()
	}
	s.t.Fatal("the sync never ends")
}

// expectEqual compares what the user sees on atlas with GitHub's list.
func (s *stage) expectEqual() {
	s.t.Helper()
	line := func(id int64, name, description string) string { return fmt.Sprintln(id, name, description) }
	var here, there []string
	for _, item := range dbtest.ListAvailable(s.t, s.syncer.db, s.at("atlas"), db.Filter{}) {
		here = append(here, line(item.ID, item.Name, item.Description))
	}
	for _, r := range s.world.Repositories.List("atlas") {
		there = append(there, line(r.ID, r.Name, r.Description))
	}
	slices.Sort(here)
	slices.Sort(there)
	if !slices.Equal(here, there) {
		s.t.Errorf("%d repositories are stored and %d are on GitHub, or they differ", len(here), len(there))
	}
	if n := s.at("atlas").RepositoryCount; n != int64(len(there)) {
		s.t.Errorf("%d are counted", n)
	}
}

// A rate limit stops the other pages of the same list, and all other requests in that
// user's name until it ends.
func TestP37ARateLimitStopsAllRequestsOfAUser(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := member(t, databaseURL)
		for _, account := range []string{"reef", "ada"} {
			if err := s.syncer.db.QueueSync(t.Context(), db.SyncRepositories{RecordID: s.at(account).ID}); err != nil {
				t.Fatal(err)
			}
		}
		until := s.clock.Now().Add(17 * time.Minute)
		s.server.FailPath("/repositories", sandbox.PrimaryLimit(until))
		s.work()
		if n := s.server.RequestCount("/repositories"); n != 1 {
			t.Errorf("%d requests were sent to GitHub", n)
		}
		for _, account := range []string{"reef", "ada"} {
			got := s.at(account).Sync
			s.expectSync(got, db.SyncWaiting, "rate limit")
			if !got.RetryAt.Equal(until) {
				t.Errorf("%s continues at %v", account, got.RetryAt)
			}
		}
		s.server.Fault(nil)
		s.server.ResetRequests()
		s.sync()
		if n := len(s.server.Requests()); n != 0 {
			t.Errorf("%d requests were sent to GitHub before the limit's end", n)
		}
		if _, err := s.github.AsUser(s.person.ID).RateLimit(t.Context()); err != nil {
			t.Errorf("the rate limit can't be read while it is exceeded: %v", err)
		}
		s.clock.Advance(17 * time.Minute)
		s.work()
		for _, account := range []string{"reef", "ada"} {
			s.expectSync(s.at(account).Sync, db.SyncIdle, "")
		}
	})
}

// A rate limit in the middle of a list makes no page be requested twice.
func TestASyncResumesWithTheRemainingPages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s, done := interrupted(t, databaseURL, 50*time.Minute)
		s.work()
		s.expectSync(s.at("atlas").Sync, db.SyncIdle, "")
		if n := s.server.RequestCount("/repositories"); n != 25-done {
			t.Errorf("%d pages were requested after %d of 25", n, done)
		}
		s.expectEqual()
	})
}

// Pages read at very different times don't form one list.
func TestASyncThatWaitedTooLongStartsOver(t *testing.T) {
	s, done := interrupted(t, dbtest.SQLite(t), 2*time.Hour)
	s.work()
	s.expectSync(s.at("atlas").Sync, db.SyncIdle, "")
	if n := s.server.RequestCount("/repositories"); n != 25 {
		t.Errorf("%d pages of 25 were requested", n)
	}
	if n := s.answers(http.StatusNotModified); n != done {
		t.Errorf("%d pages were unchanged, expected the %d that were read before", n, done)
	}
	s.expectEqual()
}

// interrupted runs a first sync of 25 pages that hits a rate limit in the middle, and
// waits until the limit ends. done is how many pages were read.
func interrupted(t *testing.T, databaseURL string, wait time.Duration) (s *stage, done int) {
	t.Helper()
	s = newStage(t, databaseURL, sandboxtest.LargeWorld(2500))
	s.signIn("ada")
	var requests atomic.Int64
	s.server.Fault(func(r *http.Request) *sandbox.Fault {
		if strings.HasSuffix(r.URL.Path, "/repositories") && requests.Add(1) > 12 {
			return sandbox.PrimaryLimit(s.clock.Now().Add(wait))
		}
		return nil
	})
	s.work()
	s.expectSync(s.at("atlas").Sync, db.SyncWaiting, "rate limit")
	done = int(s.at("atlas").Sync.PagesDone)
	if done == 0 || done > 12 {
		t.Fatalf("%d pages are done", done)
	}
	s.server.Fault(nil)
	s.server.ResetRequests()
	s.clock.Advance(wait)
	return s, done
}

// A "not modified" response overwrites what a webhook or another user's sync stored
// meanwhile.
func TestAnUnchangedPageRestoresGitHubsList(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := atlas(t, databaseURL, 250)
		target, err := s.syncer.db.SyncTarget(t.Context(), s.at("atlas").ID)
		if err != nil {
			t.Fatal(err)
		}
		r := s.world.Repositories.List("atlas")[7]
		late := db.ListedRepository{
			Repository: db.Repository{ID: r.ID, Name: "as-a-late-webhook-has-it"}, OwnerAccount: s.at("atlas").Account, Permission: "pull",
		}
		if err := dbtest.PutRepositories(t.Context(), s.syncer.db, target, 0, []db.ListedRepository{late}); err != nil {
			t.Fatal(err)
		}
		s.expectSync(s.resync(), db.SyncIdle, "")
		s.expectEqual()
		if ok, unchanged := s.answers(http.StatusOK), s.answers(http.StatusNotModified); ok != 1 || unchanged != 2 {
			t.Errorf("%d pages were sent and %d were unchanged", ok, unchanged)
		}
	})
}

func TestP4AServerThatRepeatsItsPagesForeverIsAbandonedSoon(t *testing.T) {
	s := atlas(t, dbtest.SQLite(t), 3)
	s.server.Fault(func(r *http.Request) *sandbox.Fault {
		if !strings.HasSuffix(r.URL.Path, "/repositories") {
			return nil
		}
		number, _ := strconv.Atoi(r.URL.Query().Get("page"))
		return &sandbox.Fault{
			Status: http.StatusOK,
			Header: http.Header{
				"Content-Type": {"application/json"},
				"Link":         {fmt.Sprintf(`<%s?page=%d>; rel="next"`, s.config.Host.APIURL()+"/user", number+1)},
			},
			Body: `{"total_count":1000000000,"repositories":[{"id":90,"name":"again","owner":{"id":7,"login":"other","type":"Organization"}}]}`,
		}
	})
	got := s.resync()
	s.expectSync(got, db.SyncIdle, "")
	if !strings.Contains(got.Note, "reported 1000000000 repositories but listed 1") {
		t.Errorf("the note is %q", got.Note)
	}
	if n := s.server.RequestCount("/repositories"); n > listingTries*(1+2*(github.Parallel+decoding+s.syncer.db.PagesTogether())) {
		t.Errorf("%d requests were sent to GitHub", n)
	}
	if len(s.names("atlas")) != 3 {
		t.Error("something is missing")
	}
}
