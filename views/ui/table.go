package ui

import (
	"net/url"
	"strings"
	"time"

	"neptun/db"
)

// Table is a list of repositories as every page shows it.
type Table struct {
	Frame Frame
	List  List
	// Path is the page's path, for links to sort and to filter by topic.
	Path string
	Rows []TableRow
	// Account is the login that is left out of names; empty to show all owners.
	Account string
	// ByAccount has a column for the account instead of one for the role.
	ByAccount bool
	// Remove is the URL for removals; empty for the form's own action.
	Remove string
	// Name and Pushed are the columns to sort by.
	Name, Pushed columnSort
	// Suspended disables importing.
	Suspended bool
}

// TableRow is one repository.
type TableRow struct {
	db.Repository
	Imported bool
	// Permission is GitHub's, on pages of repositories.
	Permission string
	// InstallationID and ImportedAt are an import's.
	InstallationID int64
	ImportedAt     time.Time
}

// shownAccount is the account that is left out of a row's name, since the page or a
// column shows it.
func (t *Table) shownAccount(r *TableRow) string {
	if t.ByAccount {
		return r.Owner
	}
	return t.Account
}

// columnSort has the orders of a column: after the first click,
// and after the second. The list's default order is empty.
type columnSort struct{ first, second, own db.Sort }

// The sorts of the name column, in a list that is sorted by name by default and in one
// that isn't, and of the last-push column.
var (
	ByName   = columnSort{first: db.SortName, second: db.SortNameDesc, own: db.SortName}
	ByNameOf = columnSort{first: db.SortName, second: db.SortNameDesc}
	ByPushed = columnSort{first: db.SortPushedDesc, second: db.SortPushed}
)

// next is the order after a click on the column's header.
func (s columnSort) next(now db.Sort) db.Sort {
	next := s.first
	if s.is(now) == s.first {
		next = s.second
	}
	if next == s.own {
		return ""
	}
	return next
}

// is the order in force, where it is one of the column's.
func (s columnSort) is(now db.Sort) db.Sort {
	if now == "" {
		now = s.own
	}
	if now == s.first || now == s.second {
		return now
	}
	return ""
}

// aria is the value of aria-sort.
func (s columnSort) aria(now db.Sort) string {
	switch s.is(now) {
	case "":
		return "none"
	case db.SortName, db.SortPushed:
		return "ascending"
	}
	return "descending"
}

// firstTopics is the maximum number of topics in a row.
func firstTopics(topics []string) []string { return topics[:min(len(topics), 2)] }

// topicURL is the URL of the list filtered by a topic, built once for all rows.
type topicURL struct{ before, after string }

func (t *Table) topicURL() topicURL {
	filter := t.List.Filter
	filter.Topic = placeholder
	before, after, _ := strings.Cut(listURL(t.Path, filter, t.List.Sort, 1), url.QueryEscape(placeholder))
	return topicURL{before, after}
}

// placeholder is replaced by a topic. No topic can equal it.
const placeholder = "\x00"

// license is the SPDX identifier, empty where GitHub recognized none.
func license(spdx string) string {
	if spdx == "NOASSERTION" {
		return ""
	}
	return spdx
}

// languageColor is GitHub's color of a language, and gray for others.
func languageColor(language string) string {
	if color, ok := languageColors[language]; ok {
		return color
	}
	return "#8299a4"
}

func role(permission string) string {
	switch permission {
	case "admin":
		return "Admin"
	case "maintain":
		return "Maintain"
	case "push":
		return "Write"
	case "triage":
		return "Triage"
	case "":
		return ""
	}
	return "Read"
}
