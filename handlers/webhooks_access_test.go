package handlers_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"neptun/db/dbtest"
	"neptun/sandbox"
)

// repositoriesOn are the names that a visitor is shown on an account, in order;
// nil where GitHub shows them no installation there.
func (v *visitor) repositoriesOn(login string) []string {
	v.s.t.Helper()
	for _, item := range v.get("/api/users/me/installations").status(http.StatusOK).list() {
		if item["github_account_login"] != login {
			continue
		}
		names := []string{}
		id := strconv.FormatInt(int64(item["id"].(float64)), 10)
		answer := v.get("/api/users/me/installations/" + id + "/repositories?sort=name")
		if answer.StatusCode == http.StatusNotFound {
			return nil // it went between the two
		}
		for _, r := range answer.status(http.StatusOK).list() {
			names = append(names, r["name"].(string))
		}
		return names
	}
	return nil
}

// sees fails the test unless a visitor is shown these at once.
func (v *visitor) sees(login string, names ...string) {
	v.s.t.Helper()
	if got := v.repositoriesOn(login); fmt.Sprint(got) != fmt.Sprint(names) {
		v.s.t.Errorf("on %s one sees %q, expected %q", login, got, names)
	}
}

// soonSees waits until a visitor is shown these.
func (v *visitor) soonSees(login string, names ...string) {
	v.s.t.Helper()
	var got []string
	v.s.soon(func() bool {
		got = v.repositoriesOn(login)
		return fmt.Sprint(got) == fmt.Sprint(names)
	}, func() string { return fmt.Sprintf("on %s one sees %q, expected %q", login, got, names) })
}

// soon waits for a condition.
func (s *stage) soon(is func() bool, otherwise func() string) {
	s.t.Helper()
	for deadline := time.Now().Add(dbtest.Timeout); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatal(otherwise())
		}
	}
}

// repositoryNamed is a repository of the world's.
func (s *stage) repositoryNamed(owner, name string) sandbox.Repository {
	s.t.Helper()
	for _, r := range s.world.Repositories(owner) {
		if r.Name == name {
			return r
		}
	}
	s.t.Fatalf("%s has no repository %s", owner, name)
	return sandbox.Repository{}
}

// applied fails the test unless every webhook that was taken has been applied.
func (s *stage) applied() {
	s.t.Helper()
	for _, outcome := range s.delivered() {
		if !strings.HasSuffix(outcome, ": applied") && !strings.HasPrefix(outcome, "team created") {
			s.t.Errorf("%s", outcome)
		}
	}
}

func TestP12WhoLeavesAnOrganizationSeesNothingOfItAnyMore(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		w, _ := harbor()
		s, _ := listening(t, w, databaseURL)
		crane := s.repositoryNamed("harbor", "crane")
		mats := s.logIn("mats")
		record, imports := mats.imported("harbor")
		if imports == "" {
			t.Fatal("nothing is imported")
		}

		s.gitHub.HoldDeliveries()
		w.RemoveMember("harbor", "mats")
		s.gitHub.Fault(func(r *http.Request) *sandbox.Fault {
			if strings.Contains(r.URL.Path, "/user/installations") {
				return sandbox.BadGateway(502) // it is believed without asking
			}
			return nil
		})
		s.gitHub.ReleaseDeliveries(nil)
		s.applied()
		mats.sees("harbor")
		if left := mats.importsOf(record); left != "" {
			t.Errorf("the imports %s are listed still", left)
		}
		s.gitHub.Fault(nil)
		s.clock.advance(time.Minute) // GitHub is asked again
		mats.soonSees("harbor")
		s.soon(func() bool { return mats.repositoriesOn("harbor") == nil }, func() string { return "the installation is listed still" })

		w.AddMember("harbor", "mats", sandbox.RoleMember)
		w.SetPermission(crane.ID, "mats", sandbox.Pull)
		s.applied()
		mats.soonSees("harbor", "crane")
		if back := mats.importsOf(record); back != imports {
			t.Errorf("the imports came back as %q, not as %q", back, imports)
		}
	})
}

func TestP12CollaboratorsAndTeamsComeAndGo(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		w, _ := harbor()
		s, _ := listening(t, w, databaseURL)
		quay := s.repositoryNamed("harbor", "quay")
		mats, olga := s.logIn("mats"), s.logIn("olga")
		s.gitHub.ResetRequests()

		w.SetPermission(quay.ID, "mats", sandbox.Pull) // member added
		s.applied()
		mats.soonSees("harbor", "crane", "quay")
		w.SetPermission(quay.ID, "mats", sandbox.Admin) // member edited
		s.applied()
		s.soon(func() bool {
			return mats.get("/api/users/me/installations/" + mats.record("harbor") + "/repositories?sort=name").list()[1]["permission"] == "admin"
		}, func() string { return "the new permission isn't shown" })
		w.SetPermission(quay.ID, "mats", sandbox.None) // member removed
		s.applied()
		mats.soonSees("harbor", "crane")

		team := w.AddTeam("harbor", sandbox.Team{Name: "pilots"})
		w.AddTeamMember(team.ID, "mats") // membership added
		s.applied()
		w.SetTeamPermission(team.ID, quay.ID, sandbox.Pull) // team added_to_repository, team_add
		s.applied()
		mats.soonSees("harbor", "crane", "quay")
		w.SetTeamPermission(team.ID, quay.ID, sandbox.Push) // team edited
		s.applied()
		s.soon(func() bool {
			return mats.get("/api/users/me/installations/" + mats.record("harbor") + "/repositories?sort=name").list()[1]["permission"] == "push"
		}, func() string { return "the team's new permission isn't shown" })
		w.SetTeamPermission(team.ID, quay.ID, sandbox.None) // team removed_from_repository
		s.applied()
		mats.soonSees("harbor", "crane")
		for _, request := range s.gitHub.Requests() {
			if strings.HasSuffix(request.Path, "/repositories") && request.Login == "olga" {
				t.Errorf("%s's whole list was read for one repository: %s", request.Login, request.Path)
			}
		}

		w.SetTeamPermission(team.ID, quay.ID, sandbox.Pull)
		s.applied()
		mats.soonSees("harbor", "crane", "quay")
		w.RemoveTeamMember(team.ID, "mats") // membership removed
		s.applied()
		mats.soonSees("harbor", "crane")
		w.AddTeamMember(team.ID, "mats")
		s.applied()
		mats.soonSees("harbor", "crane", "quay")
		w.DeleteTeam(team.ID) // team deleted
		s.applied()
		mats.soonSees("harbor", "crane")
		olga.sees("harbor", "crane", "quay")
	})
}

func TestARepositoryMadePrivateDisappearsAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		w, _ := harbor()
		buoy := w.AddRepository("harbor", sandbox.Repository{Name: "buoy"})
		s, _ := listening(t, w, databaseURL)
		mats, olga := s.logIn("mats"), s.logIn("olga")
		mats.imported("harbor")
		record, imports := olga.imported("harbor")
		mats.sees("harbor", "buoy", "crane")

		s.gitHub.Fault(func(r *http.Request) *sandbox.Fault {
			if strings.Contains(r.URL.Path, "/repos/") || strings.Contains(r.URL.Path, "/repositories/") {
				return sandbox.BadGateway(502)
			}
			return nil
		})
		w.SetPrivate(buoy.ID, true)
		mats.soonSees("harbor", "crane") // though GitHub can't be asked whether it is so
		if strings.Contains(mats.get("/api/users/me/imports").body, "buoy") {
			t.Error("its import is listed still")
		}
		olga.sees("harbor", "crane", "quay")

		s.gitHub.Fault(nil)
		s.clock.advance(time.Minute)
		olga.soonSees("harbor", "buoy", "crane", "quay")
		if again := olga.importsOf(record); again != imports {
			t.Errorf("the imports came back as %q, not as %q", again, imports)
		}
		mats.sees("harbor", "crane")

		w.SetPrivate(buoy.ID, false) // repository publicized, public
		s.applied()
		mats.soonSees("harbor", "buoy", "crane")
	})
}

func TestP26ATransferAndARenameKeepTheImport(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		w, _ := harbor()
		w.AddOrganization(sandbox.Organization{Login: "dock"})
		w.AddMember("dock", "olga", sandbox.RoleAdmin)
		w.AddRepository("dock", sandbox.Repository{Name: "gate", Private: true})
		w.Install("dock", sandbox.SelectAll)
		s, _ := listening(t, w, databaseURL)
		crane := s.repositoryNamed("harbor", "crane")
		olga := s.logIn("olga")
		record := olga.record("harbor")
		made := olga.postJSON("/api/users/me/installations/"+record+"/imports", fmt.Sprintf(`{"repository_ids":[%d]}`, crane.ID)).status(http.StatusOK)
		imports := olga.importsOf(record)
		if imports == "" {
			t.Fatalf("nothing is imported: %s", made.body)
		}
		w.TransferRepository(crane.ID, "dock")
		w.RenameRepository(crane.ID, "winch")
		s.applied()
		olga.soonSees("dock", "gate", "winch")
		olga.sees("harbor", "quay")
		if moved := olga.importsOf(olga.record("dock")); moved != imports {
			t.Errorf("the import is %q, and was %q", moved, imports)
		}
		if left := olga.importsOf(record); left != "" {
			t.Errorf("it is listed where it was: %q", left)
		}
	})
}

func TestP28RepositoriesComeAndGoInWhateverOrder(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		w, installation := harbor()
		s, _ := listening(t, w, databaseURL)
		crane, quay := s.repositoryNamed("harbor", "crane"), s.repositoryNamed("harbor", "quay")
		buoy := w.AddRepository("harbor", sandbox.Repository{Name: "buoy"})
		s.applied()
		olga := s.logIn("olga")
		record, imports := olga.imported("harbor")
		olga.sees("harbor", "buoy", "crane", "quay")

		w.SelectRepositories(installation, sandbox.SelectSome, crane.ID)
		s.applied()
		olga.sees("harbor", "crane") // at once
		w.SelectRepositories(installation, sandbox.SelectSome, crane.ID, quay.ID)
		s.applied()
		olga.soonSees("harbor", "crane", "quay")

		s.gitHub.HoldDeliveries()
		w.SelectRepositories(installation, sandbox.SelectSome, crane.ID)                   // quay is removed
		w.SelectRepositories(installation, sandbox.SelectSome, crane.ID, quay.ID)          // and added
		w.SelectRepositories(installation, sandbox.SelectSome, crane.ID, quay.ID, buoy.ID) // buoy is added
		w.SelectRepositories(installation, sandbox.SelectSome, crane.ID, quay.ID)          // and removed
		s.gitHub.ReleaseDeliveries(func(waiting []sandbox.Delivery) []sandbox.Delivery {
			slices.Reverse(waiting)
			return append(waiting, waiting...)
		})
		s.applied()
		olga.soonSees("harbor", "crane", "quay")

		w.SelectRepositories(installation, sandbox.SelectAll)
		s.applied()
		olga.soonSees("harbor", "buoy", "crane", "quay")
		if back := olga.importsOf(record); back != imports {
			t.Errorf("the imports came back as %q, not as %q", back, imports)
		}
	})
}
