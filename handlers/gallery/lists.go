package gallery

import (
	"time"

	"neptun/db"
	"neptun/handlers/recipes"
	"neptun/views"
	"neptun/views/ui"

	"github.com/a-h/templ"
)

// lists are what is above the single installation: all repositories, saved views,
// a list for other tools, and bulk actions.
func (g gallery) lists() []State {
	all := func(list ui.List, items []db.Available) templ.Component {
		return views.AllRepositories(views.AllRepositoriesPage{
			Frame: g.frame("Repositories", ui.NavRepositories), Facets: facets(), List: views.RepositoryList{List: list, Items: items},
			Views: []db.View{{ID: 1, Name: "Go services", List: db.ViewRepositories, Query: "language=Go"}},
		})
	}
	page := ui.List{Page: 1, PerPage: 50, Total: 4_210}
	filtered, none := page, ui.List{Page: 1, PerPage: 50, Filter: db.Filter{Query: "kraken"}}
	filtered.Filter = db.Filter{
		Language: "Go", Account: "abyssal", PushedSince: g.ago(14 * 24 * time.Hour), PushedBefore: g.ago(7 * 24 * time.Hour),
		PropertyName: "team", PropertyValue: "core",
	}
	return append([]State{
		{"repositories", all(page, g.repositories(50))},
		{"repositories-filtered", all(filtered, g.repositories(5))},
		{"repositories-none-match", all(none, nil)},
		{"repositories-empty", views.AllRepositories(views.AllRepositoriesPage{
			Frame: g.frame("Repositories", ui.NavRepositories), List: views.RepositoryList{List: ui.List{Page: 1, PerPage: 50}},
		})},
		{"views-empty", views.SavedViews(views.SavedViewsPage{Frame: g.frame("Saved views", "")})},
		{"views", views.SavedViews(views.SavedViewsPage{Frame: g.frame("Saved views", ""), Views: []views.SavedView{
			{View: db.View{ID: 1, Name: "Go services", List: db.ViewRepositories, Query: "archived=false&language=Go"}, Installations: []db.InstallationRecord{g.installation(2, "abyssal"), g.personal()}},
			{View: db.View{ID: 2, Name: longName(100), InstallationID: 2, Account: "abyssal", List: db.ViewImports, Query: "topic=ocean"}},
			{View: db.View{ID: 3, Name: "<b>Stale</b>", List: db.ViewImports, Query: "pushed_before=2026-01-01"}, NoRule: "Can't be an auto-import rule: it depends on when a repository was last pushed to. Open the view and import what it shows, or save it without that filter."},
			{View: db.View{ID: 4, Name: "Elsewhere", InstallationID: 9, List: db.ViewRepositories, Hidden: true}},
		}})},
		{"use-list", g.useList(3)},
		{"use-list-long", g.useList(300)},
	}, g.bulkActions()...)
}

func (g gallery) useList(n int) templ.Component {
	list := recipes.List{URL: "https://neptun.example/api/users/me/repositories.json?language=Go", GitHubURL: "https://github.com"}
	for i := range n {
		r := g.repository(i)
		list.Repositories = append(list.Repositories, recipes.Repository{Owner: r.Owner, Name: r.Name, URL: r.HTMLURL, Branch: r.DefaultBranch})
	}
	page := views.UseListPage{
		Frame: g.frame("Use this list", ""), Back: "/repositories?language=Go", Found: ui.Counted(int64(n), "repository", "repositories") + ", exactly as filtered.",
		Files: []views.UseFile{{Title: "CSV", URL: "#csv"}, {Title: "NDJSON", URL: "#ndjson"}, {Title: "JSON", URL: "#json"}},
	}
	for _, recipe := range recipes.All {
		page.Uses = append(page.Uses, views.Use{
			ID: recipe.ID, Title: recipe.Title, About: recipe.About, LeftOut: recipe.LeftOut(list), Download: "#" + recipe.ID, Text: recipe.Write(list),
		})
	}
	return views.UseList(page)
}

func (g gallery) bulkActions() []State {
	state := func(name string, kind db.ActionKind, confirmed bool, statuses ...db.BulkStatus) State {
		bulk := db.BulkAction{ID: 7, Kind: kind, InstallationID: 2}
		undo := ""
		if confirmed {
			bulk.ConfirmedAt, bulk.ActionID, undo = g.ago(time.Minute), 5, views.UndoPath(5, "/repositories")
		}
		for i, status := range statuses {
			r := g.repository(i)
			row := db.BulkRow{RepositoryID: r.ID, Owner: r.Owner, Name: r.Name, HTMLURL: r.HTMLURL, InstallationID: 2, Status: status}
			if status == db.BulkNotFound {
				row = db.BulkRow{RepositoryID: r.ID, Status: status}
			}
			bulk.Rows = append(bulk.Rows, row)
		}
		page := views.BulkActionPage{Frame: g.frame(views.BulkActionTitle(bulk), ""), Bulk: bulk, Page: 1, PerPage: 100, ReturnTo: "/repositories", Undo: undo}
		return State{"bulk-action-" + name, views.BulkAction(page)}
	}
	return []State{
		state("import", db.ActionImport, false, db.BulkImport, db.BulkImport, db.BulkAlreadyImported, db.BulkSuspended, db.BulkNotFound),
		state("import-nothing", db.ActionImport, false, db.BulkAlreadyImported, db.BulkNotFound),
		state("imported", db.ActionImport, true, db.BulkImported, db.BulkImported, db.BulkAlreadyImported, db.BulkSuspended, db.BulkNotFound),
		state("remove", db.ActionRemove, false, db.BulkRemove, db.BulkNotImported),
		state("removed", db.ActionRemove, true, db.BulkRemoved, db.BulkNotImported),
	}
}
