package views

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"strings"

	"neptun/db"
)

// List tells which part of a list is shown, and how it was asked for.
type List struct {
	Filter db.Filter
	// Sort is empty for the list's own order.
	Sort db.Sort
	// Page counts from 1.
	Page    int
	PerPage int
	// Total counts what matches Filter, on all pages.
	Total int64
	// Kept are filters besides Filter, which links to other pages keep.
	Kept url.Values
}

// pages is the number of pages, at least one.
func (l List) pages() int {
	per := int64(max(l.PerPage, 1))
	return int(max((l.Total+per-1)/per, 1))
}

func (l List) page() int { return max(l.Page, 1) }

// filtered tells whether anything is kept out of the list.
func (l List) filtered() bool { return l.Filter != db.Filter{} || len(l.Kept) > 0 }

// span says what part of the list is on this page: "1–50 of 10,000".
func (l List) span(items int) string {
	if items == 0 {
		return "0 of " + count(l.Total)
	}
	first := int64(l.page()-1)*int64(l.PerPage) + 1
	return fmt.Sprintf("%s–%s of %s", count(first), count(first+int64(items)-1), count(l.Total))
}

// titled puts the filter and the page into a page's title.
func (l List) titled(f Frame) Frame {
	parts := []string{f.Title}
	if l.Filter.Query != "" {
		parts = append(parts, "“"+l.Filter.Query+"”")
	}
	for _, chip := range l.chips("") {
		parts = append(parts, chip.text)
	}
	if l.page() > 1 {
		parts = append(parts, "Page "+count(int64(l.page())))
	}
	f.Title = strings.Join(parts, " · ")
	return f
}

// url is a page of the list at path, with filter and order kept.
func (l List) url(path string, page int) string {
	query := Query(l.Filter, l.Sort, page)
	maps.Copy(query, l.Kept)
	return withQuery(path, query)
}

// export is all of the list at a path of the API, as a file.
func (l List) export(path, suffix string, own db.Sort) string {
	return listURL(path+suffix, l.Filter, cmp.Or(l.Sort, own), 1)
}

// source is all of the list in the API, one object a line: what static/select.js
// reads to select all of it.
func (l List) source(path string) string { return l.export(path, ".ndjson", "") }
