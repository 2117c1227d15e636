package views

import (
	"net/url"
	"strconv"

	"neptun/db"
	"neptun/views/ui"
)

// UndoPath is where an action is undone. returnTo is the page that shows the result.
func UndoPath(actionID int64, returnTo string) string {
	return "/actions/" + strconv.FormatInt(actionID, 10) + "/undo?" + url.Values{"return_to": {returnTo}}.Encode()
}

// did is what a user did, in words.
func did(a db.Action) string {
	switch a.Kind {
	case db.ActionImport:
		return "You imported " + ui.Counted(a.Count, "repository", "repositories")
	case db.ActionRemove:
		return "You removed " + ui.Counted(a.Count, "import", "imports")
	case db.ActionAutoImport:
		text := "You changed auto-import"
		if a.ModeBefore != a.ModeAfter {
			text = "You set auto-import to " + modeName(a.ModeAfter)
		}
		if a.Count > 0 {
			text += ", which imported " + ui.Counted(a.Count, "repository", "repositories")
		}
		return text
	}
	return ""
}

func modeName(mode db.ImportMode) string {
	switch mode {
	case db.ImportAll:
		return "all repositories"
	case db.ImportRules:
		return "repositories matching rules"
	default:
		return "off"
	}
}
