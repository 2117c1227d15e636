package db_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"neptun/db"
)

// Earlier names and other changes from before a user had access aren't visible to them.
func TestS5HistoryBeginsWithAccess(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ada, adas := w.member(1, "ada", acme, repo(1, "layoffs", acme), repo(2, "two", acme))
		bob, bobs := w.member(2, "bob", acme, repo(2, "two", acme))
		w.clock.Advance(time.Minute)
		w.syncRepositories(adas, repo(1, "plans", acme), repo(2, "zwei", acme)) // renamed before bob sees the first
		w.clock.Advance(time.Minute)
		w.syncRepositories(bobs, repo(1, "plans", acme), repo(2, "zwei", acme))
		w.clock.Advance(time.Minute)
		w.syncRepositories(adas, repo(1, "later", acme), repo(2, "zwei", acme))
		adaCount, bobCount := w.history(w.reload(adas)), w.history(w.reload(bobs))
		mentions := func(list []string, text string) bool {
			return slices.ContainsFunc(list, func(line string) bool { return strings.Contains(line, text) })
		}
		if !mentions(adaCount, "(layoffs)") || !mentions(adaCount, "(plans)") {
			t.Errorf("the history of %s is %q", ada.Login, adaCount)
		}
		if mentions(bobCount, "layoffs") || !mentions(bobCount, "(plans)") || !mentions(bobCount, "(two)") {
			t.Errorf("the history of %s is %q", bob.Login, bobCount)
		}
	})
}

// Nor is what happened to an installation before a user saw it, or while they didn't. After a
// reinstallation their history continues.
func TestS5InstallationHistoryBeginsWithAccess(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		suspended := func(by db.User) {
			t.Helper()
			w.clock.Advance(time.Minute)
			facts := installed(acme.GitHubID*100, acme)
			facts.SuspendedAt = w.clock.Now()
			w.syncInstallations(by, facts)
			w.clock.Advance(time.Minute)
			w.syncInstallations(by, installed(acme.GitHubID*100, acme))
			w.clock.Advance(time.Minute)
		}
		suspensions := func(through db.InstallationRecord) (n int) {
			for _, line := range w.history(through) {
				if strings.HasSuffix(line, " suspended 0") {
					n++
				}
			}
			return n
		}
		ada, adas := w.member(1, "ada", acme, repo(1, "one", acme))
		suspended(ada)
		bob, bobs := w.member(2, "bob", acme, repo(1, "one", acme))
		if adaCount, bobCount := suspensions(adas), suspensions(bobs); adaCount != 1 || bobCount != 0 {
			t.Errorf("%s sees %d suspensions, and %s sees %d", ada.Login, adaCount, bob.Login, bobCount)
		}
		suspended(ada)
		if bobCount := suspensions(bobs); bobCount != 1 {
			t.Errorf("%s, who had access, sees %d suspensions", bob.Login, bobCount)
		}

		w.syncInstallations(bob) // nothing: they left
		suspended(ada)
		w.syncInstallations(bob, installed(acme.GitHubID*100, acme))
		if bobCount := suspensions(w.record(bob, acme)); bobCount != 0 {
			t.Errorf("%s, who has access again, sees %d suspensions", bob.Login, bobCount)
		}
		suspended(ada)
		w.clock.Advance(time.Minute)
		ok(t, w.MarkInstallationDeleted(t.Context(), acme.GitHubID*100))
		w.clock.Advance(time.Minute)
		w.syncInstallations(ada, installed(777, acme))
		w.clock.Advance(time.Minute)
		w.syncInstallations(bob, installed(777, acme))
		if list := w.history(w.record(bob, acme)); suspensions(w.record(bob, acme)) != 1 || !slices.Contains(list, "person reinstalled 0") {
			t.Errorf("after a reinstallation the history of %s is %q", bob.Login, list)
		}
	})
}
