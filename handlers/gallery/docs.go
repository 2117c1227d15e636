package gallery

import (
	"neptun/handlers"
	"neptun/handlers/docs"
	"neptun/handlers/openapi"
	"neptun/views"
)

func (g gallery) docs() []State {
	operations := handlers.Operations()
	d := docs.New(g.stranger(""), "https://neptun.example.com", operations)
	states := []State{
		{"docs", views.DocsIndex(d.Index(""))},
		{"docs-search", views.DocsIndex(d.Index("token"))},
		{"docs-none-found", views.DocsIndex(d.Index("submarine"))},
	}
	for _, group := range openapi.GroupsOf(operations) {
		page, err := d.Noun(group)
		if err != nil {
			panic("gallery: " + err.Error())
		}
		states = append(states, State{"docs-" + group.Slug(), views.DocsOfNoun(page)})
	}
	return states
}
