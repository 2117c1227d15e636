package ui

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"strings"

	"neptun/db"
)

// List is the part of a list that a page shows, and the request for it.
type List struct {
	Filter db.Filter
	// Sort is empty for the list's own order.
	Sort db.Sort
	// Page counts from 1.
	Page    int
	PerPage int
	// Total is the number of rows that match Filter, on all pages.
	Total int64
	// Kept are filters besides Filter, which links to other pages keep.
	Kept url.Values
}

// Pages is the number of pages, at least one.
func (l List) Pages() int {
	per := int64(max(l.PerPage, 1))
	return int(max((l.Total+per-1)/per, 1))
}

// PageNumber counts from 1.
func (l List) PageNumber() int { return max(l.Page, 1) }

// Filtered is true if a filter is active.
func (l List) Filtered() bool { return l.Filter != db.Filter{} || len(l.Kept) > 0 }

// Span describes the part of the list on this page: "1–50 of 10,000".
func (l List) Span(items int) string {
	if items == 0 {
		return "0 of " + Count(l.Total)
	}
	first := int64(l.PageNumber()-1)*int64(l.PerPage) + 1
	return fmt.Sprintf("%s–%s of %s", Count(first), Count(first+int64(items)-1), Count(l.Total))
}

// Titled puts the filter and the page into a page's title.
func (l List) Titled(f Frame) Frame {
	parts := []string{f.Title}
	if l.Filter.Query != "" {
		parts = append(parts, "“"+l.Filter.Query+"”")
	}
	for _, chip := range l.chips("") {
		parts = append(parts, chip.text)
	}
	if l.PageNumber() > 1 {
		parts = append(parts, "Page "+Count(int64(l.PageNumber())))
	}
	f.Title = strings.Join(parts, " · ")
	return f
}

// URL is a page of the list at path, with filter and order kept.
func (l List) URL(path string, page int) string {
	query := Query(l.Filter, l.Sort, page)
	maps.Copy(query, l.Kept)
	return withQuery(path, query)
}

// export is all of the list at a path of the API, as a file.
func (l List) export(path, suffix string, own db.Sort) string {
	return listURL(path+suffix, l.Filter, cmp.Or(l.Sort, own), 1)
}

// Source is the URL of the whole list in the API, one object per line. static/select.js
// reads it to select all of it.
func (l List) Source(path string) string { return l.export(path, ".ndjson", "") }
