package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// shaken is a world of the kind that randomized tests use: one organization with many repositories, another with few that
// the App was given one by one, and people with different rights.
func shaken(repositories int) *World {
	w := LargeWorld(repositories)
	w.AddUser(User{Login: "bob"})
	w.AddMember("atlas", "bob", RoleMember)
	w.AddOrganization(Organization{Login: "else"})
	w.AddMember("else", "bob", RoleAdmin)
	var ids []int64
	for _, name := range []string{"one", "two", "three"} {
		ids = append(ids, w.AddRepository("else", Repository{Name: name, Private: true}).ID)
	}
	w.Install("else", SelectSome, ids[:2]...)
	w.AddRepository("ada", Repository{Name: "mine"})
	return w
}

func TestShakingIsTheSameFromTheSameSeed(t *testing.T) {
	run := func(seed uint64) (did []string, world *World) {
		world = shaken(20)
		shaker := NewShaker(world, seed)
		shaker.Installations = true
		for range 300 {
			did = append(did, shaker.Change())
		}
		return did, world
	}
	did, one := run(7)
	again, two := run(7)
	if !slices.Equal(did, again) {
		t.Error("the same seed did something else")
	}
	facts := func(w *World) string {
		var b strings.Builder
		for _, shown := range w.ShownTo(w.LoginOf(one.people()[0].id)) {
			fmt.Fprintln(&b, shown.Account, shown.Selection, shown.Suspended)
			for _, r := range shown.Repositories {
				fmt.Fprintln(&b, r.ID, r.FullName, r.Private, r.Archived, r.Permission)
			}
		}
		return b.String()
	}
	if facts(one) != facts(two) {
		t.Error("the same changes led elsewhere")
	}
	if other, _ := run(8); slices.Equal(did, other) {
		t.Error("another seed did the same")
	}
}

// Every webhook of every change is held against GitHub's description by the receiver.
func TestShakingTellsOfEverythingAndBreaksNothing(t *testing.T) {
	for name, drastic := range map[string]bool{"gently": false, "drastically": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world := shaken(40)
			s := open(t, world, func(c *Config) { c.RateLimit = 1_000_000 })
			receiver := s.receive()
			tokens := map[int64]string{}
			for _, login := range []string{"ada", "bob"} {
				tokens[world.IDOf(login)] = s.token(login)
			}
			before := len(world.installations)
			shaker := NewShaker(world, 1)
			shaker.Installations = drastic
			told := map[string]int{}
			for range 3 {
				for range 200 {
					shaker.Change()
				}
				for _, event := range receiver.taken(s) {
					told[event]++
				}
				s.whole()
				for _, id := range slices.Sorted(maps.Keys(tokens)) {
					s.shownAsListed(world.LoginOf(id), tokens[id])
				}
			}
			if !drastic && len(world.installations) != before {
				t.Errorf("%d installations of %d are left", len(world.installations), before)
			}
			for event, expected := range everyEvent(drastic) {
				if told[event] > 0 != expected {
					t.Errorf("%s came %d times", event, told[event])
				}
			}
		})
	}
}

// everyEvent is what shaking tells of sooner or later, and what it must not.
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

// whole checks what must hold in any world.
func (s *site) whole() {
	s.Helper()
	w := s.world
	w.mu.RLock()
	defer w.mu.RUnlock()
	owned := 0
	for _, a := range w.accounts {
		if a.organization && len(a.roles) > 0 && a.owners() == 0 {
			s.Errorf("%s has no owner", a.Login)
		}
		owned += len(a.repositories)
		for _, r := range a.repositories {
			if r.owner != a || w.names[fold(r.fullName())] != r || w.repositories[r.ID] != r || r.Internal && !r.Private {
				s.Errorf("%s is not where it should be", r.fullName())
			}
		}
		for _, i := range a.installations {
			for id := range i.chosen {
				if r := w.repositories[id]; r == nil || r.owner != a {
					s.Errorf("the installation of %s reaches %d", a.Login, id)
				}
			}
		}
		for _, team := range a.teams {
			for id := range team.members {
				if _, member := a.roles[id]; !member {
					s.Errorf("%d is in the team %s, and not in %s", id, team.Slug, a.Login)
				}
			}
			for id := range team.repositories {
				if r := w.repositories[id]; r == nil || r.owner != a {
					s.Errorf("the team %s has %d", team.Slug, id)
				}
			}
		}
	}
	if owned != len(w.repositories) || owned != len(w.names) {
		s.Errorf("%d repositories are owned, %d there, %d named", owned, len(w.repositories), len(w.names))
	}
}

// shownAsListed compares what a person is shown with what the API lists for them.
func (s *site) shownAsListed(login, token string) {
	s.Helper()
	shown, listed := s.world.ShownTo(login), s.list("/user/installations?per_page=100", token)
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

func TestShakingALargeWorldIsQuick(t *testing.T) {
	world := shaken(1000)
	other := world.IDOf("else")
	s := open(t, world)
	world.SetHookURL("http://127.0.0.1:9/webhooks") // nobody is there
	s.HoldDeliveries()
	shaker := NewShaker(world, 1)
	started := time.Now()
	for range 1000 {
		shaker.Change()
	}
	if took := time.Since(started); took > 10*time.Second {
		t.Errorf("a thousand changes took %v", took)
	}
	if len(world.Repositories(world.LoginOf(other))) == 0 {
		t.Error("an account was emptied")
	}
}
