package db_test

import (
	"reflect"
	"testing"
	"time"

	"neptun/db"
)

func TestOverviewCountsWhatTheUserSees(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		now := w.clock.Now() // a Friday, 2026-03-20
		list := repos(1, 6, acme)
		for i := range list {
			list[i].PushedAt = now.Add(-365 * day)
		}
		list[0].PushedAt = time.Date(2026, 3, 16, 0, 0, 0, 0, time.UTC) // this week's Monday
		list[1].PushedAt = time.Date(2026, 3, 15, 23, 59, 59, 0, time.UTC)
		list[2].PushedAt = now.Add(day * 30) // by a clock that is ahead
		list[3].Language, list[4].Language = "", "Rust"
		p, through := w.member(1, "ada", acme, list...)
		changed(w.ImportRepositories(ctx, through, []int64{1, 2, 3, 4, 5}))(t)
		w.syncRepositories(through, list[:4]...) // 5 and 6 are gone

		overview := got(w.GetOverview(ctx, p.ID, 2))(t)
		want := db.Overview{
			Installations: 1, Repositories: 4, Imports: 4, HiddenImports: 1,
			Languages: []db.FacetValue{{Value: "Go", Count: 3}, {Value: "", Count: 1}},
			Weeks: []db.Week{
				{Start: time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC), Count: 1},
				{Start: time.Date(2026, 3, 16, 0, 0, 0, 0, time.UTC), Count: 2},
			},
		}
		if !reflect.DeepEqual(overview, want) {
			t.Errorf("the overview is\n%+v, want\n%+v", overview, want)
		}
		if empty := got(w.GetOverview(ctx, w.login(2, "bob").ID, 2))(t); empty.Imports != 0 || empty.Languages != nil || len(empty.Weeks) != 2 {
			t.Errorf("another user's overview: %+v", empty)
		}
	})
}
