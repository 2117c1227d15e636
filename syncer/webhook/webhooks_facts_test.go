package webhook_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
	"neptun/sandbox"
)

func TestARepositoryNamedByWebhooksIsRequestedOnceForAllUsers(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		w, _ := handlerstest.Harbor()
		s, _ := handlerstest.Listening(t, w, databaseURL)
		crane := s.RepositoryNamed("harbor", "crane")
		mats, olga := s.LogIn("mats"), s.LogIn("olga")
		olga.Imported("harbor")
		first := func(v *handlerstest.Visitor) map[string]any {
			return v.Get("/api/users/me/installations/" + v.Record("harbor") + "/repositories?sort=name").Status(http.StatusOK).List()[0]
		}
		s.GitHub.ResetRequests()
		w.Repositories.Edit(crane.ID, func(r *sandbox.Repository) { r.Description, r.Topics = "lifts", []string{"steel"} })
		w.Repositories.Rename(crane.ID, "davit")
		w.Repositories.Archive(crane.ID, true)
		s.Applied()
		for _, v := range []*handlerstest.Visitor{mats, olga} {
			if r := first(v); r["name"] != "davit" || r["description"] != "lifts" || r["is_archived"] != true {
				t.Errorf("it is shown as %v", r)
			}
		}
		for _, request := range s.GitHub.Requests() {
			if request.Login != "" {
				t.Errorf("%s's token requested %s", request.Login, request.Path)
			}
		}
		w.Repositories.Archive(crane.ID, false)
		s.Applied()
		if r := first(mats); r["is_archived"] != false {
			t.Errorf("it is shown as %v", r)
		}

		// Renamed again before the first webhook arrives, and the old name is used again.
		s.GitHub.HoldDeliveries()
		w.Repositories.Rename(crane.ID, "hoist")
		w.Repositories.Rename(crane.ID, "winch")
		w.Repositories.Add("harbor", sandbox.Repository{Name: "davit", Private: true})
		s.GitHub.ReleaseDeliveries(func(waiting []sandbox.Delivery) []sandbox.Delivery {
			slices.Reverse(waiting)
			return append(waiting, waiting...)
		})
		s.Applied()
		mats.Sees("harbor", "winch")
		olga.SoonSees("harbor", "davit", "quay", "winch") // repository created

		w.Repositories.SendDeleted(true)
		w.Repositories.Delete(crane.ID)
		s.Applied()
		mats.Sees("harbor")
		if strings.Contains(olga.Get("/api/users/me/imports").Body, "winch") {
			t.Error("its import is still listed")
		}
	})
}

func TestP23AnInstallationAppearsForItsCreatorAndIsRemovedWithItsOrganization(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		w, _ := handlerstest.Harbor()
		w.Accounts.AddOrganization(sandbox.Organization{Login: "dock"})
		w.Accounts.AddMember("dock", "pia", sandbox.RoleAdmin)
		w.Repositories.Add("dock", sandbox.Repository{Name: "gate", Private: true})
		s, _ := handlerstest.Listening(t, w, databaseURL)
		pia, mats := s.LogIn("pia"), s.LogIn("mats")
		s.GitHub.ResetRequests()
		w.Installations.Install("dock", sandbox.SelectAll)
		s.Applied()
		pia.SoonSees("dock", "gate")
		for _, request := range s.GitHub.Requests() {
			if request.Login == "mats" {
				t.Errorf("a request was sent for mats, who isn't affected: %s", request.Path)
			}
		}
		mats.Sees("harbor", "crane")
		w.Accounts.Rename("dock", "wharf") // organization renamed
		s.Applied()
		pia.Sees("wharf", "gate")
		w.Accounts.DeleteOrganization("wharf")
		s.Applied()
		if pia.RepositoriesOn("wharf") != nil {
			t.Error("the organization is still listed")
		}
	})
}

func TestARevokedAuthorizationEndsAllSessionsUnlessGrantedAgain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		w, _ := handlerstest.Harbor()
		s, _ := handlerstest.Listening(t, w, databaseURL)
		mats := s.LogIn("mats")
		id := mats.Me()
		s.GitHub.HoldDeliveries()
		s.GitHub.Revoke("mats")
		again := s.LogIn("mats") // before the webhook arrives
		s.GitHub.ReleaseDeliveries(nil)
		s.Applied()
		again.Get("/api/users/me").Status(http.StatusOK)

		s.GitHub.Revoke("mats")
		s.Applied()
		for _, v := range []*handlerstest.Visitor{mats, again} {
			v.Get("/api/users/me").Status(http.StatusUnauthorized)
		}
		if _, err := s.DB.GitHubToken(t.Context(), id); err == nil {
			t.Error("the token was kept")
		}
	})
}
