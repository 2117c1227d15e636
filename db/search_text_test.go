package db_test

import (
	"slices"
	"testing"

	"neptun/db"
)

// searchPages reads some pages of a search in several orders, and compares them with the whole
// list, which is read by the query if it has many rows.
func searchPages(t *testing.T, w *world, through db.InstallationRecord, filter db.Filter) {
	t.Helper()
	for _, order := range []db.Sort{db.SortName, db.SortNameDesc, db.SortPushed} {
		all := got(w.ListAvailable(t.Context(), through, filter, order, db.Page{}))(t)
		for _, first := range []int{0, 3, len(all) - 2, len(all), len(all) + 7} {
			page := got(w.ListAvailable(t.Context(), through, filter, order, db.Page{Limit: 5, Offset: max(0, first)}))(t)
			want := all[min(max(0, first), len(all)):min(max(0, first)+5, len(all))]
			if !slices.EqualFunc(page, want, func(a, b db.Available) bool { return a.ID == b.ID }) {
				t.Errorf("%+v by %s from %d: %v, want %v", filter, order, first, page, want)
			}
		}
		if len(all) > 5 {
			page := got(w.ListAvailable(t.Context(), through, filter, order, db.Page{Limit: 5, After: all[4].Cursor(order)}))(t)
			if len(page) == 0 || page[0].ID != all[5].ID {
				t.Errorf("%+v by %s after a cursor: %v, want %v", filter, order, page, all[5:])
			}
		}
	}
}

// TestSearchInMemoryMatchesTheQuery: of a list long enough for it, by a user
// who sees all of the account and by one who doesn't, and after a text changed.
func TestSearchInMemoryMatchesTheQuery(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		all := repos(1, 700, acme)
		for i := range all {
			all[i].Description = "shared words"
		}
		all[2].Name, all[2].Description = "Löwe", "a Lion's 100%_share"
		all[3].Topics = []string{"lion"}
		all[690].Name = "Aardvark" // the order of the names isn't that of the ids
		_, owner := w.member(1, "ada", acme, all...)
		bob := w.login(2, "bob")
		w.syncInstallations(bob, installed(700, acme))
		member := w.syncRepositories(w.record(bob, acme), all[4:]...)

		found := func(through db.InstallationRecord, filter db.Filter, page db.Page) (ids []int64, total int64) {
			t.Helper()
			rows := got(w.ListAvailable(t.Context(), through, filter, db.SortName, page))(t)
			for _, row := range rows {
				ids = append(ids, row.ID)
			}
			total = got(page.Total(len(rows), func() (int64, error) { return w.CountAvailable(t.Context(), through, filter) }))(t)
			return ids, total
		}
		for _, c := range []struct {
			query       string
			owner, bobs int64
		}{
			{"nothing like it", 0, 0},
			{"LION", 2, 0},
			{"löwe", 1, 0},
			{"100%_share", 1, 0},
			{"acme/repo-00010", 1, 1},
			{"shared words", 699, 696}, // more than are looked up by id
			{"repo-0001", 10, 10},
		} {
			filter := db.Filter{Query: c.query}
			for _, page := range []db.Page{{}, {Limit: 5}} {
				if ids, total := found(owner, filter, page); total != c.owner || page.Limit == 0 && int64(len(ids)) != c.owner {
					t.Errorf("%q under %+v: owner sees %d of %d, want %d", c.query, page, len(ids), total, c.owner)
				}
				if _, total := found(member, filter, page); total != c.bobs {
					t.Errorf("%q under %+v: member sees %d, want %d", c.query, page, total, c.bobs)
				}
			}
			searchPages(t, w, owner, filter)
			searchPages(t, w, member, filter)
		}

		all[5].Description = "a lion as well"
		w.syncRepositories(owner, all...)
		if ids, total := found(w.reload(owner), db.Filter{Query: "lion", Visibility: "public"}, db.Page{Limit: 5}); total != 3 || len(ids) != 3 {
			t.Errorf("after a change: %v of %d", ids, total)
		}
		// The member's texts follow their access as well as the account.
		if _, total := found(w.reload(member), db.Filter{Query: "lion"}, db.Page{}); total != 1 {
			t.Errorf("after a change the member sees %d", total)
		}
		ok(t, w.RevokeRepositories(t.Context(), db.RevokedRepositories{Account: acme, Repositories: map[int64]string{6: ""}}))
		if _, total := found(w.reload(member), db.Filter{Query: "lion"}, db.Page{}); total != 0 {
			t.Errorf("after its access was revoked the member sees %d", total)
		}
	})
}
