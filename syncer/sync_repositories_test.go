package syncer

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

// atlas returns a stage with so many repositories in ada's organization, synced.
func atlas(t *testing.T, databaseURL string, repositories int) *stage {
	t.Helper()
	s := newStage(t, databaseURL, sandboxtest.LargeWorld(repositories))
	s.signIn("ada")
	s.work()
	s.expectSync(s.at("atlas").Sync, db.SyncIdle, "")
	if got := len(s.names("atlas")); got != repositories {
		t.Fatalf("%d repositories are listed, expected %d", got, repositories)
	}
	s.server.ResetRequests()
	return s
}

// resync syncs the repositories on atlas again.
func (s *stage) resync() db.Sync {
	s.t.Helper()
	if err := s.syncer.db.QueueSync(s.t.Context(), db.SyncRepositories{RecordID: s.at("atlas").ID}); err != nil {
		s.t.Fatal(err)
	}
	s.work()
	return s.at("atlas").Sync
}

func (s *stage) repositoriesPath() string {
	return fmt.Sprintf("/user/installations/%d/repositories", s.at("atlas").GitHubID)
}

// onPage makes the requests for a page of repositories fail.
func (s *stage) onPage(number string, fault func() *sandbox.Fault) {
	s.server.Fault(func(r *http.Request) *sandbox.Fault {
		if strings.HasSuffix(r.URL.Path, "/repositories") && r.URL.Query().Get("page") == number {
			return fault()
		}
		return nil
	})
}

func TestP1P2EveryPageIsListed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := atlas(t, databaseURL, 250)
		installation := s.at("atlas")
		if installation.RepositoryCount != 250 || installation.SyncedAt.IsZero() {
			t.Errorf("the installation is %+v", installation)
		}
		if got := s.resync(); got.PagesDone != 3 || got.PagesTotal != 3 || got.RepositoriesSeen != 250 {
			t.Errorf("the sync is %+v", got)
		}
		if n := s.server.RequestCount("/repositories"); n != 3 {
			t.Errorf("%d pages were requested", n)
		}
	})
}

func TestEachUserSeesWhatGitHubShowsThem(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandbox.DemoWorld())
	s.signIn("marin")
	s.work()
	all := s.names("tidewater-labs")
	s.signIn("jonas-l")
	s.work()
	some := s.names("tidewater-labs")
	if len(some) == 0 || len(some) >= len(all) {
		t.Fatalf("the owner sees %d, the member %d", len(all), len(some))
	}
	list := dbtest.ListAvailable(t, s.syncer.db, s.at("tidewater-labs"), db.Filter{Query: "handbook"})
	if len(list) == 0 || list[0].Permission != "push" {
		t.Errorf("got %+v", list)
	}
}

func TestAMissingRepositoryIsRemovedAfterTheSecondPassAndReturnsUnderItsID(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := atlas(t, databaseURL, 120)
		ctx := t.Context()
		repositories := s.world.Repositories.List("atlas")
		gone := repositories[4].ID
		results, _, err := s.syncer.db.ImportRepositories(ctx, s.at("atlas"), []int64{gone})
		if err != nil {
			t.Fatal(err)
		}
		imports := func() []db.Import {
			t.Helper()
			return dbtest.ListImports(t, s.syncer.db, s.person.ID)
		}

		var rest []int64
		for _, r := range repositories {
			if r.ID != gone {
				rest = append(rest, r.ID)
			}
		}
		s.world.Installations.Select(s.at("atlas").GitHubID, sandbox.SelectSome, rest...)
		s.expectSync(s.resync(), db.SyncIdle, "")
		if n := s.server.RequestCount("/repositories"); n != 4 {
			t.Errorf("%d pages were requested, expected two passes of two", n)
		}
		if slices.Contains(s.names("atlas"), repositories[4].Name) || len(imports()) != 0 {
			t.Error("a removed installation is still shown")
		}

		s.world.Installations.Select(s.at("atlas").GitHubID, sandbox.SelectAll)
		s.expectSync(s.resync(), db.SyncIdle, "")
		if list := imports(); len(list) != 1 || list[0].ID != results[0].ImportID {
			t.Errorf("the import returned as %+v, expected the id %d", list, results[0].ImportID)
		}
	})
}

func TestAListThatKeepsChangingRemovesNothing(t *testing.T) {
	s := atlas(t, dbtest.SQLite(t), 250)
	before := s.names("atlas")
	s.onPage("2", func() *sandbox.Fault { return &sandbox.Fault{Shift: 1} })
	got := s.resync()
	s.expectSync(got, db.SyncIdle, "")
	if !strings.Contains(got.Note, "reported 250 repositories but listed 249") {
		t.Errorf("the note is %q", got.Note)
	}
	if !reflect.DeepEqual(s.names("atlas"), before) {
		t.Error("something is missing")
	}
	if n := s.server.RequestCount("/repositories"); n != 8 { // each pass of three asks whether there is a fourth
		t.Errorf("%d pages were requested", n)
	}
}

func TestAListThatChangesOnceIsReadAgain(t *testing.T) {
	s := atlas(t, dbtest.SQLite(t), 250)
	shifted := false
	s.onPage("2", func() *sandbox.Fault {
		if shifted {
			return nil
		}
		shifted = true
		return &sandbox.Fault{Shift: 1}
	})
	s.expectSync(s.resync(), db.SyncIdle, "")
	if got := len(s.names("atlas")); got != 250 {
		t.Errorf("%d repositories are left", got)
	}
}

// A pass can look whole and still lack what moved between two pages.
func TestAPassThatOnlyLooksCompleteRemovesNothing(t *testing.T) {
	s := atlas(t, dbtest.SQLite(t), 250)
	repositories := s.world.Repositories.List("atlas")
	changed := false
	s.onPage("2", func() *sandbox.Fault {
		if !changed {
			changed = true
			s.world.Repositories.Delete(repositories[50].ID) // read on page 1 already
			s.world.Repositories.Add("atlas", sandbox.Repository{Name: "late"})
		}
		return nil
	})
	s.expectSync(s.resync(), db.SyncIdle, "")
	names := s.names("atlas")
	if !slices.Contains(names, repositories[100].Name) {
		t.Error("a repository that moved from page 2 to page 1 was removed")
	}
	if !slices.Contains(names, "late") {
		t.Error("the new installation is missing")
	}
	s.server.Fault(nil)
	s.resync()
	if slices.Contains(s.names("atlas"), repositories[50].Name) {
		t.Error("a removed installation is still listed after the next sync")
	}
}

func TestP9AFailedPageRemovesNothing(t *testing.T) {
	for name, fault := range map[string]*sandbox.Fault{
		"cut short":  {CutAfter: 2000},
		"dropped":    {Drop: true},
		"HTML":       sandbox.BadGateway(http.StatusBadGateway),
		"empty body": {Status: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}},
		"null":       {Status: http.StatusOK, Body: "null"},
		"other JSON": {Status: http.StatusOK, Body: `{"total_count":250}`},
	} {
		t.Run(name, func(t *testing.T) {
			s := atlas(t, dbtest.SQLite(t), 250)
			before := s.names("atlas")
			s.signIn("ada") // a 304 for the old token would have no body to change
			s.onPage("3", func() *sandbox.Fault { return fault })
			got := s.resync()
			s.expectSync(got, db.SyncWaiting, "retries automatically")
			if wait := got.RetryAt.Sub(s.clock.Now()); wait < 4*time.Second || wait > 6*time.Second {
				t.Errorf("it is retried after %v", wait)
			}
			if !reflect.DeepEqual(s.names("atlas"), before) {
				t.Error("something is missing")
			}

			s.server.Fault(nil)
			s.clock.Advance(7 * time.Second)
			s.work()
			s.expectSync(s.at("atlas").Sync, db.SyncIdle, "")
		})
	}
}

func TestP37ASyncWaitsUntilTheRateLimitEnds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := atlas(t, databaseURL, 250)
		before := s.names("atlas")
		primary := s.clock.Now().Add(25 * time.Minute)
		s.onPage("2", func() *sandbox.Fault { return sandbox.PrimaryLimit(primary) })
		got := s.resync()
		s.expectSync(got, db.SyncWaiting, "rate limit")
		if !got.RetryAt.Equal(primary) {
			t.Errorf("it continues at %v, expected %v", got.RetryAt, primary)
		}

		s.server.ResetRequests()
		s.clock.Advance(25*time.Minute - time.Second)
		s.work()
		if n := len(s.server.Requests()); n != 0 {
			t.Errorf("%d requests were sent to GitHub before that time", n)
		}
		s.onPage("2", func() *sandbox.Fault {
			return sandbox.SecondaryLimit(http.StatusTooManyRequests, 90*time.Second)
		})
		s.clock.Advance(time.Second)
		s.work()
		got = s.at("atlas").Sync
		s.expectSync(got, db.SyncWaiting, "secondary rate limit")
		if !got.RetryAt.Equal(s.clock.Now().Add(90 * time.Second)) {
			t.Errorf("it continues at %v", got.RetryAt)
		}
		if !reflect.DeepEqual(s.names("atlas"), before) {
			t.Error("something is missing")
		}

		s.server.Fault(nil)
		s.clock.Advance(90 * time.Second)
		s.work()
		s.expectSync(s.at("atlas").Sync, db.SyncIdle, "")
	})
}

func TestP7ASyncFailsInALongOutage(t *testing.T) {
	s := atlas(t, dbtest.SQLite(t), 3)
	s.server.FailPath(s.repositoriesPath(), sandbox.BadGateway(http.StatusBadGateway))
	got := s.resync()
	for range retries {
		s.expectSync(got, db.SyncWaiting, "retries automatically")
		s.clock.Advance(got.RetryAt.Sub(s.clock.Now()))
		s.work()
		got = s.at("atlas").Sync
	}
	s.expectSync(got, db.SyncFailed, "stopped retrying")
	// Each page is requested twice, in case just one request failed.
	if n := s.server.RequestCount("/repositories"); n != 2*(len(retries)+1) {
		t.Errorf("%d requests were sent to GitHub", n)
	}
	if len(s.names("atlas")) != 3 {
		t.Error("something is missing")
	}
}

func TestP24ASuspendedInstallationKeepsItsList(t *testing.T) {
	s := atlas(t, dbtest.SQLite(t), 3)
	s.world.Installations.Suspend(s.at("atlas").GitHubID, "ada")
	s.expectSync(s.resync(), db.SyncFailed, "suspended") // the webhook hasn't arrived yet
	s.sync()
	if !s.at("atlas").Suspended() {
		t.Error("the suspension isn't shown")
	}
	s.server.ResetRequests()
	s.expectSync(s.resync(), db.SyncFailed, "suspended")
	if n := s.server.RequestCount("/repositories"); n != 0 {
		t.Errorf("%d useless requests were sent", n)
	}
	if len(s.names("atlas")) != 3 {
		t.Error("something is missing")
	}

	s.world.Installations.Unsuspend(s.at("atlas").GitHubID)
	s.sync()
	s.expectSync(s.at("atlas").Sync, db.SyncIdle, "")
}

func TestP31AnEndedAuthorizationRequiresSigningIn(t *testing.T) {
	s := atlas(t, dbtest.SQLite(t), 3)
	s.server.Revoke("ada")
	s.expectSync(s.resync(), db.SyncFailed, "Sign in again")
	stored, err := s.syncer.db.GitHubToken(t.Context(), s.person.ID)
	if err != nil || !stored.Refused {
		t.Errorf("the refusal is %v, %v", stored.Refused, err)
	}
}

// A server whose endpoints contradict each other must not get requests forever.
func TestAMissingInstallationIsCheckedOnce(t *testing.T) {
	s := atlas(t, dbtest.SQLite(t), 3)
	s.server.FailPath("/repositories", &sandbox.Fault{Status: http.StatusNotFound, Body: `{"message":"Not Found"}`})
	s.clock.Advance(time.Hour)
	s.expectSync(s.resync(), db.SyncFailed, "no longer shows you")
	if n := s.server.RequestCount("/user/installations"); n != 1 {
		t.Errorf("the installations were listed %d times", n)
	}
	if n := s.server.RequestCount("/repositories"); n != 2 {
		t.Errorf("the repositories were listed %d times", n)
	}
	if len(s.names("atlas")) != 3 {
		t.Error("something is missing")
	}
}

func TestOnlyThePageNumberOfALinkIsUsed(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("another host got a request") }))
	defer elsewhere.Close()
	s := atlas(t, dbtest.SQLite(t), 3)
	var pages []string
	s.server.Fault(func(r *http.Request) *sandbox.Fault {
		if !strings.HasSuffix(r.URL.Path, "/repositories") {
			return nil
		}
		number := r.URL.Query().Get("page")
		pages = append(pages, number)
		header := http.Header{"Content-Type": {"application/json"}}
		if number == "1" {
			header.Set("Link", "<"+elsewhere.URL+`/steal?page=2>; rel="next"`)
		}
		return &sandbox.Fault{Status: http.StatusOK, Header: header, Body: `{"total_count":2,"repositories":[` +
			`{"id":90` + number + `,"name":"r` + number + `","owner":{"id":7,"login":"other","type":"Organization"}}]}`}
	})
	s.resync()
	if !slices.Equal(pages[:2], []string{"1", "2"}) {
		t.Errorf("the requested pages are %q", pages)
	}
}

// O7: a repository that only a pass saw and that the whole list lacks is removed by the
// same sync, once a second pass confirms it.
func TestO7ARepositoryThatVanishesBetweenPassesIsRemovedByTheSameSync(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := atlas(t, databaseURL, 250)
		gone := s.world.Repositories.List("atlas")[:3]
		vanish := sync.OnceFunc(func() {
			for _, r := range gone {
				s.world.Repositories.Delete(r.ID)
			}
		})
		s.server.Fault(func(r *http.Request) *sandbox.Fault {
			if strings.HasSuffix(r.URL.Path, "/repositories") && r.URL.Query().Get("page") != "1" {
				vanish() // page 1 was unchanged
			}
			return nil
		})
		s.sync()
		s.expectSync(s.at("atlas").Sync, db.SyncIdle, "")
		if n := len(s.names("atlas")); n != 247 {
			t.Errorf("%d repositories are listed, want 247", n)
		}
	})
}
