package gallery

import (
	"time"

	"neptun/db"
	"neptun/views"
	"neptun/views/ui"
)

func (g gallery) history() []State {
	page := func(newest bool, older string, entries ...db.HistoryEntry) views.HistoryPage {
		return views.HistoryPage{
			Frame: g.frame("History of abyssal", ui.NavInstallations), Installation: g.installation(2, "abyssal"),
			Entries: entries, Newest: newest, Older: older,
		}
	}
	got := func(n int, formerly string) []db.HistoryRepository {
		var list []db.HistoryRepository
		for i := range n {
			list = append(list, db.HistoryRepository{Repository: g.repository(i + 3), Previous: formerly})
		}
		return list
	}
	webhook := func(event string) db.Cause { return db.Cause{Kind: db.ByWebhook, Event: event} }
	sync := db.Cause{Kind: db.BySync}
	entries := []db.HistoryEntry{
		{At: g.ago(2 * time.Minute), Cause: webhook("repository.renamed"), Change: db.Renamed, Count: 1, Repositories: got(1, "a-name-from-before-that-is-quite-long-for-a-repository")},
		{At: g.ago(9 * time.Minute), Cause: webhook("repository.privatized"), Change: db.VisibilityChanged, Count: 1, Repositories: got(1, "public")},
		{At: g.ago(3 * time.Hour), Cause: sync, Change: db.Added, Count: 212, Repositories: got(6, "")},
		{At: g.ago(3 * time.Hour), Cause: sync, Change: db.AutoImported, Count: 2, Repositories: got(2, "")},
		{At: g.ago(5 * time.Hour), Cause: sync, Change: db.AccessLost, Count: 3},
		{At: g.ago(26 * time.Hour), Cause: webhook("installation.unsuspend"), Change: db.Unsuspended},
		{At: g.ago(27 * time.Hour), Cause: db.Cause{Kind: db.ByUser}, Change: db.Suspended},
		{At: g.ago(70 * time.Hour), Cause: webhook("installation.new_permissions_accepted"), Change: db.PermissionsChanged},
	}
	acted := page(true, "", entries[4:]...)
	acted.Actions = []db.Action{
		{ID: 4, Kind: db.ActionRemove, At: g.ago(time.Minute), InstallationID: 2, Account: "abyssal", Count: 1, UndoableUntil: g.ago(-23 * time.Hour)},
		{ID: 3, Kind: db.ActionAutoImport, At: g.ago(2 * time.Hour), InstallationID: 2, Account: "abyssal", Count: 5, ModeBefore: db.ImportOff, ModeAfter: db.ImportRules, UndoableUntil: g.ago(-22 * time.Hour)},
		{ID: 2, Kind: db.ActionImport, At: g.ago(3 * time.Hour), InstallationID: 2, Account: "abyssal", Count: 212, UndoneAt: g.ago(time.Hour)},
		{ID: 1, Kind: db.ActionImport, At: g.ago(50 * time.Hour), InstallationID: 2, Account: "abyssal", Count: 2},
	}
	return []State{
		{"history-actions", views.History(acted)},
		{"history", views.History(page(true, "/installations/2/history?before=7", entries...))},
		{"history-older", views.History(page(false, "", entries[4:]...))},
		{"history-none", views.History(page(true, ""))},
		{"history-end", views.History(page(false, ""))},
	}
}
