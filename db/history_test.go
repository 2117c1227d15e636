package db_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"neptun/db"
)

// history returns a user's history of an account as text, newest first.
func (w *world) history(through db.InstallationRecord) []string {
	w.t.Helper()
	var list []string
	for _, e := range got(w.ListHistory(w.t.Context(), through, 0, 0, 100))(w.t) {
		words := fmt.Sprint(e.Cause.Kind, " ", e.Change, " ", e.Count)
		for _, r := range e.Repositories {
			words += fmt.Sprintf(" %s(%s)", r.Repository.FullName(), r.Previous)
		}
		list = append(list, words)
	}
	return list
}

func (w *world) expectHistory(through db.InstallationRecord, want ...string) {
	w.t.Helper()
	if list := w.history(through); !slices.Equal(list, want) {
		w.t.Errorf("the history is:\n%s\nwant:\n%s", strings.Join(list, "\n"), strings.Join(want, "\n"))
	}
}

func TestHistoryRecordsWhatASyncChanged(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ada, through := w.member(1, "ada", acme, repo(1, "one", acme), repo(2, "two", acme))
		const first = "person appeared 2 Acme/one() Acme/two()"
		w.expectHistory(through, first)
		w.syncRepositories(through, repo(1, "one", acme), repo(2, "two", acme))
		w.expectHistory(through, first) // nothing new

		changed := repo(1, "uno", acme)
		changed.IsArchived, changed.Visibility, changed.IsPrivate = true, "private", true
		w.syncRepositories(through, changed, repo(3, "three", acme))
		w.expectHistory(through,
			"person disappeared 1", // two, which ada doesn't see any more
			"person appeared 1 Acme/three()",
			"person archived 1 Acme/uno()", "person visibility_changed 1 Acme/uno(public)", "person renamed 1 Acme/uno(one)",
			"person appeared 2 Acme/uno()",
		)
		// Seen again, it has its name again.
		w.syncRepositories(through, changed, repo(2, "two", acme), repo(3, "three", acme))
		if list := w.history(through); list[0] != "person appeared 1 Acme/two()" || list[1] != "person disappeared 1 Acme/two()" {
			t.Errorf("the history is %v", list)
		}

		facts := installed(acme.GitHubID*100, acme)
		facts.SuspendedAt = w.clock.Now()
		w.syncInstallations(ada, facts)
		facts = installed(acme.GitHubID*100, acme)
		facts.Permissions["members"], facts.RepositorySelection = "read", db.SelectionSelected
		w.syncInstallations(ada, facts)
		if list := w.history(through)[:4]; !slices.Equal(list, []string{
			"person selection_changed 0", "person permissions_changed 0", "person unsuspended 0", "person suspended 0",
		}) {
			t.Errorf("the history is %v", list)
		}
	})
}

// Rule 1: nobody learns of a repository that GitHub doesn't show them, not even that one changed.
func TestHistoryNamesOnlyVisibleRepositories(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, adas := w.member(1, "ada", acme, repo(1, "one", acme), repo(2, "secret", acme))
		_, bobs := w.member(2, "bob", acme, repo(1, "one", acme))
		before := len(w.history(bobs))
		w.syncRepositories(adas, repo(1, "one", acme), repo(2, "secret-plan", acme))
		if list := w.history(adas); list[0] != "person renamed 1 Acme/secret-plan(secret)" {
			t.Errorf("ada's history is %v", list)
		}
		if list := w.history(bobs); len(list) != before {
			t.Errorf("bob's history is %v", list)
		}
		w.syncRepositories(adas, repo(1, "uno", acme), repo(2, "secret-plan", acme))
		if list := w.history(bobs); list[0] != "person renamed 1 Acme/uno(one)" {
			t.Errorf("bob's history is %v", list)
		}
	})
}

// Rule 1 again: not how many of them changed, either.
func TestHistoryCountsOnlyVisibleRepositories(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, adas := w.member(1, "ada", acme, repos(1, 80, acme)...)
		_, bobs := w.member(2, "bob", acme, repos(79, 2, acme)...)
		archived := repos(1, 80, acme)
		for i := range archived {
			archived[i].IsArchived = true
		}
		w.syncRepositories(adas, archived...)
		if list := w.history(bobs); !strings.HasPrefix(list[0], "person archived 2 Acme/") {
			t.Errorf("bob's history begins with %v", list[0])
		}
		entry := got(w.ListHistory(t.Context(), adas, 0, 0, 1))(t)[0]
		if entry.Count != 80 || len(entry.Repositories) != 50 {
			t.Errorf("ada sees a count of %d, and %d names", entry.Count, len(entry.Repositories))
		}
	})
}

func TestHistoryIsPagedByTheLastEntrySeen(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, through := w.member(1, "ada", acme, repo(1, "r0", acme))
		for i := range 6 {
			w.syncRepositories(through, repo(1, fmt.Sprintf("r%d", i+1), acme))
		}
		var seen []int64
		before := int64(0)
		for {
			page := got(w.ListHistory(ctx, through, 0, before, 3))(t)
			if len(page) == 0 {
				break
			}
			for _, e := range page {
				seen = append(seen, e.ID)
			}
			before = page[len(page)-1].ID
		}
		if len(seen) != 7 || !slices.IsSortedFunc(seen, func(a, b int64) int { return int(b - a) }) {
			t.Errorf("entries %v", seen)
		}
		w.clock.Advance(91 * day)
		ok(t, w.CleanUp(ctx))
		w.expectHistory(through)
	})
}

func TestHistoryRecordsWhatRulesImported(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := db.WithCause(t.Context(), db.Cause{Kind: db.BySync})
		_, through := w.member(1, "ada", acme, repo(1, "one", acme), repo(2, "two", acme))
		changed(w.SetAutoImport(ctx, through, db.AutoImport{Mode: db.ImportAll}, nil))(t)
		if list := w.history(through); list[0] != "sync imported 2 Acme/one() Acme/two()" {
			t.Errorf("the history is %v", list)
		}
	})
}

// Access that is revoked and restored once GitHub confirms it is not recorded; access
// that stays revoked is.
func TestHistoryRecordsTheResultOfChecks(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := db.WithCause(t.Context(), db.Cause{Kind: db.ByWebhook, Event: "repository.privatized"})
		_, through := w.member(1, "ada", acme, repo(1, "one", acme), repo(2, "two", acme))
		first := w.history(through)[0]
		ok(t, w.RevokeRepositories(ctx, db.RevokedRepositories{Repositories: map[int64]string{1: "Acme/one", 2: "Acme/two"}, Account: acme}))
		target := got(w.CheckTarget(ctx, through.ID))(t)
		checks, _, err := w.ListChecks(ctx, through.ID)
		ok(t, err)
		if len(checks) != 2 || !checks[0].HadAccess || !checks[1].HadAccess {
			t.Fatalf("checks %+v", checks)
		}
		ok(t, w.GrantAccess(ctx, target, repo(1, "one", acme), checks[0].HadAccess, got(w.LatestRevision(ctx))(t)))
		got(w.RevokeAccess(ctx, target, 2, checks[1].HadAccess))(t)
		w.expectHistory(through, "webhook disappeared 1", strings.Replace(first, " Acme/two()", "", 1))

		ok(t, w.GrantAccess(ctx, target, repo(3, "three", acme), false, got(w.LatestRevision(ctx))(t)))
		if list := w.history(through); list[0] != "webhook appeared 1 Acme/three()" {
			t.Errorf("the history is %v", list)
		}
		w.syncRepositories(through, repo(1, "one", acme), repo(3, "three", acme)) // it is recorded once
		if list := w.history(through); list[0] != "webhook appeared 1 Acme/three()" {
			t.Errorf("after a sync the history is %v", list)
		}
	})
}

// The number of many removals is recorded immediately: the sync that follows doesn't know it.
func TestHistoryGroupsManyRemovals(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := db.WithCause(t.Context(), db.Cause{Kind: db.ByWebhook, Event: "installation_repositories.removed"})
		ada, through := w.member(1, "ada", acme, repos(1, 30, acme)...)
		removed := map[int64]string{}
		for id := int64(1); id <= 25; id++ {
			removed[id] = ""
		}
		ok(t, w.RevokeRepositories(ctx, db.RevokedRepositories{Repositories: removed, Account: acme}))
		if list := w.history(through); list[0] != "webhook disappeared 25" {
			t.Errorf("the history is %v", list)
		}
		ok(t, w.RevokeAccount(ctx, acme, ada.ID))
		if list := w.history(through); list[0] != "webhook disappeared 5" {
			t.Errorf("the history is %v", list)
		}
	})
}

// A transferred repository belongs to another installation now: a token without access to that one
// sees neither its new name nor that it is visible there.
func TestHistoryRespectsATokensRestriction(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p := w.login(1, "ada")
		w.syncInstallations(p, installed(700, acme), installed(800, beta))
		from := w.syncRepositories(w.record(p, acme), repos(1, 2, acme)...)
		w.syncRepositories(from, append(repos(2, 1, acme), repo(1, "one", acme))...) // the renaming is visible to everybody
		to := w.syncRepositories(w.record(p, beta), repo(1, "secret", beta))
		for _, c := range []struct {
			records []int64
			named   bool
		}{{nil, true}, {[]int64{from.ID, to.ID}, true}, {[]int64{from.ID}, false}} {
			_, key := w.token(p, fmt.Sprint("reaches ", c.records), db.ScopeRead, c.records...)
			restriction := got(w.FindCredential(ctx, key))(t).Restriction
			var named, renamed bool
			for _, e := range got(w.ListHistory(ctx, w.reload(from), restriction, 0, 100))(t) {
				renamed = renamed || e.Change == db.Renamed
				named = named || slices.ContainsFunc(e.Repositories, func(r db.HistoryRepository) bool { return r.Repository.Name == "secret" })
			}
			if named != c.named || renamed != c.named {
				t.Errorf("to a token for %v, named %v, the history shows %v", c.records, named, renamed)
			}
		}
	})
}
