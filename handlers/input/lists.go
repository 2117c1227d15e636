package input

import (
	"net/url"
	"slices"
	"strings"

	"neptun/db"
	"neptun/handlers/openapi"
	"neptun/handlers/web"
	"neptun/views/ui"

	"github.com/labstack/echo/v4"
)

const (
	PageSize    = 50  // rows on a page for people
	APIPageSize = 100 // rows of a paged list in JSON, unless per_page says else
	MaxPerPage  = 100
	MaxPage     = 1_000_000
)

var (
	choices        = []string{"true", "false"}
	permissions    = []string{"admin", "maintain", "push", "triage", "pull"}
	visibilities   = []string{"public", "private", "internal"}
	AvailableSorts = []string{"name", "-name", "pushed_at", "-pushed_at", "size_kb", "-size_kb"}
	ImportSorts    = append([]string{"id", "-id"}, AvailableSorts...)
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
		Account:      p.Text("account"), // of lists over all installations

		PropertyName: name, PropertyValue: value,
	}
}

// List say which part of a list is asked for, and how it is ordered.
type List struct {
	Filter  db.Filter
	Sort    db.Sort
	own     db.Sort // the list's own order, where none is asked for
	Page    int
	PerPage int // 0 for all of the list
	ignored ignoredParameters
}

// ignoredParameters are those that a page was asked for with and doesn't know.
type ignoredParameters []string

// explain says on the page of a list what was ignored: the list isn't narrowed
// by it.
func (i ignoredParameters) Explain(frame *ui.Frame) {
	if len(i) > 0 {
		frame.Notices = append(frame.Notices, ui.Notice{Kind: ui.KindWarning, Text: "Unknown filters are ignored: " + strings.Join(i, ", ") + "."})
	}
}

func (l List) Explain(frame *ui.Frame) { l.ignored.Explain(frame) }

// readList reads the parameters of a list: of a page, where the page size is
// fixed and own is the order where none is asked for; or for scripts, which get a
// page where one is asked for, and all of it in the order of ids or names
// otherwise.
func ReadList(c echo.Context, sorts []string, own db.Sort) (List, error) {
	p := web.Query(c)
	if !web.IsAPI(c.Request().URL.Path) {
		list := readListParams(&p, sorts, own)
		list.PerPage = PageSize
		known := openapi.ListAllImports
		if c.Param("installation_id") != "" {
			known = openapi.ListImports
		}
		list.ignored = web.UnknownParameters(c, known.QueryNames())
		return list, p.Err()
	}
	if len(sorts) > 0 {
		own = db.Sort(sorts[0])
	}
	list := readListParams(&p, sorts, own)
	list.PerPage = readPerPage(&p)
	return list, p.Err()
}

func readListParams(p *web.Params, sorts []string, fallback db.Sort) List {
	list := List{
		Filter: ReadFilter(p),
		Sort:   db.Sort(p.OneOf("sort", sorts)),
		Page:   p.Number("page", 1, MaxPage),
		own:    fallback,
	}
	if list.Sort == "" {
		list.Sort = fallback
	}
	switch id := p.ID("id"); {
	case id == 0:
	case slices.Contains(sorts, string(db.SortID)): // a list of imports
		list.Filter.ImportID = id
	default:
		list.Filter.RepositoryID = id
	}
	return list
}

// ReadSaved reads the query of a saved view, and writes it as the list's own links
// do: of imports, or of what can be imported; over all installations, or one.
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
	list := readListParams(p, sorts, "")
	return ui.Query(list.Filter, list.Sort, 1)
}

// readPerPage is how many rows of a list for scripts are asked for: 0, which is
// all, where no page is.
func readPerPage(p *web.Params) int {
	if p.Values.Get("page") == "" && p.Values.Get("per_page") == "" {
		return 0
	}
	return p.Number("per_page", APIPageSize, MaxPerPage)
}

func (l List) Window() db.Page { return Window(l.Page, l.PerPage) }

// window is a page of a list, or all of it where a page has 0 rows.
func Window(page, perPage int) db.Page {
	if perPage == 0 {
		return db.Page{}
	}
	return db.Page{Limit: perPage, Offset: (page - 1) * perPage}
}

// view is the list as a page draws it, with so many rows on all pages.
func (l List) View(total int64) ui.List {
	list := ui.List{Filter: l.Filter, Sort: l.Sort, Page: l.Page, PerPage: l.PerPage, Total: total}
	if l.Sort == l.own {
		list.Sort = ""
	}
	return list
}
