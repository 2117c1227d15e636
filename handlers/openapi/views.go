package openapi

import (
	"net/http"
	"net/url"
	"strings"

	"neptun/db"
)

var savedViews = Group{"Views", "Filters of a list that the user saved under a name."}

const viewsPath = user + "/views"

// ListViews lists a user's saved views.
var ListViews = Operation{
	Group: savedViews, Method: http.MethodGet, Path: viewsPath, ID: "listViews", Summary: "List saved views",
	Description: "Returns all saved views, sorted by name, also those of installations that are no longer accessible. Requires access to all installations.",
	Caching:     Stored,
	Responses:   returns[[]View](http.StatusOK, "The views"),
}

// CreateView saves a view.
var CreateView = Operation{
	Group: savedViews, Method: http.MethodPost, Path: viewsPath, ID: "createView", Summary: "Save a view",
	Description: "Saves a filter under a name. The query has the parameters of the list; `page` and `per_page` aren't saved. Requires access to all installations.",
	Body:        body[ViewBody](`{"name":"Go services","installation_id":null,"query":"language=Go&archived=false"}`),
	Responses:   returns[View](http.StatusCreated, "The view"),
	Errors: []Error{
		{http.StatusNotFound, "Installation not found"},
		{http.StatusConflict, "A view with this name exists, or the user has the maximum number of views"},
	},
}

// DeleteView deletes a view.
var DeleteView = Operation{
	Group: savedViews, Method: http.MethodDelete, Path: viewsPath + "/{view_id}", ID: "deleteView", Summary: "Delete a saved view",
	Description: "Deletes a view. Repositories and imports aren't affected. Requires access to all installations.",
	Responses:   returnsNothing("The view is deleted"),
	Errors:      []Error{{http.StatusNotFound, "View not found"}},
}

// ViewBody is a view to save.
type ViewBody struct {
	Name           string `json:"name" doc:"A name that no other view of the user has" min:"1" max:"100" example:"Go services"`
	InstallationID *int64 `json:"installation_id,omitempty" doc:"The id of the installation record; null for all installations" null:"true" example:"12345"`
	List           string `json:"list,omitempty" doc:"The list that is filtered; repositories if it is left out" enum:"repositories,imports"`
	Query          string `json:"query" doc:"The filters and the sort, as in a URL" max:"2048" example:"language=Go&archived=false"`
}

// View is a saved view.
type View struct {
	ID             int64  `json:"id" doc:"The id of the view" example:"7"`
	Name           string `json:"name" doc:"The name" example:"Go services"`
	InstallationID *int64 `json:"installation_id" doc:"The id of the installation record; null for all installations" example:"12345"`
	List           string `json:"list" doc:"The list that is filtered" enum:"repositories,imports"`
	Query          string `json:"query" doc:"The filters and the sort, as in a URL" example:"archived=false&language=Go"`
	Accessible     bool   `json:"accessible" doc:"False while GitHub doesn't show the user the installation" example:"true"`
	URL            URL    `json:"url" doc:"The page that shows it" example:"https://neptun.example.com/repositories?archived=false&language=Go"`
	CreatedAt      Time   `json:"created_at" doc:"When it was saved"`
}

// ToView converts a view; page is the path of its page.
func ToView(v db.View, base *url.URL, page string) View {
	path, query, _ := strings.Cut(page, "?")
	address := base.JoinPath(path)
	address.RawQuery = query
	view := View{ID: v.ID, Name: v.Name, List: v.List, Query: v.Query, Accessible: !v.Hidden, URL: URL(address.String()), CreatedAt: TimeOf(v.CreatedAt)}
	if v.InstallationID != 0 {
		view.InstallationID = &v.InstallationID
	}
	return view
}
