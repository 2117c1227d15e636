package handlers

import (
	"neptun/db"
	"neptun/handlers/web"
	"neptun/views"

	"github.com/labstack/echo/v4"
)

const (
	pageSize    = 50  // rows on a page for people
	apiPageSize = 100 // rows of a paged list in JSON, unless per_page says else
	maxPerPage  = 100
	maxPage     = 1_000_000
)

var (
	choices        = []string{"true", "false"}
	visibilities   = []string{"public", "private", "internal"}
	availableSorts = []string{"name", "-name", "pushed_at", "-pushed_at", "size_kb", "-size_kb"}
	importSorts    = append([]string{"id", "-id"}, availableSorts...)
)

func readFilter(p *web.Params) db.Filter {
	return db.Filter{
		Query:      p.Text("q"),
		Imported:   db.Choice(p.OneOf("imported", choices)),
		Visibility: p.OneOf("visibility", visibilities),
		Language:   p.Text("language"),
		Archived:   db.Choice(p.OneOf("archived", choices)),
		Fork:       db.Choice(p.OneOf("fork", choices)),
		Topic:      p.Text("topic"),
		Repository: p.FullName("repository"),
	}
}

// listParams say which part of a list is asked for, and how it is ordered.
type listParams struct {
	Filter  db.Filter
	Sort    db.Sort
	own     db.Sort // the list's own order, where none is asked for
	Page    int
	PerPage int // 0 for all of the list
}

// readList reads the parameters of a list on a page, where the page size is fixed.
func readList(c echo.Context, sorts []string, fallback db.Sort) (listParams, error) {
	p := web.Query(c)
	list := readListParams(&p, sorts, fallback)
	list.PerPage = pageSize
	return list, p.Err()
}

// readScriptList reads the parameters of a list for scripts: a page of it where
// one is asked for, and all of it otherwise.
func readScriptList(c echo.Context, sorts []string, fallback db.Sort) (listParams, error) {
	if c.Request().URL.RawQuery == "" {
		return listParams{Sort: fallback, own: fallback, Page: 1}, nil
	}
	p := web.Query(c)
	list := readListParams(&p, sorts, fallback)
	list.PerPage = readPerPage(&p)
	return list, p.Err()
}

func readListParams(p *web.Params, sorts []string, fallback db.Sort) listParams {
	list := listParams{
		Filter: readFilter(p),
		Sort:   db.Sort(p.OneOf("sort", sorts)),
		Page:   p.Number("page", 1, maxPage),
		own:    fallback,
	}
	if list.Sort == "" {
		list.Sort = fallback
	}
	return list
}

// readPerPage is how many rows of a list for scripts are asked for: 0, which is
// all, where no page is.
func readPerPage(p *web.Params) int {
	if p.Values.Get("page") == "" && p.Values.Get("per_page") == "" {
		return 0
	}
	return p.Number("per_page", apiPageSize, maxPerPage)
}

func (l listParams) window() db.Page { return window(l.Page, l.PerPage) }

// window is a page of a list, or all of it where a page has 0 rows.
func window(page, perPage int) db.Page {
	if perPage == 0 {
		return db.Page{}
	}
	return db.Page{Limit: perPage, Offset: (page - 1) * perPage}
}

// view is the list as a page draws it, with so many rows on all pages.
func (l listParams) view(total int64) views.List {
	list := views.List{Filter: l.Filter, Sort: l.Sort, Page: l.Page, PerPage: l.PerPage, Total: total}
	if l.Sort == l.own {
		list.Sort = ""
	}
	return list
}
