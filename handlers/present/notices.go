package present

import (
	"fmt"
	"iter"

	"neptun/db"
	"neptun/views/ui"

	"github.com/dustin/go-humanize"
)

// ImportNotices are the notices about the results of an import, given what was imported for
// each.
func ImportNotices(results []db.ImportResult, imports iter.Seq2[*db.Import, error]) ([]ui.Notice, error) {
	var imported, already []string
	missing, i := 0, 0
	for item, err := range imports {
		switch {
		case err != nil:
			return nil, err
		case item == nil:
			missing++
		case results[i].Status == db.Imported:
			imported = append(imported, item.FullName())
		default:
			already = append(already, item.FullName())
		}
		i++
	}
	var notices []ui.Notice
	if len(imported) > 0 {
		notices = append(notices, ui.Notice{
			Kind: ui.KindSuccess, Text: ui.Counted(int64(len(imported)), "repository", "repositories") + " imported.", Details: details(imported),
		})
	}
	if len(already) > 0 {
		notices = append(notices, ui.Notice{
			Kind: ui.KindInfo, Text: ui.Counted(int64(len(already)), "repository was", "repositories were") + " already imported.", Details: details(already),
		})
	}
	if missing > 0 {
		notices = append(notices, ui.Notice{
			Kind: ui.KindWarning, Text: ui.Counted(int64(missing), "repository is", "repositories are") + " no longer accessible. Sync to update the list.",
		})
	}
	if len(notices) == 0 {
		return []ui.Notice{NothingSelected}, nil
	}
	return notices, nil
}

// RemovalNotice is the notice about a removal.
func RemovalNotice(removed, chosen int) ui.Notice {
	switch {
	case chosen == 0:
		return NothingSelected
	case removed == 0:
		return ui.Notice{Kind: ui.KindInfo, Text: "Nothing was removed. None of these repositories is imported."}
	case removed < chosen:
		return ui.Notice{Kind: ui.KindSuccess, Text: ui.Counted(int64(removed), "import", "imports") + " removed; " + ui.Counted(int64(chosen-removed), "was", "were") + " not imported."}
	}
	return ui.Notice{Kind: ui.KindSuccess, Text: ui.Counted(int64(removed), "import", "imports") + " removed."}
}

// NothingSelected is the notice about an action without a selection.
var NothingSelected = ui.Notice{Kind: ui.KindWarning, Text: "No repositories selected. Select some first."}

// maxDetails is the maximum number of names in a notice, which is stored in the session.
const maxDetails = 50

func details(names []string) []string {
	if len(names) <= maxDetails {
		return names
	}
	return append(names[:maxDetails:maxDetails], fmt.Sprintf("and %s more", humanize.Comma(int64(len(names)-maxDetails))))
}

// UndoNotices are the notices about an undo.
func UndoNotices(results []db.UndoResult) []ui.Notice {
	counts := map[db.UndoStatus]int{}
	for _, result := range results {
		counts[result.Status]++
	}
	var notices []ui.Notice
	add := func(kind ui.Kind, status db.UndoStatus, one, many string) {
		if n := counts[status]; n > 0 {
			notices = append(notices, ui.Notice{Kind: kind, Text: ui.Counted(int64(n), one, many)})
		}
	}
	add(ui.KindSuccess, db.UndoRestored, "import restored.", "imports restored.")
	add(ui.KindSuccess, db.UndoRemoved, "import removed again.", "imports removed again.")
	add(ui.KindWarning, db.UndoChangedSince, "repository was changed since, and stays as it is.", "repositories were changed since, and stay as they are.")
	add(ui.KindWarning, db.UndoNotFound, "repository is no longer there.", "repositories are no longer there.")
	if len(notices) == 0 {
		return []ui.Notice{{Kind: ui.KindSuccess, Text: "Undone."}}
	}
	return notices
}

// AutoImportNotice is the notice about a change of auto-import.
func AutoImportNotice(in db.InstallationRecord, set db.AutoImport, imported int64) ui.Notice {
	notice := ui.Notice{Kind: ui.KindSuccess, Text: "Auto-import is off. Existing imports are kept."}
	switch {
	case set.Mode != db.ImportOff && in.Suspended():
		notice.Text = "Auto-import is on. It starts when the installation is unsuspended."
	case set.Mode != db.ImportOff && imported == 0:
		notice.Text = "Auto-import is on. All matching repositories are already imported."
	case set.Mode != db.ImportOff:
		notice.Text = "Auto-import is on. " + ui.Counted(imported, "repository", "repositories") + " imported."
	}
	return notice
}
