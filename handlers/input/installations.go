package input

import (
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

// Installations say which part of a list of installations is asked for, and
// how it is ordered.
type Installations struct {
	Filter db.InstallationFilter
	// Outdated and Drift choose among the App's by what they haven't granted.
	Outdated, Drift db.Choice
	kept            url.Values // the filters that aren't in a form
	Order           db.InstallationOrder
	own             db.InstallationOrder // the list's own order, where none is asked for
	Page            int
	PerPage         int // 0 for all of the list
	ignored         ignoredParameters
}

func (l Installations) Explain(frame *ui.Frame) { l.ignored.Explain(frame) }

// ReadInstallations reads the parameters of a list of installations: of a page,
// which is ordered by the accounts' names unless another order is asked for; or
// for scripts, which get a page where one is asked for, and all of it by id
// otherwise.
func ReadInstallations(c echo.Context) (Installations, error) {
	p := web.Query(c)
	if !web.IsAPI(c.Request().URL.Path) {
		list := readInstallationParams(&p, db.OrderByLogin)
		list.PerPage = PageSize
		list.ignored = web.UnknownParameters(c, openapi.ListAppInstallations.QueryNames())
		return list, p.Err()
	}
	list := readInstallationParams(&p, db.OrderByID)
	list.PerPage = readPerPage(&p)
	return list, p.Err()
}

func readInstallationParams(p *web.Params, own db.InstallationOrder) Installations {
	list := Installations{
		Filter: db.InstallationFilter{
			Query:     p.Text("q"),
			Account:   p.Text("account"),
			Suspended: db.Choice(p.OneOf("suspended", choices)),
			GitHubID:  p.ID("github_installation_id"),
			Since:     p.Time("since"),
		},
		Order: db.InstallationOrder(p.OneOf("sort", installationOrders)),
		Page:  p.Number("page", 1, MaxPage),
		own:   own,

		Outdated: db.Choice(p.OneOf("outdated", choices)),
		Drift:    db.Choice(p.OneOf("drift", choices)),
		kept:     url.Values{},
	}
	for _, name := range []string{"account", "suspended", "github_installation_id", "since", "outdated", "drift"} {
		if value := p.Values.Get(name); value != "" {
			list.kept.Set(name, value)
		}
	}
	if list.Order == "" {
		list.Order = own
	}
	return list
}

func (l Installations) Window() db.Page { return Window(l.Page, l.PerPage) }

// view is the list as a page draws it, with so many rows on all pages.
func (l Installations) View(total int64) ui.List {
	list := ui.List{Filter: db.Filter{Query: l.Filter.Query}, Sort: db.Sort(l.Order), Page: l.Page, PerPage: l.PerPage, Total: total, Kept: l.kept}
	if l.Order == l.own {
		list.Sort = ""
	}
	return list
}
