package gallery

import (
	"time"

	"neptun/db"
	"neptun/views"
	"neptun/views/operators"
	"neptun/views/ui"
)

func (g gallery) lifecycle() []State {
	manage := func(name string, change func(*views.SettingsPage)) State {
		p := views.SettingsPage{
			Frame: g.frame("Manage abyssal", ui.NavInstallations), Installation: g.installation(2, "abyssal"),
			May: true, Affects: db.InstallationUsage{Users: 14, Repositories: 1_482, Imports: 311},
		}
		change(&p)
		return State{"settings" + name, views.Settings(p)}
	}
	suspended := func(through int64, login string) func(*views.SettingsPage) {
		return func(p *views.SettingsPage) {
			p.Installation.SuspendedAt, p.Installation.SuspendedBy = g.ago(50*time.Hour), "neptun[bot]"
			p.Installation.SuspendedThrough, p.Installation.SuspendedThroughLogin = through, login
			p.ByApp, p.MayUnsuspend = through != 0, through == 1
			p.May = through == 1
		}
	}
	gone := db.Uninstalled{ID: 9, Account: db.Account{Kind: db.KindOrganization, Login: "atlantis"}, GoneAt: g.ago(30 * time.Hour), ImportCount: 12}
	never := gone
	never.ImportCount = 0
	arrival := func(s db.Sync) views.NewInstallationPage {
		return views.NewInstallationPage{Frame: g.frame("Installing", ui.NavInstallations), GitHubID: 7, Sync: s, SyncedAt: g.ago(time.Minute)}
	}
	return []State{
		manage("", func(*views.SettingsPage) {}),
		manage("-member", func(p *views.SettingsPage) { p.May = false }),
		manage("-own", func(p *views.SettingsPage) {
			p.Installation, p.Affects = g.personal(), db.InstallationUsage{Users: 1, Repositories: 12, Imports: 1}
		}),
		manage("-suspended-mine", suspended(1, "octavia")),
		manage("-suspended-others", suspended(2, "mara-ito")),
		manage("-suspended-on-github", suspended(0, "")),
		{"uninstalled", views.Uninstalled(views.UninstalledPage{Frame: g.frame("atlantis", ui.NavInstallations), Record: gone})},
		{"uninstalled-empty", views.Uninstalled(views.UninstalledPage{Frame: g.frame("atlantis", ui.NavInstallations), Record: never})},
		{"new-installation", views.NewInstallation(arrival(db.Sync{State: db.SyncRunning}))},
		{"new-installation-absent", views.NewInstallation(arrival(db.Sync{State: db.SyncIdle}))},
		{"new-installation-failed", views.NewInstallation(arrival(db.Sync{State: db.SyncFailed, Message: "GitHub answered 502."}))},
		{"installations-lifecycle", views.Installations(views.InstallationsPage{
			Frame: g.frame("Installations", ui.NavInstallations), App: g.appView(), SyncedAt: g.ago(time.Minute),
			Installations: []db.InstallationRecord{g.drifted(), g.suspended()}, Uninstalled: []db.Uninstalled{gone}, Requests: g.requests(),
			Removed:  []db.RemovedInstallation{{GitHubID: 77, Account: db.Account{Kind: db.KindOrganization, Login: "shallows"}, RemovedAt: g.ago(3 * time.Hour)}},
			Withheld: []db.WithheldOrganization{{GitHubID: 21955855, Login: "tidewater"}, {GitHubID: 20582480}},
		})},
		{"app-requests", operators.AppRequests(operators.AppRequestsPage{Frame: g.operator("Requests"), Requests: g.requests()})},
		{"app-requests-none", operators.AppRequests(operators.AppRequestsPage{Frame: g.operator("Requests")})},
		{"installation-drift", views.Repositories(views.RepositoriesPage{
			Frame: g.frame("abyssal", ui.NavInstallations), App: g.appView(), Installation: g.drifted(),
			List: views.RepositoryList{List: ui.List{Page: 1, PerPage: 50, Total: 3}, Items: g.repositories(3)},
		})},
	}
}

func (g gallery) appView() views.AppView {
	return views.AppView{
		RequestedPermissions: map[string]string{"metadata": "read", "members": "read", "contents": "write"},
		SettingsURL:          "https://github.com/settings/apps/neptun/permissions",
	}
}

func (g gallery) operator(title string) ui.Frame {
	frame := g.frame(title, ui.NavApp)
	frame.Operator = true
	return frame
}

func (g gallery) drifted() db.InstallationRecord {
	i := g.installation(2, "abyssal")
	i.Permissions = `{"metadata":"read","contents":"read"}`
	return i
}

func (g gallery) requests() []db.InstallRequest {
	request := func(id int64, login string, state db.RequestState, record int64) db.InstallRequest {
		r := db.InstallRequest{
			ID: id, Account: db.Account{Kind: db.KindOrganization, Login: login}, RequesterLogin: "octavia",
			State: state, RequestedAt: g.ago(3 * time.Hour), RecordID: record,
		}
		if state != db.RequestPending {
			r.ResolvedAt = g.ago(time.Hour)
		}
		return r
	}
	return []db.InstallRequest{
		request(1, "waiting-room", db.RequestPending, 0), request(2, "approved-of", db.RequestReady, 0),
		request(3, "abyssal", db.RequestReady, 2), request(4, longName(39), db.RequestGone, 0),
	}
}
