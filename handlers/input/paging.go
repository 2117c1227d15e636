// Package input reads the parameters, forms and bodies of requests into values and
// validates them.
package input

import (
	"strings"

	"neptun/db"
	"neptun/handlers/openapi"
	"neptun/handlers/web"
	"neptun/views/ui"

	"github.com/labstack/echo/v4"
)

const (
	// PageSize is the number of rows on a page.
	PageSize = 50
	// APIPageSize is the default of per_page.
	APIPageSize = 100
	maxPerPage  = 100
	// MaxPage is the highest page number that is accepted.
	MaxPage = 1_000_000
)

// Paging is the page of a list that a request selects.
type Paging struct {
	Page    int
	PerPage int      // 0 for the whole list
	After   *string  // the cursor from the previous page; empty for the first page, nil for paging by number
	ignored []string // unknown parameters in the URL of a page
}

// ErrCursor is for an after parameter that isn't a cursor of the list in its order.
var ErrCursor = web.InvalidField("after", "isn't a cursor of this list in this order")

// onPage reports whether a request is for an HTML page, whose size is fixed.
func onPage(c echo.Context) bool { return !web.IsAPI(c.Request().URL.Path) }

// readPaging reads which page is requested. Scripts get the whole list unless they
// request a page. known is the operation with the parameters of the page.
func readPaging(c echo.Context, p *web.Params, known openapi.Operation) Paging {
	paging := Paging{Page: p.Number("page", 1, MaxPage)}
	switch {
	case onPage(c):
		paging.PerPage = PageSize
		paging.ignored = web.UnknownParameters(c, known.QueryNames())
	case p.Values.Has("after"):
		after := p.Values.Get("after")
		paging.After, paging.PerPage = &after, p.Number("per_page", APIPageSize, maxPerPage)
		if p.Values.Get("page") != "" {
			p.Add("after", "can't be combined with page")
		}
	case p.Values.Get("page") != "" || p.Values.Get("per_page") != "":
		paging.PerPage = p.Number("per_page", APIPageSize, maxPerPage)
	}
	return paging
}

// ReadCursor reads a page of a list that is paged by id, newest first: the id before
// which it begins, 0 for the first page, and its size.
func ReadCursor(c echo.Context) (before int64, perPage int, err error) {
	p := web.Query(c)
	before, perPage = p.ID("before"), PageSize
	if !onPage(c) {
		perPage = p.Number("per_page", APIPageSize, maxPerPage)
	}
	return before, perPage, p.Err()
}

// Window returns the page as db expects it.
func (p Paging) Window() db.Page {
	switch {
	case p.PerPage == 0:
		return db.Page{}
	case p.After != nil:
		return db.Page{Limit: p.PerPage, After: *p.After}
	}
	return db.Page{Limit: p.PerPage, Offset: (p.Page - 1) * p.PerPage}
}

// Notices name the parameters that were ignored.
func (p Paging) Notices() []ui.Notice {
	if len(p.ignored) == 0 {
		return nil
	}
	return []ui.Notice{{Kind: ui.KindWarning, Text: "Unknown filters are ignored: " + strings.Join(p.ignored, ", ") + "."}}
}
