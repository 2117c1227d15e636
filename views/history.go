package views

import (
	"strings"

	"neptun/db"
	"neptun/views/ui"
)

// HistoryPage lists what changed in a user's repositories of an installation.
type HistoryPage struct {
	Frame        ui.Frame
	Installation db.InstallationRecord
	Entries      []db.HistoryEntry
	// Actions are the user's own in the last 24 hours, on the first page.
	Actions []db.Action
	// Newest is true for the latest entries. Older links to older ones; empty if there are
	// none.
	Newest bool
	Older  string
}

// HistoryPath is the page of an installation's history.
func HistoryPath(id int64) string { return ui.InstallationPath(id) + "/history" }

// happened describes an entry in a sentence, without the names.
func happened(e db.HistoryEntry) string {
	if done := verb(e.Change); done != "" {
		return ui.Counted(e.Count, "repository", "repositories") + " " + done
	}
	switch e.Change {
	case db.Reinstalled:
		return "App reinstalled"
	case db.Suspended:
		return "Suspended"
	case db.Unsuspended:
		return "Unsuspended"
	case db.PermissionsChanged:
		return "Permissions changed"
	case db.SelectionChanged:
		return "Repository access changed"
	}
	return strings.ReplaceAll(string(e.Change), "_", " ")
}

// verb is what happened to repositories; empty for what happened to the installation.
func verb(c db.Change) string {
	switch c {
	case db.Added:
		return "added"
	case db.AccessLost:
		return "no longer accessible"
	case db.AutoImported:
		return "auto-imported"
	case db.Renamed:
		return "renamed"
	case db.Transferred:
		return "transferred from another account"
	case db.Archived:
		return "archived"
	case db.Unarchived:
		return "unarchived"
	case db.VisibilityChanged:
		return "changed visibility"
	}
	return ""
}

// because is how Neptun found out. Checks after a webhook have no event of their own.
func because(c db.Cause) string {
	switch c.Kind {
	case db.BySync:
		return "via sync"
	case db.ByWebhook:
		if c.Event == "" {
			return "via webhook"
		}
		return "via webhook: " + c.Event
	default:
		return "in Neptun"
	}
}

// formerly is what changed about a repository.
func formerly(change db.Change, r db.HistoryRepository) string {
	switch change {
	case db.Renamed:
		return "was " + r.Previous
	case db.Transferred:
		return "was " + r.Previous + "'s"
	case db.VisibilityChanged:
		return "was " + r.Previous
	}
	return ""
}

// theOnly is the repository of an entry about a single one; nil if there are several, or if it has
// no name.
func theOnly(e db.HistoryEntry) *db.HistoryRepository {
	if e.Count != 1 || len(e.Repositories) != 1 || verb(e.Change) == "" {
		return nil
	}
	return &e.Repositories[0]
}

// fewNames are shown at first; the others are in a disclosure.
const fewNames = 6

func firstFew(e db.HistoryEntry) (few, others []db.HistoryRepository) {
	if theOnly(e) != nil {
		return nil, nil
	}
	n := min(fewNames, len(e.Repositories))
	return e.Repositories[:n], e.Repositories[n:]
}

// unnamed counts the repositories of an entry without a name.
func unnamed(e db.HistoryEntry) int64 { return e.Count - int64(len(e.Repositories)) }
