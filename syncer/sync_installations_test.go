package syncer

import (
	"fmt"
	"net/http"
	"reflect"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/github"
	"neptun/sandbox"
)

// member returns a world in which ada, a member of reef without admin rights, sees one of
// its repositories, and her own account.
func member(t *testing.T, databaseURL string) *stage {
	t.Helper()
	world := sandbox.NewWorld()
	world.Accounts.AddUser(sandbox.User{Login: "ada"})
	world.Accounts.AddUser(sandbox.User{Login: "owner"})
	world.Accounts.AddOrganization(sandbox.Organization{Login: "reef"})
	world.Accounts.AddMember("reef", "owner", sandbox.RoleAdmin)
	world.Accounts.AddMember("reef", "ada", sandbox.RoleMember)
	shared := world.Repositories.Add("reef", sandbox.Repository{Name: "shared", Private: true})
	world.Repositories.SetPermission(shared.ID, "ada", sandbox.Push)
	world.Repositories.Add("ada", sandbox.Repository{Name: "own"})
	world.Installations.Install("reef", sandbox.SelectAll)
	world.Installations.Install("ada", sandbox.SelectAll)
	s := newStage(t, databaseURL, world)
	s.signIn("ada")
	s.work()
	if n := len(s.installations()); n != 2 {
		t.Fatalf("%d installations are listed", n)
	}
	if _, _, err := s.syncer.db.ImportRepositories(t.Context(), s.at("reef"), []int64{shared.ID}); err != nil {
		t.Fatal(err)
	}
	s.server.ResetRequests()
	return s
}

func (s *stage) importIDs() (ids []int64) {
	s.t.Helper()
	for _, item := range dbtest.ListImports(s.t, s.syncer.db, s.person.ID) {
		ids = append(ids, item.ID)
	}
	return ids
}

func TestP3InstallationsOnEveryPageAreListed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		world := sandbox.NewWorld()
		world.Accounts.AddUser(sandbox.User{Login: "ada"})
		for i := range 130 {
			login := fmt.Sprintf("org-%03d", i)
			world.Accounts.AddOrganization(sandbox.Organization{Login: login})
			world.Accounts.AddMember(login, "ada", sandbox.RoleAdmin)
			world.Installations.Install(login, sandbox.SelectAll)
		}
		s := newStage(t, databaseURL, world)
		s.signIn("ada")
		job, err := s.claim()
		if err != nil {
			t.Fatal(err)
		}
		s.syncer.runner.Do(t.Context(), job)
		if n := len(s.installations()); n != 130 {
			t.Errorf("%d installations are listed", n)
		}
		s.expectSync(s.listSync(), db.SyncIdle, "")
	})
}

func TestP12AMemberLosesAccessOnLeavingAndRegainsItOnReturning(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := member(t, databaseURL)
		record, imports := s.at("reef").ID, s.importIDs()
		shared := s.world.Repositories.List("reef")[0].ID

		s.world.Accounts.RemoveMember("reef", "ada")
		s.sync()
		if n := len(s.installations()); n != 1 || len(s.importIDs()) != 0 {
			t.Fatalf("%d installations and %d imports are visible", n, len(s.importIDs()))
		}
		if n := s.server.RequestCount("/user/installations"); n != 2 {
			t.Errorf("the list was read %d times, expected two", n)
		}

		s.world.Accounts.AddMember("reef", "ada", sandbox.RoleMember)
		s.world.Repositories.SetPermission(shared, "ada", sandbox.Pull)
		s.sync()
		if got := s.at("reef").ID; got != record {
			t.Errorf("the record returned as %d, expected %d", got, record)
		}
		if got := s.importIDs(); len(got) != 1 || got[0] != imports[0] {
			t.Errorf("the imports returned as %v, expected %v", got, imports)
		}
	})
}

func TestP8P23AReinstallContinuesTheRecordWithItsImports(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := member(t, databaseURL)
		before, imports := s.at("reef"), s.importIDs()
		s.world.Installations.Uninstall(before.GitHubID)
		s.sync()
		if n := len(s.installations()); n != 1 {
			t.Fatalf("%d installations are shown after it was uninstalled", n)
		}
		s.world.Installations.Install("reef", sandbox.SelectAll)
		s.sync()
		after := s.at("reef")
		if after.ID != before.ID || after.GitHubID == before.GitHubID {
			t.Errorf("the record was %d at %d and is %d at %d", before.ID, before.GitHubID, after.ID, after.GitHubID)
		}
		if got := s.importIDs(); len(got) != 1 || got[0] != imports[0] {
			t.Errorf("the imports returned as %v, expected %v", got, imports)
		}
	})
}

// withoutReef is a list of installations that lacks the one on reef.
func (s *stage) withoutReef() *sandbox.Fault {
	own := s.at("ada")
	return &sandbox.Fault{Status: http.StatusOK, Body: fmt.Sprintf(
		`{"total_count":1,"installations":[{"id":%d,"target_type":"User","account":{"id":%d,"login":"ada"}}]}`,
		own.GitHubID, own.Account.GitHubID)}
}

func TestAMissingInstallationIsCheckedAsTheApp(t *testing.T) {
	refused := &sandbox.Fault{Status: http.StatusUnauthorized, Body: `{"message":"A JSON web token could not be decoded"}`}
	for name, c := range map[string]struct {
		change           func(s *stage, id int64)
		appView          *sandbox.Fault
		withoutKey       bool
		listed, suspends bool
		appRequests      int
	}{
		"uninstalled":         {change: func(s *stage, id int64) { s.world.Installations.Uninstall(id) }, appRequests: 1},
		"lost to this person": {appRequests: 1},
		"suspended":           {change: func(s *stage, id int64) { s.world.Installations.Suspend(id, "owner") }, listed: true, suspends: true, appRequests: 1},
		"no answer":           {appView: sandbox.BadGateway(http.StatusBadGateway), listed: true, appRequests: 1},
		"a gateway's 404":     {appView: &sandbox.Fault{Status: http.StatusNotFound, Body: "<html>"}, listed: true, appRequests: 1},
		"a limit":             {appView: sandbox.SecondaryLimit(http.StatusForbidden, time.Minute), listed: true, appRequests: 1},
		"the App is unknown":  {appView: &sandbox.Fault{Status: http.StatusNotFound, Body: `{"message":"Integration not found"}`}, appRequests: 1},
		"the key is refused":  {appView: refused, appRequests: 1},
		"there is no key":     {withoutKey: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := member(t, dbtest.SQLite(t))
			id := s.at("reef").GitHubID
			if c.change != nil {
				c.change(s, id)
			}
			if c.withoutKey {
				s.github.SetApp(github.App{ClientID: s.app().ClientID, ClientSecret: s.app().ClientSecret})
			}
			list, appPath := s.withoutReef(), fmt.Sprintf("/app/installations/%d", id)
			s.server.Fault(func(r *http.Request) *sandbox.Fault {
				switch r.URL.Path {
				case "/api/v3/user/installations":
					return list
				case "/api/v3" + appPath:
					return c.appView
				}
				return nil
			})
			s.sync()
			s.expectSync(s.listSync(), db.SyncIdle, "")
			if present := len(s.installations()) == 2; present != c.listed {
				t.Errorf("it is listed: %v", present)
			} else if present && s.at("reef").Suspended() != c.suspends {
				t.Error("the suspension is shown wrong")
			}
			if n := s.server.RequestCount(appPath); n != c.appRequests {
				t.Errorf("the App was requested %d times", n)
			}
			if n := s.server.RequestCount("/user/installations"); n != 2 {
				t.Errorf("the list was read %d times", n)
			}
		})
	}
}

// GitHub doesn't document whether it lists suspended installations. If it does, a missing
// one is gone.
func TestP12AMissingSuspendedInstallationIsGoneIfGitHubListsSuspendedOnes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := member(t, databaseURL)
		s.world.Installations.Suspend(s.at("reef").GitHubID, "owner")
		s.sync()
		if !s.at("reef").Suspended() {
			t.Fatal("the suspension isn't shown")
		}
		s.world.Accounts.RemoveMember("reef", "ada")
		s.sync()
		if n := len(s.installations()); n != 1 {
			t.Errorf("%d installations are shown to a user who was removed during the sync", n)
		}
	})
}

func TestAnInstallationMissingFromOnlyOnePassStays(t *testing.T) {
	s := member(t, dbtest.SQLite(t))
	list := s.withoutReef()
	first := true
	s.server.Fault(func(r *http.Request) *sandbox.Fault {
		if r.URL.Path != "/api/v3/user/installations" || !first {
			return nil
		}
		first = false
		return list
	})
	s.sync()
	if n := len(s.installations()); n != 2 {
		t.Errorf("%d installations are left", n)
	}
	if n := s.server.RequestCount(fmt.Sprintf("/app/installations/%d", s.at("reef").GitHubID)); n != 0 {
		t.Error("the App was asked to add a repository that it has")
	}
}

func TestAFailedListOfInstallationsConfirmsNothing(t *testing.T) {
	for name, fault := range map[string]*sandbox.Fault{
		"bad gateway":     sandbox.BadGateway(http.StatusBadGateway),
		"cut short":       {CutAfter: 100},
		"never whole":     {Status: http.StatusOK, Body: `{"total_count":2,"installations":[]}`},
		"not understood":  {Status: http.StatusOK, Body: `{}`},
		"half the answer": {Status: http.StatusOK, Body: `{"total_count":0,"installations":null}`},
	} {
		t.Run(name, func(t *testing.T) {
			s := member(t, dbtest.SQLite(t))
			s.signIn("ada") // a 304 for the old token would have no body to change
			s.server.FailPath("/user/installations", fault)
			s.sync()
			if got := s.listSync(); got.State == db.SyncIdle || got.Message == "" {
				t.Errorf("the sync is %+v", got)
			}
			if n := len(s.installations()); n != 2 || len(s.importIDs()) != 1 {
				t.Error("something is missing")
			}
		})
	}
}

func TestTheLaterOfTwoInstallationsOnAnAccountCounts(t *testing.T) {
	on := func(id, of int64) installation {
		return installation{GitHubID: id, Account: db.Account{Kind: db.KindOrganization, GitHubID: of}}
	}
	ids := func(facts []db.Installation) (ids []int64) {
		for _, f := range facts {
			ids = append(ids, f.GitHubID)
		}
		return ids
	}
	newest := map[accountKey]int64{}
	first := ids(newestOf([]installation{on(50, 1), on(70, 2), {GitHubID: 60}}, newest))
	second := ids(newestOf([]installation{on(60, 1), on(65, 2)}, newest))
	if !reflect.DeepEqual(first, []int64{50, 70}) || !reflect.DeepEqual(second, []int64{60}) {
		t.Errorf("got %v, then %v", first, second)
	}
}
