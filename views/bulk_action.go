package views

import (
	"net/url"
	"strings"

	"neptun/db"
	"neptun/views/ui"
)

// BulkActionPath is the page of a bulk action. returnTo is the list it belongs to.
func BulkActionPath(id int64, returnTo string) string {
	return "/bulk-actions/" + ui.IdFor("", id) + "?" + url.Values{"return_to": {returnTo}}.Encode()
}

// BulkActionTitle is the title of a bulk action, before and after it is confirmed.
func BulkActionTitle(b db.BulkAction) string {
	n := int64(len(b.Rows))
	switch {
	case b.ConfirmedAt.IsZero() && b.Kind == db.ActionRemove:
		return "Remove " + ui.Counted(countOf(b, db.BulkRemove), "import", "imports") + "?"
	case b.ConfirmedAt.IsZero():
		return "Import " + ui.Counted(countOf(b, db.BulkImport), "repository", "repositories") + "?"
	case b.Kind == db.ActionRemove:
		return ui.Count(countOf(b, db.BulkRemoved)) + " of " + ui.Counted(n, "import", "imports") + " removed"
	}
	return ui.Count(countOf(b, db.BulkImported)) + " of " + ui.Counted(n, "repository", "repositories") + " imported"
}

func countOf(b db.BulkAction, status db.BulkStatus) (n int64) {
	for _, row := range b.Rows {
		if row.Status == status {
			n++
		}
	}
	return n
}

func (p BulkActionPage) path() string { return BulkActionPath(p.Bulk.ID, p.ReturnTo) }

func (p BulkActionPage) removes() bool { return p.Bulk.Kind == db.ActionRemove }

// todo is how many rows confirming will change.
func (p BulkActionPage) todo() int64 {
	return countOf(p.Bulk, db.BulkImport) + countOf(p.Bulk, db.BulkRemove)
}

func (p BulkActionPage) confirm() string {
	if p.removes() {
		return "Remove " + ui.Counted(p.todo(), "import", "imports")
	}
	return "Import " + ui.Counted(p.todo(), "repository", "repositories")
}

func (p BulkActionPage) heading() string {
	if p.Bulk.ConfirmedAt.IsZero() {
		return "Preview"
	}
	return "Result"
}

// sum counts the rows by their result.
func (p BulkActionPage) sum() string {
	var parts []string
	for _, status := range []db.BulkStatus{
		db.BulkImport, db.BulkImported, db.BulkRemove, db.BulkRemoved,
		db.BulkAlreadyImported, db.BulkNotImported, db.BulkSuspended, db.BulkNotFound,
	} {
		if n := countOf(p.Bulk, status); n > 0 {
			parts = append(parts, ui.Count(n)+" "+strings.ToLower(bulkWord(status)))
		}
	}
	if len(parts) == 0 {
		return "No repositories are selected."
	}
	return strings.Join(parts, ", ") + "."
}

func bulkWord(status db.BulkStatus) string {
	switch status {
	case db.BulkImport:
		return "New"
	case db.BulkImported:
		return "Imported"
	case db.BulkAlreadyImported:
		return "Already imported"
	case db.BulkSuspended:
		return "Installation suspended"
	case db.BulkRemove:
		return "Will be removed"
	case db.BulkRemoved:
		return "Removed"
	case db.BulkNotImported:
		return "Not imported"
	default:
		return "No longer accessible"
	}
}

func bulkBadge(status db.BulkStatus) string {
	switch status {
	case db.BulkImport, db.BulkImported:
		return "success"
	case db.BulkSuspended, db.BulkNotFound:
		return "warning"
	}
	return ""
}

func (p BulkActionPage) list() ui.List {
	return ui.List{Page: p.Page, PerPage: p.PerPage, Total: int64(len(p.Bulk.Rows)), Kept: url.Values{"return_to": {p.ReturnTo}}}
}

// rows are the rows on the page.
func (p BulkActionPage) rows() []db.BulkRow {
	first := min((max(p.Page, 1)-1)*p.PerPage, len(p.Bulk.Rows))
	return p.Bulk.Rows[first:min(first+p.PerPage, len(p.Bulk.Rows))]
}
