package views

import (
	"net/url"
	"slices"

	"neptun/db"
	"neptun/views/ui"
)

// SavedViewsPage lists a user's saved views.
type SavedViewsPage struct {
	Frame ui.Frame
	Views []SavedView
}

// SavedView is a saved view on its page.
type SavedView struct {
	db.View
	// NoRule says why the view can't be a rule of auto-import; empty if it can.
	NoRule string
	// Installations are those that a view over all of them can be a rule of.
	Installations []db.InstallationRecord
}

// ViewPath is the page that shows a saved view.
func ViewPath(v db.View) string {
	switch {
	case v.InstallationID != 0 && v.List == db.ViewImports:
		query, _ := url.ParseQuery(v.Query) // it was written by Encode
		query.Set("imported", string(db.Yes))
		return withQuery(ui.InstallationPath(v.InstallationID), query.Encode())
	case v.InstallationID != 0:
		return withQuery(ui.InstallationPath(v.InstallationID), v.Query)
	case v.List == db.ViewImports:
		return withQuery("/imports", v.Query)
	}
	return withQuery(allRepositoriesPath, v.Query)
}

// viewFile is all of a view as a file.
func viewFile(v db.View, suffix string) string {
	path := "/api/users/me"
	if v.InstallationID != 0 {
		path += ui.InstallationPath(v.InstallationID)
	}
	return withQuery(path+"/"+v.List+suffix, v.Query)
}

func withQuery(path, query string) string {
	if query == "" {
		return path
	}
	return path + "?" + query
}

// ViewRulePath is the page that tries a view as a rule of an installation's
// auto-import.
func ViewRulePath(installationID, viewID int64) string {
	return AutoImportPath(installationID) + "?view=" + ui.IdFor("", viewID)
}

func viewOf(v db.View) string {
	if v.Hidden {
		return "You no longer have access to this view's installation. If it comes back, so does the view."
	}
	what := "Repositories"
	if v.List == db.ViewImports {
		what = "Imports"
	}
	if v.Account != "" {
		return what + " of " + v.Account
	}
	return what + " of all accounts"
}

// listTools are what can be done with all rows of a list.
type listTools struct {
	List ui.List
	// Path is the list's page.
	Path string
	// InstallationID is 0 for a list over all installations.
	InstallationID int64
	Of             string // db.ViewRepositories or db.ViewImports
	Views          []db.View
}

// shown are the views that can be opened.
func (t listTools) shown() []db.View {
	return slices.DeleteFunc(slices.Clone(t.Views), func(v db.View) bool { return v.Hidden })
}

// query is the current filter and order.
func (t listTools) query() string { return ui.Query(t.List.Filter, t.List.Sort, 1).Encode() }

func (t listTools) use() string { return withQuery(t.Path+"/use", t.query()) }
