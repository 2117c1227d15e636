package ui

import (
	"net/url"
	"strconv"
	"time"

	"neptun/db"
)

// Query encodes a list's filter, order and page as the query string of a page or of
// the JSON API, which share their keys. Default values are left out:
// the zero filter in the default order on page 1 is the empty query.
func Query(filter db.Filter, sort db.Sort, page int) url.Values {
	v := filterQuery(filter)
	if sort != "" {
		v.Set("sort", string(sort))
	}
	if page > 1 {
		v.Set("page", strconv.Itoa(page))
	}
	return v
}

func filterQuery(filter db.Filter) url.Values {
	v := url.Values{}
	for _, field := range FilterFields(filter) {
		v.Set(field.Name, field.Value)
	}
	return v
}

// Field is a parameter of a query.
type Field struct{ Name, Value string }

// FilterFields are the fields that carry a filter in a form, in a fixed order.
func FilterFields(f db.Filter) []Field {
	all := []Field{
		{"q", f.Query},
		{"imported", string(f.Imported)},
		{"visibility", f.Visibility},
		{"language", f.Language},
		{"archived", string(f.Archived)},
		{"fork", string(f.Fork)},
		{"topic", f.Topic},
		{"repository", f.Repository},
		{"account", f.Account},
		{"license", f.License},
		{"template", string(f.Template)},
		{"permission", f.Permission},
		{"repository_id", id(f.RepositoryID)},
		{"id", id(f.ImportID)},
		{"pushed_since", timeOf(f.PushedSince)},
		{"pushed_before", timeOf(f.PushedBefore)},
		{"custom_property", f.Property()},
	}
	set := all[:0]
	for _, field := range all {
		if field.Value != "" {
			set = append(set, field)
		}
	}
	return set
}

// id formats a number for a query, empty for 0.
func id(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// timeOf formats a time for a query, empty for the zero time.
func timeOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

// InstallationPath is the page of an installation record.
func InstallationPath(id int64) string { return "/installations/" + strconv.FormatInt(id, 10) }

// listURL is a page of a list, with its filter kept.
func listURL(path string, filter db.Filter, sort db.Sort, page int) string {
	return withQuery(path, Query(filter, sort, page))
}

func withQuery(path string, query url.Values) string {
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// OtherAccountURL starts a sign-in in which GitHub lets the user choose the account.
func OtherAccountURL(returnTo string) string {
	query := url.Values{"prompt": {"select_account"}}
	if returnTo != "" {
		query.Set("return_to", returnTo)
	}
	return "/auth/github?" + query.Encode()
}

// LoginURL starts a sign-in that returns to a path of Neptun.
func LoginURL(returnTo string) string {
	if returnTo == "" {
		return "/auth/github"
	}
	return "/auth/github?" + url.Values{"return_to": {returnTo}}.Encode()
}
