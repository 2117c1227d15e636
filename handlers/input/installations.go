package input

import (
	"cmp"
	"net/url"

	"neptun/db"
	"neptun/handlers/openapi"
	"neptun/handlers/web"
	"neptun/views/ui"

	"github.com/labstack/echo/v4"
)

var installationOrders = []string{
	string(db.OrderByID), string(db.OrderByIDDesc), string(db.OrderByLogin), string(db.OrderByLoginDesc),
}

// Installations is the part of a list of installations that a request selects,
// and its order.
type Installations struct {
	Paging
	Filter db.InstallationFilter
	// Outdated and Drift filter the app's installations by the permissions that
	// they haven't granted.
	Outdated, Drift db.Choice
	extra           url.Values // the filters that aren't in a form
	Order           db.InstallationOrder
	own             db.InstallationOrder // the default order
}

// ReadInstallations reads the parameters of a list of installations. By default
// pages are sorted by the accounts' names, and lists for scripts by id.
func ReadInstallations(c echo.Context) (Installations, error) {
	own := db.OrderByID
	if onPage(c) {
		own = db.OrderByLogin
	}
	p := web.Query(c)
	list := Installations{
		Paging: readPaging(c, &p, openapi.ListAppInstallations),
		Filter: db.InstallationFilter{
			Query:     p.Text("q"),
			Account:   p.Text("account"),
			Suspended: db.Choice(p.OneOf("suspended", choices)),
			GitHubID:  p.ID("github_installation_id"),
			Since:     p.Time("since"),
		},
		Order: cmp.Or(db.InstallationOrder(p.OneOf("sort", installationOrders)), own),
		own:   own,

		Outdated: db.Choice(p.OneOf("outdated", choices)),
		Drift:    db.Choice(p.OneOf("drift", choices)),
		extra:    url.Values{},
	}
	for _, name := range []string{"account", "suspended", "github_installation_id", "since", "outdated", "drift"} {
		if value := p.Values.Get(name); value != "" {
			list.extra.Set(name, value)
		}
	}
	return list, p.Err()
}

// View returns what the page shows of the list; total is the number of rows on all
// pages.
func (l Installations) View(total int64) ui.List {
	list := ui.List{Filter: db.Filter{Query: l.Filter.Query}, Sort: db.Sort(l.Order), Page: l.Page, PerPage: l.PerPage, Total: total, Kept: l.extra}
	if l.Order == l.own {
		list.Sort = ""
	}
	return list
}
