package ui

import (
	"testing"

	"neptun/db"
)

func TestTopicsNarrowTheList(t *testing.T) {
	t.Parallel()
	for _, filter := range []db.Filter{{}, {Query: "a&b=%00", Language: "C++", Topic: "other"}} {
		table := Table{Path: "/imports", List: List{Filter: filter, Sort: db.SortName}}
		for _, topic := range []string{"cli", "c++ & more", "日本"} {
			narrowed := filter
			narrowed.Topic = topic
			if got, want := table.topicURL().of(topic), listURL("/imports", narrowed, db.SortName, 1); got != want {
				t.Errorf("%q leads to %s, want %s", topic, got, want)
			}
		}
	}
}
