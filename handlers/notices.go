package handlers

import (
	"fmt"
	"strconv"

	"neptun/db"
	"neptun/views/ui"

	"github.com/dustin/go-humanize"
)

// importNotices tell what became of an import, on the page that comes next.
func importNotices(results []db.ImportResult) []ui.Notice {
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
			Kind: ui.KindSuccess, Text: counted(len(imported), "repository", "repositories") + " imported.", Details: details(imported),
		})
	}
	if len(already) > 0 {
		notices = append(notices, ui.Notice{
			Kind: ui.KindInfo, Text: counted(len(already), "repository was", "repositories were") + " already imported.", Details: details(already),
		})
	}
	if missing > 0 {
		notices = append(notices, ui.Notice{
			Kind: ui.KindWarning, Text: counted(missing, "repository is", "repositories are") + " no longer accessible. Sync to update the list.",
		})
	}
	if len(notices) == 0 {
		return []ui.Notice{nothingChosen}
	}
	return notices
}

// removalNotice tells what became of a removal.
func removalNotice(removed, chosen int) ui.Notice {
	switch {
	case chosen == 0:
		return nothingChosen
	case removed == 0:
		return ui.Notice{Kind: ui.KindInfo, Text: "Nothing was removed. None of these repositories is imported."}
	case removed < chosen:
		return ui.Notice{Kind: ui.KindSuccess, Text: counted(removed, "import", "imports") + " removed; " + counted(chosen-removed, "was", "were") + " not imported."}
	}
	return ui.Notice{Kind: ui.KindSuccess, Text: counted(removed, "import", "imports") + " removed."}
}

var nothingChosen = ui.Notice{Kind: ui.KindWarning, Text: "No repositories selected. Select some first."}

// maxDetails bounds the names behind a notice, which travel in the session.
const maxDetails = 50

func details(names []string) []string {
	if len(names) <= maxDetails {
		return names
	}
	return append(names[:maxDetails:maxDetails], fmt.Sprintf("and %s more", humanize.Comma(int64(len(names)-maxDetails))))
}

func counted(n int, one, many string) string {
	if n == 1 {
		return strconv.Itoa(n) + " " + one
	}
	return humanize.Comma(int64(n)) + " " + many
}
