package views

import "neptun/db"

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
	case len(i.MissingPermissions(app.Asked)) > 0:
		return cardPermissions
	case i.SyncedAt.IsZero():
		return cardNew
	case i.RepositoryCount == 0 && i.RepositorySelection == db.SelectionSelected:
		return cardNothing
	}
	return cardReady
}
