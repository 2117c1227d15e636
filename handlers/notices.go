package handlers

import (
	"fmt"
	"strconv"

	"neptun/db"
	"neptun/views"

	"github.com/dustin/go-humanize"
)

// importNotices tell what became of an import, on the page that comes next.
func importNotices(results []db.ImportResult) []views.Notice {
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
	var notices []views.Notice
	if len(imported) > 0 {
		notices = append(notices, views.Notice{
			Kind: views.KindSuccess, Text: counted(len(imported), "repository", "repositories") + " imported.", Details: details(imported),
		})
	}
	if len(already) > 0 {
		notices = append(notices, views.Notice{
			Kind: views.KindInfo, Text: counted(len(already), "repository was", "repositories were") + " already imported.", Details: details(already),
		})
	}
	if missing > 0 {
		notices = append(notices, views.Notice{
			Kind: views.KindWarning, Text: counted(missing, "repository is", "repositories are") + " no longer accessible. Sync to update the list.",
		})
	}
	if len(notices) == 0 {
		return []views.Notice{nothingChosen}
	}
	return notices
}

// removalNotice tells what became of a removal.
func removalNotice(removed, chosen int) views.Notice {
	switch {
	case chosen == 0:
		return nothingChosen
	case removed == 0:
		return views.Notice{Kind: views.KindInfo, Text: "Nothing was removed. None of these repositories is imported."}
	case removed < chosen:
		return views.Notice{Kind: views.KindSuccess, Text: counted(removed, "import", "imports") + " removed; " + counted(chosen-removed, "was", "were") + " not imported."}
	}
	return views.Notice{Kind: views.KindSuccess, Text: counted(removed, "import", "imports") + " removed."}
}

var nothingChosen = views.Notice{Kind: views.KindWarning, Text: "No repositories selected. Select some first."}

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
