package syncer

import (
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
)

// R2: GitHub responds 200 without the organizations that require single sign-on, and lists
// them in a header.
func TestR2OrganizationsThatGitHubWithholdsAreNoted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := member(t, databaseURL)
		expect := func(when string, want ...db.WithheldOrganization) {
			t.Helper()
			got, err := s.syncer.db.ListWithheldOrganizations(t.Context(), s.person.ID)
			if err != nil || len(got) != len(want) || len(got) > 0 && got[0] != want[0] {
				t.Errorf("%s omitted are %v, %v", when, got, err)
			}
		}
		expect("at first")
		s.world.Accounts.RequireSSO("reef")
		reef := db.WithheldOrganization{GitHubID: s.world.Accounts.IDOf("reef"), Login: "reef"}
		for _, when := range []string{"behind single sign-on", "when the list is as before"} {
			s.sync()
			s.expectSync(s.listSync(), db.SyncIdle, "")
			expect(when, reef)
			if n := len(s.installations()); n != 1 {
				t.Errorf("%s %d installations are listed", when, n)
			}
		}
		s.world.Accounts.SignOn("reef", "ada")
		s.server.Revoke("ada")
		s.signIn("ada")
		s.sync()
		expect("after signing on")
		if n := len(s.installations()); n != 2 {
			t.Errorf("after signing on %d installations are listed", n)
		}
	})
}
