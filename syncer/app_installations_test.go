package syncer

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/github"
	"neptun/sandbox"
)

// offices returns a world with three installations, the second of which is suspended.
func offices() (w *sandbox.World, ids []int64) {
	w = sandbox.NewWorld()
	w.Accounts.AddUser(sandbox.User{Login: "ines"})
	for _, org := range []string{"north", "middle", "south"} {
		w.Accounts.AddOrganization(sandbox.Organization{Login: org})
		w.Accounts.AddMember(org, "ines", sandbox.RoleAdmin)
		w.Repositories.Add(org, sandbox.Repository{Name: "secret-of-" + org, Private: true})
		ids = append(ids, w.Installations.Install(org, sandbox.SelectAll))
	}
	w.Installations.Suspend(ids[1], "ines")
	return w, ids
}

// readApp reads all installations and returns those that are stored then.
func (s *stage) readApp() []db.AppInstallation {
	s.t.Helper()
	if err := s.syncer.db.QueueSync(s.t.Context(), db.SyncAppInstallations{}); err != nil {
		s.t.Fatal(err)
	}
	s.work()
	return s.allInstallations()
}

func (s *stage) allInstallations() []db.AppInstallation {
	s.t.Helper()
	list, err := s.syncer.db.ListAppInstallations(s.t.Context(), db.InstallationFilter{}, db.OrderByLogin, db.Page{})
	if err != nil {
		s.t.Fatal(err)
	}
	return list
}

func (s *stage) appSync() db.SyncStatus {
	s.t.Helper()
	status, err := s.syncer.db.GetSync(s.t.Context(), db.SyncAppInstallations{})
	if err != nil {
		s.t.Fatal(err)
	}
	return status
}

// later advances the clock, also for the App's own token, which oauth2 caches by the
// machine's clock.
func (s *stage) later(d time.Duration) {
	s.clock.Advance(d)
	s.github.SetApp(s.app())
}

// P24: a suspended installation is one state among others, and breaks nothing.
func TestP24ASuspendedInstallationDoesNotBreakTheAppsList(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		world, ids := offices()
		s := newStage(t, databaseURL, world)
		list := s.readApp()
		if len(list) != 3 || list[0].Account.Login != "middle" || !list[0].Suspended() || list[0].SuspendedBy != "ines" || list[1].Suspended() {
			t.Fatalf("the installations are %+v", list)
		}
		s.expectSync(s.appSync().Sync, db.SyncIdle, "")
		if s.appSync().SyncedAt.IsZero() {
			t.Error("the list has no age")
		}
		if found, err := s.syncer.db.ListAppInstallations(t.Context(), db.InstallationFilter{Query: " SOUT"}, db.OrderByLogin, db.Page{}); err != nil || len(found) != 1 || found[0].GitHubID != ids[2] {
			t.Errorf("a search finds %+v, %v", found, err)
		}
		if found, err := s.syncer.db.ListAppInstallations(t.Context(), db.InstallationFilter{Query: "%"}, db.OrderByLogin, db.Page{}); err != nil || len(found) != 0 {
			t.Errorf("a wildcard finds %+v, %v", found, err)
		}

		if _, err := s.github.AsInstallation(ids[1]).CountRepositories(t.Context()); !errors.Is(err, github.ErrSuspended) {
			t.Errorf("counting the repositories of a suspended one: %v", err)
		}
		for _, id := range []int64{ids[0], ids[2]} {
			if n, err := s.github.AsInstallation(id).CountRepositories(t.Context()); err != nil || n != 1 {
				t.Errorf("counting the repositories of another: %d, %v", n, err)
			}
		}
	})
}

func TestAnInstallationIsRemovedOnlyWhenGitHubConfirmsIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		world, ids := offices()
		s := newStage(t, databaseURL, world)
		s.readApp()
		// Missing from the list, but not uninstalled.
		s.server.Fault(func(r *http.Request) *sandbox.Fault {
			if r.URL.Path == "/api/v3/app/installations" {
				return &sandbox.Fault{Status: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: "[]"}
			}
			return nil
		})
		if list := s.readApp(); len(list) != 3 {
			t.Errorf("%d installations after a list that lacked them all", len(list))
		}
		s.server.Fault(nil)
		world.Installations.Uninstall(ids[0])
		if list := s.readApp(); len(list) != 2 {
			t.Errorf("%d installations after one was uninstalled", len(list))
		}
		if _, err := s.syncer.db.FindAppInstallation(t.Context(), ids[0]); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("an uninstalled one: %v", err)
		}
	})
}

func TestAFailedAppSyncRemovesNothing(t *testing.T) {
	for name, fault := range map[string]*sandbox.Fault{
		"502":       sandbox.BadGateway(http.StatusBadGateway),
		"cut short": {CutAfter: 40},
		"dropped":   {Drop: true},
		"null":      {Status: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: "null"},
	} {
		t.Run(name, func(t *testing.T) {
			world, ids := offices()
			s := newStage(t, dbtest.SQLite(t), world)
			s.readApp()
			world.Installations.Uninstall(ids[0])
			s.server.FailPath("/app/installations", fault)
			if list := s.readApp(); len(list) != 3 {
				t.Errorf("%d installations are left", len(list))
			}
			s.expectSync(s.appSync().Sync, db.SyncWaiting, "retries automatically")
			if s.appSync().RetryAt.IsZero() || s.appSync().SyncedAt.IsZero() {
				t.Errorf("the sync is %+v", s.appSync())
			}
		})
	}
}

func TestARejectedAppKeyShowsWhatToDo(t *testing.T) {
	world, _ := offices()
	s := newStage(t, dbtest.SQLite(t), world)
	s.server.FailPath("/app", &sandbox.Fault{Status: http.StatusUnauthorized, Header: http.Header{"Content-Type": {"application/json"}}, Body: `{"message":"A JSON web token could not be decoded"}`})
	s.readApp()
	s.expectSync(s.appSync().Sync, db.SyncFailed, "credentials")
	if s.github.AppErrorMessage() == "" {
		t.Error("there is no message for operators")
	}
	s.server.Fault(nil)
	if list := s.readApp(); len(list) != 3 || s.github.AppErrorMessage() != "" {
		t.Errorf("after the key was accepted again: %d installations, %q", len(list), s.github.AppErrorMessage())
	}
}

func TestAnAppSyncIsNotRepeatedTooSoon(t *testing.T) {
	world, _ := offices()
	s := newStage(t, dbtest.SQLite(t), world)
	s.readApp()
	for _, step := range []struct {
		passes time.Duration
		want   int
	}{{time.Minute, 0}, {appInstallationsEvery, 1}} {
		s.later(step.passes)
		s.server.ResetRequests()
		if err := s.syncer.db.QueueSyncUnlessFresh(t.Context(), db.SyncAppInstallations{}, appInstallationsEvery); err != nil {
			t.Fatal(err)
		}
		s.work()
		if requests := s.server.RequestCount("/app/installations"); requests != step.want {
			t.Errorf("after %s more the list was read %d times, want %d", step.passes, requests, step.want)
		}
	}
}

// P25: the App requests more permissions, and an account has to accept them: two steps.
func TestP25DriftIsReportedUntilTheAccountAccepts(t *testing.T) {
	world, ids := offices()
	s := newStage(t, dbtest.SQLite(t), world)
	s.readApp()
	drift := func() db.Drift {
		facts, known := s.github.AppFacts()
		if !known {
			t.Fatal("the App was not read")
		}
		i, err := s.syncer.db.FindAppInstallation(t.Context(), ids[0])
		if err != nil {
			t.Fatal(err)
		}
		return i.DriftFrom(facts.Permissions, facts.Events)
	}
	if !drift().Empty() {
		t.Fatalf("at first: %+v", drift())
	}
	world.Apps.SetPermissions(map[string]string{"metadata": "read", "members": "read", "contents": "read"}, "repository", "push")
	s.readApp()
	got := drift()
	if len(got.Permissions) == 0 || len(got.Events) == 0 {
		t.Fatalf("after the App requests more: %+v", got)
	}
	world.Installations.AcceptPermissions(ids[0])
	s.readApp()
	if !drift().Empty() {
		t.Errorf("after the account accepted: %+v", drift())
	}
}

func TestTheAppsOwnerIsAnOperator(t *testing.T) {
	world, _ := offices()
	s := newStage(t, dbtest.SQLite(t), world)
	owners := func() (ids []int64) {
		list, err := s.syncer.db.ListOperators(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, operator := range list {
			ids = append(ids, operator.GitHubID)
		}
		return ids
	}
	for _, step := range []struct {
		owner string
		want  int
	}{{"ines", 1}, {"north", 0}} {
		world.Apps.SetOwner(step.owner)
		if err := s.github.ReadAppFacts(t.Context()); err != nil {
			t.Fatal(err)
		}
		if ids := owners(); len(ids) != step.want {
			t.Errorf("with %s as owner the operators are %v", step.owner, ids)
		}
	}
}

func TestAnUnauthenticatedRequestShowsWhetherTheAppIsPublic(t *testing.T) {
	world, _ := offices()
	s := newStage(t, dbtest.SQLite(t), world)
	for public, want := range map[bool]string{true: github.Public, false: github.Private} {
		world.Apps.SetPublic(public)
		if err := s.github.ReadAppFacts(t.Context()); err != nil {
			t.Fatal(err)
		}
		if facts, _ := s.github.AppFacts(); facts.Visibility != want {
			t.Errorf("public %v: %q", public, facts.Visibility)
		}
	}
}
