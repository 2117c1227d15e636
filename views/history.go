package views

import (
	"strings"

	"neptun/db"
)

// HistoryPage tells what changed in what a person sees of an installation.
type HistoryPage struct {
	Frame        Frame
	Installation db.Installation
	Entries      []db.HistoryEntry
	// Newest tells that these are the latest entries; Older leads to those before,
	// and is empty where there are none.
	Newest bool
	Older  string
}

// HistoryPath is the page of an installation's history.
func HistoryPath(id int64) string { return InstallationPath(id) + "/history" }

// happened is an entry in a sentence, but for the names.
func happened(e db.HistoryEntry) string {
	many := counted(e.Count, "repository", "repositories")
	switch e.Change {
	case db.Appeared:
		return many + " appeared"
	case db.Disappeared:
		return many + " went out of your sight"
	case db.ImportedByItself:
		return many + " imported by your rules"
	case db.Renamed:
		return many + " renamed"
	case db.Transferred:
		return many + " came from another account"
	case db.Archived:
		return many + " archived"
	case db.Unarchived:
		return many + " no longer archived"
	case db.VisibilityChanged:
		return many + " changed visibility"
	case db.Reinstalled:
		return "Installed again"
	case db.Suspended:
		return "Suspended"
	case db.Unsuspended:
		return "Works again"
	case db.PermissionsChanged:
		return "The account accepted other permissions"
	case db.SelectionChanged:
		return "Whoever runs the account changed which repositories are reached"
	}
	return strings.ReplaceAll(string(e.Change), "_", " ")
}

// because says how Neptun came to know. What is checked after a webhook has no
// event of its own.
func because(c db.Cause) string {
	switch c.Kind {
	case db.BySync:
		return "seen by a sync"
	case db.ByWebhook:
		if c.Event == "" {
			return "told by GitHub"
		}
		return "told by GitHub: " + c.Event
	default:
		return "done here"
	}
}

// formerly says what a repository was.
func formerly(change db.Change, r db.HistoryRepository) string {
	switch change {
	case db.Renamed:
		return "was " + r.Formerly
	case db.Transferred:
		return "was " + r.Formerly + "'s"
	case db.VisibilityChanged:
		return "was " + r.Formerly
	}
	return ""
}

// untold counts the repositories of an entry that are not named.
func untold(e db.HistoryEntry) int64 { return e.Count - int64(len(e.Repositories)) }
