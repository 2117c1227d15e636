package handlers_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/sandbox"
)

// shownTo is what GitHub shows a person: the repositories on each account.
func (s *stage) shownTo(id int64) string {
	shown := map[string][]string{}
	for _, at := range s.world.ShownTo(s.world.LoginOf(id)) {
		names := []string{}
		for _, r := range at.Repositories {
			names = append(names, r.Name)
		}
		slices.Sort(names)
		shown[at.Account] = names
	}
	return lists(shown)
}

// shownHere is what Neptun shows a visitor.
func (v *visitor) shownHere() string {
	v.s.t.Helper()
	shown := map[string][]string{}
	for _, item := range v.get("/api/users/me/installations").list() {
		login, _ := item["github_account_login"].(string)
		names := v.repositoriesOn(login)
		slices.Sort(names)
		shown[login] = names
	}
	return lists(shown)
}

func lists(of map[string][]string) string {
	var b strings.Builder
	for _, login := range slices.Sorted(maps.Keys(of)) {
		fmt.Fprintf(&b, "%s: %v\n", login, of[login])
	}
	return b.String()
}

// TestP28WhateverHappensInWhateverOrderTheListsAreGitHubs doubles and shuffles
// the webhooks of random changes.
func TestP28WhateverHappensInWhateverOrderTheListsAreGitHubs(t *testing.T) {
	t.Parallel()
	w := sandbox.LargeWorld(20)
	w.AddUser(sandbox.User{Login: "bob"})
	w.AddMember("atlas", "bob", sandbox.RoleMember)
	w.AddOrganization(sandbox.Organization{Login: "else"})
	w.AddMember("else", "bob", sandbox.RoleAdmin)
	one := w.AddRepository("else", sandbox.Repository{Name: "one", Private: true})
	w.AddRepository("else", sandbox.Repository{Name: "two", Private: true})
	w.Install("else", sandbox.SelectSome, one.ID)
	s, _ := listening(t, w, dbtest.SQLite(t))
	ada, bob := s.logIn("ada"), s.logIn("bob")
	people := map[int64]*visitor{w.IDOf("ada"): ada, w.IDOf("bob"): bob}

	shaker, dice := sandbox.NewShaker(w, 1), rand.New(rand.NewPCG(1, 1))
	var did []string
	for range 5 {
		s.gitHub.HoldDeliveries()
		for range 12 {
			did = append(did, shaker.Change())
		}
		s.gitHub.ReleaseDeliveries(func(waiting []sandbox.Delivery) []sandbox.Delivery {
			waiting = append(waiting, waiting...)
			dice.Shuffle(len(waiting), func(i, j int) { waiting[i], waiting[j] = waiting[j], waiting[i] })
			return waiting
		})
		s.delivered()
	}
	for id, v := range people {
		// Of some changes GitHub sends nothing, as of a transfer to where the App isn't.
		v.syncAll()
		s.soon(func() bool { return v.shownHere() == s.shownTo(id) }, func() string {
			return fmt.Sprintf("%s sees\n%sand GitHub shows\n%safter\n%s", s.world.LoginOf(id), v.shownHere(), s.shownTo(id), strings.Join(did, "\n"))
		})
	}
}
