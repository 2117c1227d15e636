package views

import (
	"neptun/db"
	"neptun/views/ui"
)

// A card shows the first of these states that an installation is in.
const (
	cardSuspended   = "suspended"
	cardSyncing     = "syncing"
	cardFailed      = "failed"
	cardPermissions = "permissions"
	cardNew         = "new"
	cardNothing     = "nothing"
	cardReady       = ""
)

func cardState(app AppView, i db.InstallationRecord) string {
	switch {
	case i.Suspended():
		return cardSuspended
	case i.Sync.Active():
		return cardSyncing
	case i.Sync.State == db.SyncFailed:
		return cardFailed
	case len(i.MissingPermissions(app.RequestedPermissions)) > 0:
		return cardPermissions
	case i.SyncedAt.IsZero():
		return cardNew
	case i.RepositoryCount == 0 && i.RepositorySelection == db.SelectionSelected:
		return cardNothing
	}
	return cardReady
}

// offersInstall reports whether the list itself says to install the app, since the
// user has no installation.
func (p InstallationsPage) offersInstall() bool {
	return len(p.Installations) == 0 && p.List.Total == 0 && !p.List.Filtered() && !p.SyncedAt.IsZero()
}

func (p InstallationsPage) sync() ui.SyncView {
	return ui.SyncView{
		Sync: p.Sync, SyncedAt: p.SyncedAt, Action: "/installations/sync",
		Page: p.List.URL("/installations", p.List.PageNumber()),
	}
}

// every is the quickest of all syncs that the page shows.
func (p InstallationsPage) every() string {
	quickest := p.Sync
	for _, i := range p.Installations {
		if i.Sync.Active() && (!quickest.Active() || quickest.State == db.SyncWaiting) {
			quickest = i.Sync
		}
	}
	if every := ui.PollEvery(quickest); every != "" || !awaits(p.Requests) {
		return every
	}
	return "every 30s"
}
