package handlers

import (
	"neptun/db"
	"neptun/handlers/web"
	"neptun/views"

	"github.com/labstack/echo/v4"
)

var installationOrders = []string{
	string(db.OrderByID), string(db.OrderByIDDesc), string(db.OrderByLogin), string(db.OrderByLoginDesc),
}

// installationParams say which part of a list of installations is asked for, and
// how it is ordered.
type installationParams struct {
	Filter  db.InstallationFilter
	Order   db.InstallationOrder
	own     db.InstallationOrder // the list's own order, where none is asked for
	Page    int
	PerPage int // 0 for all of the list
}

// readInstallations reads the parameters of a list on a page: it is ordered by
// the accounts' names unless another order is asked for.
func readInstallations(c echo.Context) (installationParams, error) {
	p := web.Query(c)
	list := readInstallationParams(&p, db.OrderByLogin)
	list.PerPage = pageSize
	return list, p.Err()
}

// readScriptInstallations reads the parameters of a list for scripts: a page of
// it where one is asked for, and all of it otherwise.
func readScriptInstallations(c echo.Context) (installationParams, error) {
	if c.Request().URL.RawQuery == "" {
		return installationParams{Order: db.OrderByID, own: db.OrderByID, Page: 1}, nil
	}
	p := web.Query(c)
	list := readInstallationParams(&p, db.OrderByID)
	list.PerPage = readPerPage(&p)
	return list, p.Err()
}

func readInstallationParams(p *web.Params, own db.InstallationOrder) installationParams {
	list := installationParams{
		Filter: db.InstallationFilter{
			Query:     p.Text("q"),
			Account:   p.Text("account"),
			Suspended: db.Choice(p.OneOf("suspended", choices)),
		},
		Order: db.InstallationOrder(p.OneOf("sort", installationOrders)),
		Page:  p.Number("page", 1, maxPage),
		own:   own,
	}
	if list.Order == "" {
		list.Order = own
	}
	return list
}

func (l installationParams) window() db.Page { return window(l.Page, l.PerPage) }

// view is the list as a page draws it, with so many rows on all pages.
func (l installationParams) view(total int64) views.List {
	list := views.List{Filter: db.Filter{Query: l.Filter.Query}, Sort: db.Sort(l.Order), Page: l.Page, PerPage: l.PerPage, Total: total}
	if l.Order == l.own {
		list.Sort = ""
	}
	return list
}
