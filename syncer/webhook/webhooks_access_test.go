package webhook_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
	"neptun/sandbox"
)

func TestP12AFormerMemberNoLongerSeesTheOrganization(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		w, _ := handlerstest.Harbor()
		s, _ := handlerstest.Listening(t, w, databaseURL)
		crane := s.RepositoryNamed("harbor", "crane")
		mats := s.LogIn("mats")
		record, imports := mats.Imported("harbor")
		if imports == "" {
			t.Fatal("nothing is imported")
		}

		s.GitHub.HoldDeliveries()
		w.Accounts.RemoveMember("harbor", "mats")
		s.GitHub.Fault(func(r *http.Request) *sandbox.Fault {
			if strings.Contains(r.URL.Path, "/user/installations") {
				return sandbox.BadGateway(502) // revocations are applied without a request
			}
			return nil
		})
		s.GitHub.ReleaseDeliveries(nil)
		s.Applied()
		mats.Sees("harbor")
		if left := mats.ImportsOf(record); left != "" {
			t.Errorf("the imports %s are still listed", left)
		}
		s.GitHub.Fault(nil)
		s.Clock.Advance(time.Minute) // requests work again
		mats.SoonSees("harbor")
		s.Soon(func() bool { return mats.RepositoriesOn("harbor") == nil }, func() string { return "the installation is still listed" })

		w.Accounts.AddMember("harbor", "mats", sandbox.RoleMember)
		w.Repositories.SetPermission(crane.ID, "mats", sandbox.Pull)
		s.Applied()
		mats.SoonSees("harbor", "crane")
		if back := mats.ImportsOf(record); back != imports {
			t.Errorf("the imports returned as %q, want %q", back, imports)
		}
	})
}

func TestP12CollaboratorsAndTeamsAreAddedAndRemoved(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		w, _ := handlerstest.Harbor()
		s, _ := handlerstest.Listening(t, w, databaseURL)
		quay := s.RepositoryNamed("harbor", "quay")
		mats, olga := s.LogIn("mats"), s.LogIn("olga")
		s.GitHub.ResetRequests()

		w.Repositories.SetPermission(quay.ID, "mats", sandbox.Pull) // member added
		s.Applied()
		mats.SoonSees("harbor", "crane", "quay")
		w.Repositories.SetPermission(quay.ID, "mats", sandbox.Admin) // member edited
		s.Applied()
		s.Soon(func() bool {
			return mats.Get("/api/users/me/installations/" + mats.Record("harbor") + "/repositories?sort=name").List()[1]["permission"] == "admin"
		}, func() string { return "the new permission isn't shown" })
		w.Repositories.SetPermission(quay.ID, "mats", sandbox.None) // member removed
		s.Applied()
		mats.SoonSees("harbor", "crane")

		team := w.Teams.Add("harbor", sandbox.Team{Name: "pilots"})
		w.Teams.AddMember(team.ID, "mats") // membership added
		s.Applied()
		w.Teams.SetPermission(team.ID, quay.ID, sandbox.Pull) // team added_to_repository, team_add
		s.Applied()
		mats.SoonSees("harbor", "crane", "quay")
		w.Teams.SetPermission(team.ID, quay.ID, sandbox.Push) // team edited
		s.Applied()
		s.Soon(func() bool {
			return mats.Get("/api/users/me/installations/" + mats.Record("harbor") + "/repositories?sort=name").List()[1]["permission"] == "push"
		}, func() string { return "the team's new permission isn't shown" })
		w.Teams.SetPermission(team.ID, quay.ID, sandbox.None) // team removed_from_repository
		s.Applied()
		mats.SoonSees("harbor", "crane")
		for _, request := range s.GitHub.Requests() {
			if strings.HasSuffix(request.Path, "/repositories") && request.Login == "olga" {
				t.Errorf("%s's complete list was read for one repository: %s", request.Login, request.Path)
			}
		}

		w.Teams.SetPermission(team.ID, quay.ID, sandbox.Pull)
		s.Applied()
		mats.SoonSees("harbor", "crane", "quay")
		w.Teams.RemoveMember(team.ID, "mats") // membership removed
		s.Applied()
		mats.SoonSees("harbor", "crane")
		w.Teams.AddMember(team.ID, "mats")
		s.Applied()
		mats.SoonSees("harbor", "crane", "quay")
		w.Teams.Delete(team.ID) // team deleted
		s.Applied()
		mats.SoonSees("harbor", "crane")
		olga.Sees("harbor", "crane", "quay")
	})
}

func TestARepositoryMadePrivateIsHiddenImmediately(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		w, _ := handlerstest.Harbor()
		buoy := w.Repositories.Add("harbor", sandbox.Repository{Name: "buoy"})
		s, _ := handlerstest.Listening(t, w, databaseURL)
		mats, olga := s.LogIn("mats"), s.LogIn("olga")
		mats.Imported("harbor")
		record, imports := olga.Imported("harbor")
		mats.Sees("harbor", "buoy", "crane")

		s.GitHub.Fault(func(r *http.Request) *sandbox.Fault {
			if strings.Contains(r.URL.Path, "/repos/") || strings.Contains(r.URL.Path, "/repositories/") {
				return sandbox.BadGateway(502)
			}
			return nil
		})
		w.Repositories.SetPrivate(buoy.ID, true)
		mats.SoonSees("harbor", "crane") // although requests to GitHub fail
		if strings.Contains(mats.Get("/api/users/me/imports").Body, "buoy") {
			t.Error("its import is still listed")
		}
		olga.Sees("harbor", "crane", "quay")

		s.GitHub.Fault(nil)
		s.Clock.Advance(time.Minute)
		olga.SoonSees("harbor", "buoy", "crane", "quay")
		if again := olga.ImportsOf(record); again != imports {
			t.Errorf("the imports returned as %q, want %q", again, imports)
		}
		mats.Sees("harbor", "crane")

		w.Repositories.SetPrivate(buoy.ID, false) // repository publicized, public
		s.Applied()
		mats.SoonSees("harbor", "buoy", "crane")
	})
}

func TestP26ATransferAndARenameKeepTheImport(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		w, _ := handlerstest.Harbor()
		w.Accounts.AddOrganization(sandbox.Organization{Login: "dock"})
		w.Accounts.AddMember("dock", "olga", sandbox.RoleAdmin)
		w.Repositories.Add("dock", sandbox.Repository{Name: "gate", Private: true})
		w.Installations.Install("dock", sandbox.SelectAll)
		s, _ := handlerstest.Listening(t, w, databaseURL)
		crane := s.RepositoryNamed("harbor", "crane")
		olga := s.LogIn("olga")
		record := olga.Record("harbor")
		answer := olga.PostJSON("/api/users/me/installations/"+record+"/imports", fmt.Sprintf(`{"repository_ids":[%d]}`, crane.ID)).Status(http.StatusOK)
		imports := olga.ImportsOf(record)
		if imports == "" {
			t.Fatalf("nothing is imported: %s", answer.Body)
		}
		w.Repositories.Transfer(crane.ID, "dock")
		w.Repositories.Rename(crane.ID, "winch")
		s.Applied()
		olga.SoonSees("dock", "gate", "winch")
		olga.Sees("harbor", "quay")
		if moved := olga.ImportsOf(olga.Record("dock")); moved != imports {
			t.Errorf("the import is %q, and was %q", moved, imports)
		}
		if left := olga.ImportsOf(record); left != "" {
			t.Errorf("it is still listed under the old account: %q", left)
		}
	})
}

// The stored owner is still the old one when the repository is removed from the new owner's
// installation, since the webhook of the transfer was lost.
func TestP26ARemovalEndsAccessAfterAMissedTransfer(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		w, _ := handlerstest.Harbor()
		w.Accounts.AddOrganization(sandbox.Organization{Login: "dock"})
		w.Accounts.AddMember("dock", "olga", sandbox.RoleAdmin)
		gate := w.Repositories.Add("dock", sandbox.Repository{Name: "gate", Private: true})
		dock := w.Installations.Install("dock", sandbox.SelectSome, gate.ID)
		s, _ := handlerstest.Listening(t, w, databaseURL)
		crane := s.RepositoryNamed("harbor", "crane")
		olga := s.LogIn("olga")
		olga.Sees("harbor", "crane", "quay")
		olga.Sees("dock", "gate")

		s.GitHub.SetDeliveryPolicy(func(sandbox.Delivery) sandbox.DeliveryOutcome { return sandbox.DeliveryOutcome{Skipped: true} })
		w.Repositories.Transfer(crane.ID, "dock")
		w.Installations.AddRepository(dock, crane.ID)
		s.GitHub.SetDeliveryPolicy(nil)
		olga.Sees("harbor", "crane", "quay") // no webhook arrived
		w.Installations.RemoveRepository(dock, crane.ID)
		s.Applied()
		olga.SoonSees("harbor", "quay")
		olga.Sees("dock", "gate")
	})
}

func TestP28RepositoriesAreAddedAndRemovedInAnyOrder(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		w, installation := handlerstest.Harbor()
		s, _ := handlerstest.Listening(t, w, databaseURL)
		crane, quay := s.RepositoryNamed("harbor", "crane"), s.RepositoryNamed("harbor", "quay")
		buoy := w.Repositories.Add("harbor", sandbox.Repository{Name: "buoy"})
		s.Applied()
		olga := s.LogIn("olga")
		record, imports := olga.Imported("harbor")
		olga.Sees("harbor", "buoy", "crane", "quay")

		w.Installations.Select(installation, sandbox.SelectSome, crane.ID)
		s.Applied()
		olga.Sees("harbor", "crane") // immediately
		w.Installations.Select(installation, sandbox.SelectSome, crane.ID, quay.ID)
		s.Applied()
		olga.SoonSees("harbor", "crane", "quay")

		s.GitHub.HoldDeliveries()
		w.Installations.Select(installation, sandbox.SelectSome, crane.ID)                   // quay is removed
		w.Installations.Select(installation, sandbox.SelectSome, crane.ID, quay.ID)          // and added
		w.Installations.Select(installation, sandbox.SelectSome, crane.ID, quay.ID, buoy.ID) // buoy is added
		w.Installations.Select(installation, sandbox.SelectSome, crane.ID, quay.ID)          // and removed
		s.GitHub.ReleaseDeliveries(func(waiting []sandbox.Delivery) []sandbox.Delivery {
			slices.Reverse(waiting)
			return append(waiting, waiting...)
		})
		s.Applied()
		olga.SoonSees("harbor", "crane", "quay")

		w.Installations.Select(installation, sandbox.SelectAll)
		s.Applied()
		olga.SoonSees("harbor", "buoy", "crane", "quay")
		if back := olga.ImportsOf(record); back != imports {
			t.Errorf("the imports returned as %q, want %q", back, imports)
		}
	})
}
