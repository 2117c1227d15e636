package handlers_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/sandbox"
)

func TestWhatWebhooksTellOfARepositoryIsReadOnceForEverybody(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		w, _ := harbor()
		s, _ := listening(t, w, databaseURL)
		crane := s.repositoryNamed("harbor", "crane")
		mats, olga := s.logIn("mats"), s.logIn("olga")
		olga.imported("harbor")
		first := func(v *visitor) map[string]any {
			return v.get("/api/users/me/installations/" + v.record("harbor") + "/repositories?sort=name").status(http.StatusOK).list()[0]
		}
		s.gitHub.ResetRequests()
		w.EditRepository(crane.ID, func(r *sandbox.Repository) { r.Description, r.Topics = "lifts", []string{"steel"} })
		w.RenameRepository(crane.ID, "davit")
		w.ArchiveRepository(crane.ID, true)
		s.applied()
		for _, v := range []*visitor{mats, olga} {
			if r := first(v); r["name"] != "davit" || r["description"] != "lifts" || r["is_archived"] != true {
				t.Errorf("it is shown as %v", r)
			}
		}
		for _, request := range s.gitHub.Requests() {
			if request.Login != "" {
				t.Errorf("%s's token asked for %s", request.Login, request.Path)
			}
		}
		w.ArchiveRepository(crane.ID, false)
		s.applied()
		if r := first(mats); r["is_archived"] != false {
			t.Errorf("it is shown as %v", r)
		}

		// Renamed once more before the first name arrives, and the old name taken.
		s.gitHub.HoldDeliveries()
		w.RenameRepository(crane.ID, "hoist")
		w.RenameRepository(crane.ID, "winch")
		w.AddRepository("harbor", sandbox.Repository{Name: "davit", Private: true})
		s.gitHub.ReleaseDeliveries(func(waiting []sandbox.Delivery) []sandbox.Delivery {
			slices.Reverse(waiting)
			return append(waiting, waiting...)
		})
		s.applied()
		mats.sees("harbor", "winch")
		olga.soonSees("harbor", "davit", "quay", "winch") // repository created

		w.SendRepositoryDeleted(true)
		w.DeleteRepository(crane.ID)
		s.applied()
		mats.sees("harbor")
		if strings.Contains(olga.get("/api/users/me/imports").body, "winch") {
			t.Error("its import is listed still")
		}
	})
}

func TestP23AnInstallationAppearsForWhoMadeItAndGoesWithItsOrganization(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		w, _ := harbor()
		w.AddOrganization(sandbox.Organization{Login: "dock"})
		w.AddMember("dock", "pia", sandbox.RoleAdmin)
		w.AddRepository("dock", sandbox.Repository{Name: "gate", Private: true})
		s, _ := listening(t, w, databaseURL)
		pia, mats := s.logIn("pia"), s.logIn("mats")
		s.gitHub.ResetRequests()
		w.Install("dock", sandbox.SelectAll)
		s.applied()
		pia.soonSees("dock", "gate")
		for _, request := range s.gitHub.Requests() {
			if request.Login == "mats" {
				t.Errorf("mats, who has nothing to do with it, asked for %s", request.Path)
			}
		}
		mats.sees("harbor", "crane")
		w.RenameAccount("dock", "wharf") // organization renamed
		s.applied()
		pia.sees("wharf", "gate")
		w.DeleteOrganization("wharf")
		s.applied()
		if pia.repositoriesOn("wharf") != nil {
			t.Error("the organization is listed still")
		}
	})
}

func TestARevokedAuthorizationEndsEverySessionUnlessItWasGivenAgain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		w, _ := harbor()
		s, _ := listening(t, w, databaseURL)
		mats := s.logIn("mats")
		id := mats.me()
		s.gitHub.HoldDeliveries()
		s.gitHub.Revoke("mats")
		again := s.logIn("mats") // before the news arrives
		s.gitHub.ReleaseDeliveries(nil)
		s.applied()
		again.get("/api/users/me").status(http.StatusOK)

		s.gitHub.Revoke("mats")
		s.applied()
		for _, v := range []*visitor{mats, again} {
			v.get("/api/users/me").status(http.StatusUnauthorized)
		}
		if _, err := s.db.GitHubToken(t.Context(), id); err == nil {
			t.Error("the token is kept")
		}
	})
}
