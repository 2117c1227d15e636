package input

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"neptun/db"
	"neptun/handlers/openapi"
	"neptun/handlers/web"
	"neptun/views/ui"

	"github.com/labstack/echo/v4"
)

var (
	choices      = []string{"true", "false"}
	permissions  = []string{"admin", "maintain", "push", "triage", "pull"}
	visibilities = []string{"public", "private", "internal"}

	// AvailableSorts are the orders of repositories; the first is the default for scripts.
	AvailableSorts = []string{"name", "-name", "pushed_at", "-pushed_at", "size_kb", "-size_kb"}
	// ImportSorts are the orders of imports; the first is the default for scripts.
	ImportSorts = append([]string{"id", "-id"}, AvailableSorts...)
)

// ReadFilter reads the filters of a list of repositories or imports.
func ReadFilter(p *web.Params) db.Filter {
	name, value, _ := strings.Cut(p.Text("custom_property"), ":")
	return db.Filter{
		Query:      p.Text("q"),
		Imported:   db.Choice(p.OneOf("imported", choices)),
		Visibility: p.OneOf("visibility", visibilities),
		Language:   p.Text("language"),
		Archived:   db.Choice(p.OneOf("archived", choices)),
		Fork:       db.Choice(p.OneOf("fork", choices)),
		Topic:      p.Text("topic"),
		Repository: p.FullName("repository"),

		RepositoryID: p.ID("repository_id"),
		License:      p.Text("license"),
		Template:     db.Choice(p.OneOf("template", choices)),
		Permission:   p.OneOf("permission", permissions),
		PushedSince:  p.Time("pushed_since"),
		PushedBefore: p.Time("pushed_before"),
		Account:      p.Text("account"), // of lists over all installations

		PropertyName: name, PropertyValue: value,
	}
}

// List is the part of a list of repositories or imports that a request selects,
// and its order.
type List struct {
	Paging
	Filter db.Filter
	Sort   db.Sort
	own    db.Sort // the default order
}

// ReadList reads the parameters of a list. The default order is own for pages, and
// the first of sorts for scripts.
func ReadList(c echo.Context, sorts []string, own db.Sort) (List, error) {
	if !onPage(c) && len(sorts) > 0 {
		own = db.Sort(sorts[0])
	}
	known := openapi.ListAllImports
	if c.Param("installation_id") != "" {
		known = openapi.ListImports
	}
	p := web.Query(c)
	list := List{
		Paging: readPaging(c, &p, known),
		Filter: ReadFilter(&p),
		Sort:   cmp.Or(db.Sort(p.OneOf("sort", sorts)), own),
		own:    own,
	}
	switch id := p.ID("id"); {
	case id == 0:
	case slices.Contains(sorts, string(db.SortID)): // a list of imports
		list.Filter.ImportID = id
	default:
		list.Filter.RepositoryID = id
	}
	return list, p.Err()
}

// ReadSaved reads the query of a saved view and returns it as the list's own links
// write it.
func ReadSaved(p *web.Params, imports, all bool) url.Values {
	operation, sorts := openapi.ListRepositories, AvailableSorts
	switch {
	case imports && all:
		operation, sorts = openapi.ListAllImports, ImportSorts
	case imports:
		operation, sorts = openapi.ListImports, ImportSorts
	case all:
		operation = openapi.ListAllRepositories
	}
	known := operation.QueryNames()
	for name := range p.Values {
		if !slices.Contains(known, name) {
			p.Add("query", "has "+name+", which isn't a known parameter. Known are "+strings.Join(known, ", "))
		}
	}
	filter, sort := ReadFilter(p), db.Sort(p.OneOf("sort", sorts))
	return ui.Query(filter, sort, 1)
}

// SavedFilter returns the filter in the query of a saved view, which ReadSaved has
// checked.
func SavedFilter(query string) (db.Filter, error) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return db.Filter{}, err
	}
	p := web.Params{Values: values}
	return ReadFilter(&p), nil
}

// View returns what the page shows of the list; total is the number of rows on all
// pages.
func (l List) View(total int64) ui.List {
	list := ui.List{Filter: l.Filter, Sort: l.Sort, Page: l.Page, PerPage: l.PerPage, Total: total}
	if l.Sort == l.own {
		list.Sort = ""
	}
	return list
}
