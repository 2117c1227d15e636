package gallery

import (
	"time"

	"neptun/db"
	"neptun/views"
	"neptun/views/ui"
)

func (g gallery) overview() []State {
	weeks := make([]db.Week, 26)
	for i := range weeks {
		weeks[i] = db.Week{Start: g.now.AddDate(0, 0, 7*(i-25)), Count: int64(i * i % 17)}
	}
	full := views.OverviewPage{
		Frame: g.frame("Overview", ui.NavOverview), URL: "https://neptun.example/",
		Overview: db.Overview{
			Installations: 3, Repositories: 4210, Imports: 312, HiddenImports: 2, Weeks: weeks,
			Languages: []db.FacetValue{
				{Value: "Go", Count: 180},
				{Value: "TypeScript", Count: 71},
				{Value: "", Count: 40},
				{Value: "Game Maker Language With A Long Name", Count: 9},
				{Value: "Rust", Count: 4},
				{Value: "Shell", Count: 3},
				{Value: "C", Count: 2},
				{Value: "Zig", Count: 1},
				{Value: "Nix", Count: 1},
				{Value: "HCL", Count: 1},
			},
		},
		Installations:  []db.InstallationRecord{g.installation(1, "marin"), g.installation(2, "abyssal"), g.installation(3, "tidewater-laboratories-of-the-north")},
		SyncedAt:       g.ago(time.Minute),
		Requests:       []db.InstallRequest{{ID: 1, Account: db.Account{Kind: db.KindOrganization, Login: "reef"}, State: db.RequestPending, RequestedAt: g.ago(time.Hour)}},
		ExpiringTokens: []db.APIToken{{ID: 1, Name: "nightly build", ExpiresAt: g.ago(-50 * time.Hour)}},
		Actions: []db.Action{
			{ID: 2, Kind: db.ActionRemove, At: g.ago(time.Minute), Count: 1, UndoableUntil: g.ago(-23 * time.Hour)},
			{ID: 1, Kind: db.ActionImport, At: g.ago(3 * time.Hour), InstallationID: 2, Account: "abyssal", Count: 212, UndoneAt: g.ago(time.Hour)},
		},
	}
	full.Installations[1].SuspendedAt = g.ago(72 * time.Hour)
	full.Installations[2].Sync = db.Sync{State: db.SyncFailed, Message: "GitHub can't be reached. Try again in a few minutes."}
	nothing := full
	nothing.Overview = db.Overview{Installations: 3, Repositories: 4210, Weeks: make([]db.Week, 26)}
	nothing.Installations = full.Installations[:1]
	nothing.Requests, nothing.ExpiringTokens, nothing.Actions = nil, nil, nil
	first := views.OverviewPage{Frame: nothing.Frame, URL: full.URL, Sync: db.Sync{State: db.SyncRunning}}
	return []State{
		{"overview", views.Overview(full)},
		{"overview-nothing-imported", views.Overview(nothing)},
		{"overview-first-sync", views.Overview(first)},
		{"overview-not-installed", views.Overview(views.OverviewPage{Frame: nothing.Frame, URL: full.URL, SyncedAt: g.ago(time.Minute)})},
	}
}
