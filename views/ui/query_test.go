package ui_test

import (
	"testing"

	"neptun/db"
	"neptun/views/ui"
)

func TestQueryHasTheKeysOfTheAPI(t *testing.T) {
	for _, c := range []struct {
		filter db.Filter
		sort   db.Sort
		page   int
		want   string
	}{
		{db.Filter{}, "", 0, ""},
		{db.Filter{}, "", 1, ""},
		{db.Filter{}, db.SortNameDesc, 2, "page=2&sort=-name"},
		{
			db.Filter{Query: "a&b=c", Imported: db.Yes, Visibility: "private", Language: "C++", Archived: db.No, Fork: db.Yes, Topic: "x"},
			db.SortSizeDesc, 3,
			"archived=false&fork=true&imported=true&language=C%2B%2B&page=3&q=a%26b%3Dc&sort=-size_kb&topic=x&visibility=private",
		},
	} {
		if got := ui.Query(c.filter, c.sort, c.page).Encode(); got != c.want {
			t.Errorf("Query(%+v, %q, %d) = %s, want %s", c.filter, c.sort, c.page, got, c.want)
		}
	}
}
