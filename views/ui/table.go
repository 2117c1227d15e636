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
	// Path is the page's, under which sorting and topics lead.
	Path string
	Rows []TableRow
	// Account is the login that names leave out; empty for none.
	Account string
	// ByAccount has a column for the account instead of one for the role.
	ByAccount bool
	// Remove is where removals go; empty for the form's own action.
	Remove string
	// Name and Pushed are the columns to sort by.
	Name, Pushed columnSort
	// Suspended keeps from importing.
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

// shownAccount is the account that a row's name leaves out, since the page or a
// column says it.
func (t *Table) shownAccount(r *TableRow) string {
	if t.ByAccount {
		return r.Owner
	}
	return t.Account
}

// columnSort is how a column sorts: the order after the first click,
// and at the next. The list's own order is the empty one.
type columnSort struct{ first, second, own db.Sort }

// The sorts that a column by name offers, in a list that is by name of its own accord
// and in one that isn't, and a column by last push.
var (
	ByName   = columnSort{first: db.SortName, second: db.SortNameDesc, own: db.SortName}
	ByNameOf = columnSort{first: db.SortName, second: db.SortNameDesc}
	ByPushed = columnSort{first: db.SortPushedDesc, second: db.SortPushed}
)

// next is the order that a click on the column's header asks for.
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

// firstTopics keeps a row short.
func firstTopics(topics []string) []string { return topics[:min(len(topics), 2)] }

// topicURL is the address of a list narrowed to a topic, written once for all rows.
type topicURL struct{ before, after string }

func (t *Table) topicURL() topicURL {
	filter := t.List.Filter
	filter.Topic = placeholder
	before, after, _ := strings.Cut(listURL(t.Path, filter, t.List.Sort, 1), url.QueryEscape(placeholder))
	return topicURL{before, after}
}

// placeholder stands for a topic, and is none.
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
