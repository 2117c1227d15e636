// Package gallery shows every page in all its states, with data that pages often
// break on. neptun demo serves it under /gallery, and tests go through it.
package gallery

import (
	"net/http"
	"strconv"
	"time"

	"neptun/db"
	"neptun/views"
	"neptun/views/ui"

	"github.com/a-h/templ"
)

// State is a page in one of the states it can be in.
type State struct {
	// Name is unique, and valid as a file name and in a path.
	Name      string
	Component templ.Component
}

// States returns every page in all its states, with data that pages often break on.
func States(now time.Time) []State {
	g := gallery{now}
	all := append(g.people(), g.setups()...)
	all = append(all, g.installationLists()...)
	all = append(all, g.installations()...)
	all = append(all, g.imports()...)
	all = append(all, g.lists()...)
	all = append(all, g.lifecycle()...)
	all = append(all, g.automaticImport()...)
	all = append(all, g.history()...)
	all = append(all, g.overview()...)
	all = append(all, g.account()...)
	all = append(all, g.tokenStates()...)
	all = append(all, g.sessionStates()...)
	all = append(all, g.securityLog()...)
	all = append(all, g.doctor()...)
	all = append(all, g.app()...)
	all = append(all, g.docs()...)
	return append(all, g.errors()...)
}

type gallery struct{ now time.Time }

func (g gallery) ago(d time.Duration) time.Time { return g.now.Add(-d) }

func (g gallery) frame(title string, nav ui.Nav, notices ...ui.Notice) ui.Frame {
	return ui.Frame{
		Title: title, Nav: nav, Notices: notices, Now: g.now,
		User:      &db.User{ID: "01J", GitHubID: 1, Login: "octavia", Name: "Octavia Marsh"},
		GitHubURL: "https://github.com", AppName: "Neptun",
		InstallURL: "https://github.com/apps/neptun/installations/new",
	}
}

func (g gallery) stranger(title string) ui.Frame {
	f := g.frame(title, ui.NavNone)
	f.User = nil
	return f
}

func (g gallery) people() []State {
	demo := g.stranger("")
	demo.Demo = true
	return []State{
		{"landing", views.Landing(views.LandingPage{Frame: g.stranger(""), ReturnTo: "/installations"})},
		{"landing-demo", views.Landing(views.LandingPage{Frame: demo})},
		{"login", views.Login(views.LoginPage{Frame: g.stranger("Sign in"), ReturnTo: "/installations/7?q=a&page=2"})},
		{"login-reason", views.Login(views.LoginPage{Frame: g.stranger("Sign in"), Reason: "Sign in again: GitHub no longer confirms your access."})},
	}
}

func (g gallery) installationLists() []State {
	page := func(s db.Sync, synced time.Time, list ...db.InstallationRecord) templ.Component {
		return views.Installations(views.InstallationsPage{Frame: g.frame("Installations", ui.NavInstallations), Installations: list, Sync: s, SyncedAt: synced})
	}
	fresh, old := g.ago(3*time.Minute), g.ago(26*time.Hour)
	syncing := g.installation(4, "tidewater")
	syncing.Sync = db.Sync{State: db.SyncRunning, PagesDone: 3, PagesTotal: 9, RepositoriesSeen: 300}
	failed := g.installation(5, "reef-labs")
	failed.Sync = db.Sync{State: db.SyncFailed, Message: "GitHub answered 502."}
	never := g.installation(6, "new-arrival")
	never.SyncedAt, never.RepositoryCount, never.ImportCount = time.Time{}, 0, 0
	long := g.installation(7, longName(39))
	long.Account.Kind = db.KindEnterprise
	many := views.InstallationsPage{Frame: g.frame("Installations", ui.NavInstallations), SyncedAt: fresh, List: ui.List{Page: 1, PerPage: 50, Total: 64, Sort: "-account"}}
	for id := range int64(12) {
		many.Installations = append(many.Installations, g.installation(20+id, galleryNames[id]))
	}
	none := views.InstallationsPage{Frame: many.Frame, SyncedAt: fresh, List: ui.List{Page: 1, PerPage: 50, Filter: db.Filter{Query: "atlantis"}}}
	noInstall := g.frame("Installations", ui.NavInstallations)
	noInstall.InstallURL = ""
	return []State{
		{"installations", page(db.Sync{State: db.SyncIdle}, fresh, g.personal(), g.installation(2, "abyssal"), g.suspended(), syncing, failed, never, long)},
		{"installations-many", views.Installations(many)},
		{"installations-none-match", views.Installations(none)},
		{"installations-one", page(db.Sync{State: db.SyncIdle}, fresh, g.personal())},
		{"installations-empty", page(db.Sync{}, fresh)},
		{"installations-empty-no-link", views.Installations(views.InstallationsPage{Frame: noInstall, SyncedAt: fresh})},
		{"installations-first-sync", page(db.Sync{State: db.SyncRunning}, time.Time{})},
		{"installations-unread", page(db.Sync{}, time.Time{})},
		{"installations-first-failed", page(db.Sync{State: db.SyncFailed, Message: "GitHub answered 502."}, time.Time{})},
		{"installations-failed", page(db.Sync{State: db.SyncFailed, Message: "GitHub couldn't be reached."}, old, g.personal(), g.installation(2, "abyssal"))},
		{"installations-waiting", page(db.Sync{State: db.SyncWaiting, RetryAt: g.now.Add(17 * time.Minute)}, old, g.personal())},
		{"installations-queued", page(db.Sync{State: db.SyncQueued}, old, g.personal())},
	}
}

func (g gallery) installations() []State {
	state := func(name string, change func(*views.RepositoriesPage)) State {
		p := views.RepositoriesPage{
			Frame:        g.frame("abyssal", ui.NavInstallations),
			Installation: g.installation(2, "abyssal"),
			Facets:       facets(),
			List:         views.RepositoryList{List: ui.List{Page: 1, PerPage: 50, Total: 10_000}, Items: g.repositories(50)},
		}
		p.Installation.RepositoryCount = 10_000
		change(&p)
		return State{"installation" + name, views.Repositories(p)}
	}
	sync := func(s db.Sync) func(*views.RepositoriesPage) {
		return func(p *views.RepositoriesPage) { p.Installation.Sync, p.Installation.SyncedAt = s, g.ago(5*time.Hour) }
	}
	empty := func(change func(*views.RepositoriesPage)) func(*views.RepositoriesPage) {
		return func(p *views.RepositoriesPage) {
			p.List, p.Facets = views.RepositoryList{List: ui.List{Page: 1, PerPage: 50}}, db.Facets{}
			p.Installation.RepositoryCount, p.Installation.ImportCount = 0, 0
			change(p)
		}
	}
	return []State{
		state("", func(*views.RepositoriesPage) {}),
		state("-demo-notices", func(p *views.RepositoriesPage) {
			p.Frame.Demo = true
			p.Frame.Notices = []ui.Notice{
				{Kind: ui.KindSuccess, Text: "3 repositories are imported."},
				{Kind: ui.KindWarning, Text: "2 could not be imported: they are no longer there, or not yours to see.", Details: []string{"abyssal/lantern", "abyssal/<b>brine</b>"}},
				{Kind: ui.KindInfo, Text: "1 was imported already."},
				{Kind: ui.KindError, Text: "GitHub couldn't be reached. Try again in a minute."},
			}
		}),
		state("-few", func(p *views.RepositoriesPage) {
			p.List.Items, p.List.Total, p.Installation.RepositoryCount = p.List.Items[:7], 7, 7
			p.Installation.ImportCount = 1
		}),
		state("-one", func(p *views.RepositoriesPage) {
			p.List.Items, p.List.Total, p.Installation.RepositoryCount, p.Installation.ImportCount = p.List.Items[:1], 1, 1, 0
		}),
		state("-nasty", func(p *views.RepositoriesPage) {
			p.List.Items = g.nasty()
			p.List.Total, p.Installation.RepositoryCount, p.Installation.ImportCount = 8, 8, 1
		}),
		state("-filtered", func(p *views.RepositoriesPage) {
			p.List.Filter = db.Filter{Query: `"wave" & <tide>`, Imported: db.No, Visibility: "private", Language: "Brainf***", Archived: db.No, Topic: "sonar"}
			p.List.Sort, p.List.Page, p.List.Total = db.SortPushedDesc, 3, 412
		}),
		state("-none-match", func(p *views.RepositoriesPage) {
			p.List.Filter, p.List.Items, p.List.Total = db.Filter{Query: "kraken"}, nil, 0
		}),
		state("-page-beyond", func(p *views.RepositoriesPage) { p.List.Page, p.List.Items, p.List.Total = 99, nil, 412 }),
		state("-queued", sync(db.Sync{State: db.SyncQueued})),
		state("-syncing", sync(db.Sync{State: db.SyncRunning, PagesDone: 37, PagesTotal: 100, RepositoriesSeen: 3_700, StartedAt: g.ago(70 * time.Second)})),
		state("-syncing-begun", sync(db.Sync{State: db.SyncRunning, PagesDone: 1, PagesTotal: 100, RepositoriesSeen: 100, StartedAt: g.ago(time.Second)})),
		state("-away", func(p *views.RepositoriesPage) { p.Frame.Away = true }),
		state("-waiting", sync(db.Sync{State: db.SyncWaiting, RetryAt: g.now.Add(40 * time.Minute), Message: "The hourly limit of requests is used up."})),
		state("-failed", sync(db.Sync{State: db.SyncFailed, Message: "GitHub answered 502 three times."})),
		state("-suspended", func(p *views.RepositoriesPage) {
			p.Installation.SuspendedAt, p.Installation.SuspendedBy = g.ago(50*time.Hour), "abyssal-admin"
		}),
		state("-unread", empty(func(p *views.RepositoriesPage) { p.Installation.SyncedAt = time.Time{} })),
		state("-first-sync", empty(func(p *views.RepositoriesPage) {
			p.Installation.SyncedAt, p.Installation.Sync = time.Time{}, db.Sync{State: db.SyncRunning}
		})),
		state("-first-failed", empty(func(p *views.RepositoriesPage) {
			p.Installation.SyncedAt, p.Installation.Sync = time.Time{}, db.Sync{State: db.SyncFailed, Message: "GitHub answered 502."}
		})),
		state("-never-suspended", empty(func(p *views.RepositoriesPage) {
			p.Installation.SyncedAt, p.Installation.SuspendedAt = time.Time{}, g.ago(time.Hour)
		})),
		state("-nothing-selected", empty(func(p *views.RepositoriesPage) { p.Installation.RepositorySelection = db.SelectionSelected })),
		state("-nothing", empty(func(*views.RepositoriesPage) {})),
	}
}

func (g gallery) imports() []State {
	page := func(l views.ImportList, notices ...ui.Notice) templ.Component {
		return views.Imports(views.ImportsPage{
			Frame: g.frame("Imports", ui.NavImports, notices...), Facets: facets(), List: l,
		})
	}
	list := func(page int, total int64) ui.List { return ui.List{Page: page, PerPage: 50, Total: total} }
	filtered := list(1, 0)
	filtered.Filter.Query = "kraken"
	return []State{
		{"imports", page(views.ImportList{List: list(2, 1_234), Items: g.imported(50)})},
		{"imports-few", page(views.ImportList{List: list(1, 3), Items: g.imported(3)}, ui.Notice{Kind: ui.KindSuccess, Text: "2 imports removed.", Undo: views.UndoPath(1, "/imports")})},
		{"imports-none-match", page(views.ImportList{List: filtered})},
		{"imports-page-beyond", page(views.ImportList{List: list(40, 120)})},
		{"imports-empty", page(views.ImportList{List: list(1, 0)})},
	}
}

func (g gallery) errors() []State {
	var all []State
	for _, status := range []int{400, 401, 403, 404, 405, 413, 422, 429, 500, 502, 503, 504} {
		p := ui.ErrorPage{Frame: g.frame("", ui.NavNone), Status: status, RequestID: "01JD7Z6T9W8K2R5Q4N3M1P0VXB"}
		p.Frame.Title = http.StatusText(status)
		all = append(all, State{"error-" + strconv.Itoa(status), ui.Error(p)})
	}
	return append(all, State{"error-stranger", ui.Error(ui.ErrorPage{
		Frame: g.stranger("No such page"), Status: 404, Heading: "No such installation",
		Text:  "It isn't there, or it isn't yours.",
		Links: []ui.Link{{Text: "Sign in", URL: "/login"}, {Text: "Go to the start page", URL: "/"}},
	})})
}
