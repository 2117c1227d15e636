package present

import (
	"fmt"

	"neptun/db"
	"neptun/views/ui"

	"github.com/dustin/go-humanize"
)

// ImportNotices say on the next page what an import did.
func ImportNotices(results []db.ImportResult) []ui.Notice {
	var imported, already []string
	missing := 0
	for _, result := range results {
		switch result.Status {
		case db.Imported:
			imported = append(imported, result.Import.FullName())
		case db.AlreadyImported:
			already = append(already, result.Import.FullName())
		case db.ImportNotFound:
			missing++
		}
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
		return []ui.Notice{NothingSelected}
	}
	return notices
}

// RemovalNotice says what a removal did.
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

// NothingSelected answers an action without a selection.
var NothingSelected = ui.Notice{Kind: ui.KindWarning, Text: "No repositories selected. Select some first."}

// maxDetails bounds the names of a notice, which are stored in the session.
const maxDetails = 50

func details(names []string) []string {
	if len(names) <= maxDetails {
		return names
	}
	return append(names[:maxDetails:maxDetails], fmt.Sprintf("and %s more", humanize.Comma(int64(len(names)-maxDetails))))
}

// UndoNotices say what an undo did.
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

// AutoImportNotice says what a change of auto-import did.
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
