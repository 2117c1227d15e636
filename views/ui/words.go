package ui

import (
	"strconv"
	"strings"

	"neptun/db"
)

// Boost lets htmx follow the links and forms within a region by swapping that
// region, without scrolling. Links to other origins stay plain links.
func Boost(id string) string { return "target:#" + id + " swap:'outerHTML show:none'" }

// BoostTop does the same and scrolls to the region's top, as a new page would.
func BoostTop(id string) string { return "target:#" + id + " swap:outerHTML" }

// IdFor is the id of an element for a row.
func IdFor(prefix string, id int64) string { return prefix + strconv.FormatInt(id, 10) }

// KindWord is the word for a kind of account.
func KindWord(kind string) string {
	switch kind {
	case db.KindUser:
		return "Personal account"
	case db.KindEnterprise:
		return "Enterprise"
	case "":
		return NotReported
	default:
		return "Organization"
	}
}

// NotReported is shown where GitHub reports no value.
const NotReported = "not reported by GitHub"

// Reported is a count that GitHub may not have sent.
func Reported(n *int64, one, many string) string {
	if n == nil {
		return NotReported
	}
	return Counted(*n, one, many)
}

// SelectionWord says which repositories an installation can access.
func SelectionWord(selection string) string {
	switch selection {
	case "":
		return NotReported
	case db.SelectionSelected:
		return "only select repositories"
	}
	return "all repositories"
}

// The orders that each list offers. The first is the list's default, and empty, as
// in the URL.
var (
	RepositoryOrders = []Option{
		{"", "Name (A–Z)"},
		{string(db.SortNameDesc), "Name (Z–A)"},
		{string(db.SortPushedDesc), "Recently pushed"},
		{string(db.SortPushed), "Least recently pushed"},
		{string(db.SortSizeDesc), "Largest"},
		{string(db.SortSize), "Smallest"},
	}
	ImportOrders = []Option{
		{"", "Newest"},
		{string(db.SortID), "Oldest"},
		{string(db.SortName), "Name (A–Z)"},
		{string(db.SortNameDesc), "Name (Z–A)"},
		{string(db.SortPushedDesc), "Recently pushed"},
	}
)

// offered are the values to choose from, always including the current one.
func offered(values []db.FacetValue, chosen string) []db.FacetValue {
	if chosen == "" {
		return values
	}
	for _, v := range values {
		if strings.EqualFold(v.Value, chosen) {
			return values
		}
	}
	return append(values[:len(values):len(values)], db.FacetValue{Value: chosen})
}
