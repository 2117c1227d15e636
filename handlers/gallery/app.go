package gallery

import (
	"slices"
	"time"

	"neptun/db"
	"neptun/views/operators"
	"neptun/views/ui"
)

func (g gallery) app() []State {
	frame := g.frame("The App", ui.NavApp)
	frame.Operator = true
	facts := operators.AppFacts{
		Name: "Neptun", Slug: "neptun", Description: "Lists and imports repositories.",
		Owner:   db.Account{Kind: db.KindOrganization, Login: "abyssal", HTMLURL: "https://github.com/abyssal"},
		HTMLURL: "https://github.com/apps/neptun", HomepageURL: "https://neptun.example.com",
		SettingsURL: "https://github.com/organizations/abyssal/settings/apps/neptun",
		InstallURL:  "https://github.com/apps/neptun/installations/new", Visibility: "public",
		Permissions: map[string]string{"metadata": "read", "members": "read", "organization_administration": "write"},
		Events:      []string{"repository", "member", "team_add"}, Installations: new(int64(1_204)), ReadAt: g.ago(4 * time.Minute),
	}
	urls := operators.SelfTest{
		CallbackURL: "https://neptun.example.com/auth/github/callback", SetupURL: "https://neptun.example.com/auth/github/setup",
		WebhookURL: "https://neptun.example.com/webhooks/github",
	}
	tested := urls
	tested.Checks = []operators.Check{
		{Title: "Private key", Result: "ok", Message: "An RSA key of 2048 bits.", Advice: ""},
		{Title: "Clock", Result: "failed", Message: "This machine's clock is 3m12s ahead of GitHub's.", Advice: "Set this machine's clock, best by NTP."},
		{Title: "Homepage URL", Result: "warning", Message: "Not set on GitHub.", Advice: "Set it on the App's page on GitHub."},
		{Title: "Webhook deliveries", Result: "skipped", Message: "Skipped: this requires a response from GitHub.", Advice: ""},
	}
	found := g.appInstallation(3, "sunken-city")
	return append([]State{
		{"app", operators.AppOverview(operators.AppPage{Frame: frame, Facts: &facts, Test: urls})},
		{"app-unread", operators.AppOverview(operators.AppPage{Frame: frame, Test: urls})},
		{"app-problem", operators.AppOverview(operators.AppPage{Frame: frame, Error: "The private key is missing.", Test: tested})},
		{"app-tested", operators.AppOverview(operators.AppPage{Frame: frame, Facts: &facts, Test: tested})},
		{"app-found", operators.AppOverview(operators.AppPage{Frame: frame, Facts: &facts, Test: urls, Lookup: operators.Lookup{Kind: "user", Query: "sunken-city", Found: &found}})},
		{"app-not-found", operators.AppOverview(operators.AppPage{Frame: frame, Facts: &facts, Test: urls, Lookup: operators.Lookup{Kind: "repository", Query: "a/b", Error: "The app isn't installed on this account."}})},
	}, slices.Concat(g.appInstallations(frame), g.appHook(frame), g.appDeliveries(frame), g.auditLog(frame))...)
}

func (g gallery) appInstallation(id int64, login string) db.AppInstallation {
	i := g.installation(id, login)
	return db.AppInstallation{
		GitHubID: i.GitHubID, Account: i.Account, RepositorySelection: i.RepositorySelection, HTMLURL: i.HTMLURL,
		Permissions: map[string]string{"metadata": "read"}, Events: []string{"repository"}, Users: 12,
	}
}

func (g gallery) appInstallations(frame ui.Frame) []State {
	held := g.appInstallation(3, "sunken-city")
	held.SuspendedAt, held.SuspendedBy = g.ago(50*time.Hour), "mara-ito"
	long := g.appInstallation(4, longName(39))
	drift := db.Drift{
		Permissions: []db.PermissionDrift{{Name: "members", Requested: "read"}, {Name: "organization_administration", Requested: "write", Granted: "read"}},
		Events:      []string{"member", "team_add"},
	}
	items := []db.AppInstallation{g.appInstallation(2, "abyssal"), held, long}
	page := operators.AppInstallationsPage{
		Frame: frame, Items: items, Drifts: []db.Drift{{}, {}, drift}, List: ui.List{Page: 2, PerPage: 50, Total: 103}, ReadAt: g.ago(20 * time.Minute),
	}
	reading := page
	reading.Reading = db.Sync{State: db.SyncRunning}
	filtered := operators.AppInstallationsPage{Frame: frame, List: ui.List{Page: 1, PerPage: 50, Filter: db.Filter{Query: "kraken"}}, ReadAt: page.ReadAt}
	empty := operators.AppInstallationsPage{Frame: frame, List: ui.List{Page: 1, PerPage: 50}, ReadAt: page.ReadAt}
	unread := operators.AppInstallationsPage{Frame: frame, List: ui.List{Page: 1, PerPage: 50}, Error: "GitHub does not accept this App's credentials."}
	one := operators.AppInstallationPage{Frame: frame, Installation: long, Drift: drift, AppSettingsURL: "https://github.com/settings/apps/neptun"}
	return []State{
		{"app-installations", operators.AppInstallations(page)},
		{"app-installations-reading", operators.AppInstallations(reading)},
		{"app-installations-none-match", operators.AppInstallations(filtered)},
		{"app-installations-empty", operators.AppInstallations(empty)},
		{"app-installations-unread", operators.AppInstallations(unread)},
		{"app-installation-drift", operators.AppInstallation(one)},
		{"app-installation-counted", operators.AppInstallation(operators.AppInstallationPage{Frame: frame, Installation: held, Reach: operators.Reach{Counted: true, Count: 280, OwnID: 7, OwnCount: 12}})},
	}
}

func (g gallery) appHook(frame ui.Frame) []State {
	const address = "https://neptun.example.com/webhooks/github"
	hook := &operators.Hook{URL: "https://old.example.com/webhooks/github", ContentType: "json", HasSecret: true}
	return []State{
		{"app-hook", operators.AppHook(operators.AppHookPage{Frame: frame, Hook: hook, WebhookURL: address})},
		{"app-hook-none", operators.AppHook(operators.AppHookPage{Frame: frame, WebhookURL: address, SettingsURL: "https://github.com/settings/apps/neptun"})},
	}
}
