package db_test

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// Former names and the like from before somebody had access aren't theirs to see.
func TestS5HistoryBeginsWithAccess(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ada, adas := w.member(1, "ada", acme, repo(1, "layoffs", acme), repo(2, "two", acme))
		bob, bobs := w.member(2, "bob", acme, repo(2, "two", acme))
		w.clock.pass(time.Minute)
		w.reaches(adas, repo(1, "plans", acme), repo(2, "zwei", acme)) // renamed before bob sees the first
		w.clock.pass(time.Minute)
		w.reaches(bobs, repo(1, "plans", acme), repo(2, "zwei", acme))
		w.clock.pass(time.Minute)
		w.reaches(adas, repo(1, "later", acme), repo(2, "zwei", acme))
		hers, his := w.told(w.again(adas)), w.told(w.again(bobs))
		knows := func(list []string, text string) bool {
			return slices.ContainsFunc(list, func(line string) bool { return strings.Contains(line, text) })
		}
		if !knows(hers, "(layoffs)") || !knows(hers, "(plans)") {
			t.Errorf("%s is told %q", ada.Login, hers)
		}
		if knows(his, "layoffs") || !knows(his, "(plans)") || !knows(his, "(two)") {
			t.Errorf("%s is told %q", bob.Login, his)
		}
	})
}
