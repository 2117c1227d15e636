package syncer

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/github"
	"neptun/sandbox"
)

func TestTheAppSuspendsUnsuspendsAndUninstalls(t *testing.T) {
	s := member(t, dbtest.SQLite(t))
	id := s.at("reef").GitHubID
	for _, step := range []struct {
		name      string
		do        func(context.Context, int64) error
		suspended bool
	}{
		{"suspend", s.github.AsApp().Suspend, true},
		{"suspend twice", s.github.AsApp().Suspend, true},
		{"lift", s.github.AsApp().Unsuspend, false},
		{"unsuspend twice", s.github.AsApp().Unsuspend, false},
	} {
		if err := step.do(t.Context(), id); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		facts, err := s.github.AsApp().Installation(t.Context(), id)
		if err != nil || facts.SuspendedAt.IsZero() == step.suspended {
			t.Errorf("after %s GitHub says %+v, %v", step.name, facts, err)
		}
	}
	s.world.Installations.Suspend(id, "owner")
	expectErr(t, s.github.AsApp().Unsuspend(t.Context(), id), github.ErrNotFound) // the App can't lift a suspension by the account
	if err := s.github.AsApp().Uninstall(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	_, err := s.github.AsApp().Installation(t.Context(), id)
	expectErr(t, err, github.ErrNotFound)
	expectErr(t, s.github.AsApp().Uninstall(t.Context(), id), github.ErrNotFound)
	expectErr(t, s.github.AsApp().Suspend(t.Context(), id), github.ErrNotFound)

	s.github.SetApp(github.App{ClientID: s.app().ClientID, ClientSecret: s.app().ClientSecret})
	expectErr(t, s.github.AsApp().Suspend(t.Context(), id), github.ErrAppCredentials)
}

func TestOrganizationMembershipComesFromGitHub(t *testing.T) {
	s := member(t, dbtest.SQLite(t))
	reef := s.at("reef")
	expect := func(want github.Membership) {
		t.Helper()
		got, err := s.github.AsUser(s.person.ID).Membership(t.Context(), reef.Account)
		if err != nil || got != want {
			t.Errorf("GitHub says %q, %v, expected %q", got, err, want)
		}
	}
	expect(github.MembershipLess)
	s.world.Accounts.AddMember("reef", "ada", sandbox.RoleAdmin)
	expect(github.MembershipAdmin)
	s.world.Installations.SuspendByApp(reef.GitHubID)
	expect(github.MembershipUnknown)
	s.world.Installations.Unsuspend(reef.GitHubID)
	s.world.Accounts.RequireSSO("reef")
	expect(github.MembershipUnknown)
	s.world.Accounts.RemoveMember("reef", "ada")
	expect(github.MembershipLess)

	s.server.FailPath("/user/memberships/orgs/reef", &sandbox.Fault{Status: 200, Body: `{"state":"active","role":"admin"}`})
	_, err := s.github.AsUser(s.person.ID).Membership(t.Context(), reef.Account)
	expectErr(t, err, github.ErrUnavailable)
}

func (s *stage) requests() map[string]db.RequestState {
	s.t.Helper()
	list, err := s.syncer.db.ListUserInstallRequests(s.t.Context(), s.person)
	if err != nil {
		s.t.Fatal(err)
	}
	states := map[string]db.RequestState{}
	for _, request := range list {
		states[request.Account.Login] = request.State
	}
	return states
}

func (s *stage) watch() {
	s.t.Helper()
	if err := s.syncer.WatchRequests(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	s.work()
}

func TestP14InstallationRequestsAreWatchedUntilReadyOrGone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := member(t, databaseURL)
		for _, org := range []string{"atoll", "lagoon"} {
			s.world.Accounts.AddOrganization(sandbox.Organization{Login: org})
			s.world.Accounts.AddMember(org, "owner", sandbox.RoleAdmin)
			s.world.Accounts.AddMember(org, "ada", sandbox.RoleMember)
		}
		s.world.Repositories.SetPermission(s.world.Repositories.Add("atoll", sandbox.Repository{Name: "sand"}).ID, "ada", sandbox.Pull)
		wanted, unwanted := s.world.InstallationRequests.Create("atoll", "ada"), s.world.InstallationRequests.Create("lagoon", "ada")
		s.watch()
		if got := s.requests(); got["atoll"] != db.RequestPending || got["lagoon"] != db.RequestPending {
			t.Fatalf("the requests are %v", got)
		}

		// A failed or malformed response decides nothing.
		s.world.InstallationRequests.Approve(wanted, "owner", sandbox.SelectAll)
		for name, fault := range map[string]*sandbox.Fault{
			"bad gateway": sandbox.BadGateway(http.StatusBadGateway),
			"no list":     {Status: 200, Body: "null"},
			"half a list": {Status: 200, Body: `[{"id":5}]`},
			"cut short":   {CutAfter: 1},
			"a limit":     sandbox.SecondaryLimit(http.StatusForbidden, time.Minute),
		} {
			s.server.FailPath("/app/installation-requests", fault)
			s.watch()
			if got := s.requests(); got["atoll"] != db.RequestPending || got["lagoon"] != db.RequestPending {
				t.Errorf("after %s the requests are %v", name, got)
			}
		}
		s.clock.Advance(time.Minute) // until the limit ends
		// Nor does a single pass.
		first := true
		s.server.Fault(func(r *http.Request) *sandbox.Fault {
			if !strings.HasSuffix(r.URL.Path, "/app/installation-requests") || !first {
				return nil
			}
			first = false
			return &sandbox.Fault{Status: 200, Body: "[]"}
		})
		s.watch()
		if got := s.requests(); got["atoll"] != db.RequestReady || got["lagoon"] != db.RequestPending {
			t.Errorf("after one pass without both, the requests are %v", got)
		}
		if s.at("atoll").SyncedAt.IsZero() { // the approval created a record for the requester
			t.Error("the new installation has not been synced")
		}

		s.world.InstallationRequests.Deny(unwanted)
		s.server.Fault(nil)
		s.clock.Advance(requestsPending) // the periodic job
		s.work()
		if got := s.requests(); got["lagoon"] != db.RequestGone {
			t.Errorf("the requests are %v", got)
		}
		s.world.InstallationRequests.Create("lagoon", "ada")
		s.watch()
		if list, err := s.syncer.db.ListPendingInstallRequests(t.Context()); err != nil || len(list) != 1 {
			t.Errorf("requested again, the pending requests are %v, %v", list, err)
		}
	})
}

func TestAServerWithoutInstallationRequestsIsCheckedHourly(t *testing.T) {
	s := member(t, dbtest.SQLite(t))
	s.server.FailPath("/app/installation-requests", &sandbox.Fault{Status: 404, Body: `{"message":"Not Found"}`})
	s.watch()
	s.server.ResetRequests()
	s.clock.Advance(requestsEvery)
	s.work()
	if n := s.server.RequestCount("/app/installation-requests"); n != 0 {
		t.Errorf("it got %d requests", n)
	}
	s.clock.Advance(requestsUnknown)
	s.work()
	if n := s.server.RequestCount("/app/installation-requests"); n != 1 {
		t.Errorf("it got %d requests", n)
	}
}

// Looking up a request doesn't count as an action of the user.
func TestALookUpIsNotRecordedAsTheUsersAction(t *testing.T) {
	s := member(t, dbtest.SQLite(t))
	s.world.Installations.Suspend(s.at("reef").GitHubID, "owner")
	if _, err := s.github.AsApp().OrganizationInstallation(t.Context(), "reef"); err != nil {
		t.Fatal(err)
	}
	entries, err := s.syncer.db.ListHistory(t.Context(), s.at("reef"), 0, 0, 1)
	if err != nil || len(entries) != 1 || entries[0].Change != db.Suspended || entries[0].Cause.Kind != db.BySync {
		t.Errorf("the history is %+v, %v", entries, err)
	}
}
