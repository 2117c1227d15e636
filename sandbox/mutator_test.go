package sandbox_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

// mutated is a world for randomized tests: one organization with many repositories, another with a few that are
// selected individually for the App, and users with different permissions.
func mutated(repositories int) *sandbox.World {
	w := sandboxtest.LargeWorld(repositories)
	w.Accounts.AddUser(sandbox.User{Login: "bob"})
	w.Accounts.AddMember("atlas", "bob", sandbox.RoleMember)
	w.Accounts.AddOrganization(sandbox.Organization{Login: "else"})
	w.Accounts.AddMember("else", "bob", sandbox.RoleAdmin)
	var ids []int64
	for _, name := range []string{"one", "two", "three"} {
		ids = append(ids, w.Repositories.Add("else", sandbox.Repository{Name: name, Private: true}).ID)
	}
	w.Installations.Install("else", sandbox.SelectSome, ids[:2]...)
	w.Repositories.Add("ada", sandbox.Repository{Name: "mine"})
	return w
}

func TestMutationsDependOnlyOnTheSeed(t *testing.T) {
	run := func(seed uint64) (did []string, world *sandbox.World) {
		world = mutated(20)
		mutator := sandboxtest.NewMutator(world, seed)
		mutator.Installations = true
		for range 300 {
			did = append(did, mutator.Change())
		}
		return did, world
	}
	did, one := run(7)
	again, two := run(7)
	if !slices.Equal(did, again) {
		t.Error("the same seed gives other changes")
	}
	facts := func(w *sandbox.World) string {
		var b strings.Builder
		for _, shown := range w.VisibleTo(w.Accounts.LoginOf(one.Accounts.IDOf(one.Accounts.Users()[0]))) {
			fmt.Fprintln(&b, shown.Account, shown.Selection, shown.Suspended)
			for _, r := range shown.Repositories {
				fmt.Fprintln(&b, r.ID, r.FullName, r.Private, r.Archived, r.Permission)
			}
		}
		return b.String()
	}
	if facts(one) != facts(two) {
		t.Error("the same changes have another result")
	}
	if other, _ := run(8); slices.Equal(did, other) {
		t.Error("another seed gives the same changes")
	}
}

// The receiver validates every webhook of every change against GitHub's description.
func TestMutationsSendEveryEventAndBreakNothing(t *testing.T) {
	for name, drastic := range map[string]bool{"gently": false, "drastically": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world := mutated(40)
			s := open(t, world, func(c *sandbox.Config) { c.RateLimit = 1_000_000 })
			receiver := s.receive()
			tokens := map[int64]string{}
			for _, login := range []string{"ada", "bob"} {
				tokens[world.Accounts.IDOf(login)] = s.token(login)
			}
			before := installations(world)
			mutator := sandboxtest.NewMutator(world, 1)
			mutator.Installations = drastic
			sent := map[string]int{}
			for range 3 {
				for range 200 {
					mutator.Change()
				}
				for _, event := range receiver.take(s) {
					sent[event]++
				}
				for _, err := range world.InvariantErrors() {
					t.Error(err)
				}
				for _, id := range slices.Sorted(maps.Keys(tokens)) {
					s.shownAsListed(world.Accounts.LoginOf(id), tokens[id])
				}
			}
			if !drastic && installations(world) != before {
				t.Errorf("%d installations of %d are left", installations(world), before)
			}
			for event, expected := range everyEvent(drastic) {
				if sent[event] > 0 != expected {
					t.Errorf("%s arrived %d times", event, sent[event])
				}
			}
		})
	}
}

func installations(w *sandbox.World) (n int) {
	for _, a := range w.Accounts.List() {
		if a.InstallationID != 0 {
			n++
		}
	}
	return n
}

// everyEvent lists the events that mutations eventually send, and those that they must not.
func everyEvent(drastic bool) map[string]bool {
	all := map[string]bool{}
	for _, event := range strings.Split("installation suspend, installation unsuspend, installation deleted, installation created, "+
		"organization deleted", ", ") {
		all[event] = drastic
	}
	for _, event := range strings.Split("repository created, repository renamed, repository edited, repository archived, repository unarchived, "+
		"repository publicized, public, repository privatized, repository transferred, repository deleted, "+
		"installation_repositories added, installation_repositories removed, installation_target renamed, "+
		"organization member_added, organization member_removed, organization renamed, member added, member edited, member removed, "+
		"membership added, membership removed, team created, team edited, team deleted, team added_to_repository, "+
		"team removed_from_repository, team_add", ", ") {
		all[event] = true
	}
	return all
}

// shownAsListed compares the repositories that a user sees on pages with those that the API lists for them.
func (s *site) shownAsListed(login, token string) {
	s.Helper()
	shown, listed := s.world.VisibleTo(login), s.list("/user/installations?per_page=100", token)
	if len(shown) != listed.Total {
		s.Errorf("%s is shown %d installations, and listed %d", login, len(shown), listed.Total)
		return
	}
	for n, i := range listed.Installations {
		if i.ID != shown[n].InstallationID || i.Account.Login != shown[n].Account || (i.SuspendedAt != nil) != shown[n].Suspended {
			s.Errorf("%s is shown %+v, and listed %+v", login, shown[n], i)
		}
		if i.SuspendedAt != nil {
			continue
		}
		reached := s.reached(token, i.ID)
		for _, r := range shown[n].Repositories {
			if !reached[r.FullName][string(r.Permission)] {
				s.Errorf("%s is shown %s (%s), and listed %v", login, r.FullName, r.Permission, reached[r.FullName])
			}
		}
		if len(reached) != len(shown[n].Repositories) {
			s.Errorf("%s is shown %d repositories, and listed %d", login, len(shown[n].Repositories), len(reached))
		}
	}
}

func TestMutatingALargeWorldIsFast(t *testing.T) {
	world := mutated(1000)
	other := world.Accounts.IDOf("else")
	s := open(t, world)
	world.Apps.SetHookURL("http://127.0.0.1:9/webhooks") // nothing listens there
	s.HoldDeliveries()
	mutator := sandboxtest.NewMutator(world, 1)
	started := time.Now()
	for range 1000 {
		mutator.Change()
	}
	if took := time.Since(started); took > 10*time.Second {
		t.Errorf("a thousand changes took %v", took)
	}
	if len(world.Repositories.List(world.Accounts.LoginOf(other))) == 0 {
		t.Error("an account was emptied")
	}
}
