package views

import (
	"strconv"

	"neptun/db"
)

// boost lets htmx follow the links and forms within a region by swapping that
// region, without scrolling. What lies on another origin stays a plain link.
func boost(id string) string { return "target:#" + id + " swap:'outerHTML show:none'" }

// boostTop does the same and scrolls to the region's top, as a new page would.
func boostTop(id string) string { return "target:#" + id + " swap:outerHTML" }

func idFor(prefix string, id int64) string { return prefix + strconv.FormatInt(id, 10) }

func kindWord(kind string) string {
	switch kind {
	case db.KindUser:
		return "Personal account"
	case db.KindEnterprise:
		return "Enterprise"
	case "":
		return notReported
	default:
		return "Organization"
	}
}

// notReported stands for what GitHub didn't say.
const notReported = "not reported by GitHub"

// reported is a count that GitHub may not have given.
func reported(n *int64, one, many string) string {
	if n == nil {
		return notReported
	}
	return counted(*n, one, many)
}

func selectionWord(selection string) string {
	switch selection {
	case "":
		return notReported
	case db.SelectionSelected:
		return "only select repositories"
	}
	return "all repositories"
}

// The orders that each list offers. The first is the list's own, and empty, as
// it is in the address.
var (
	repositoryOrders = []option{
		{"", "Name (A–Z)"},
		{string(db.SortNameDesc), "Name (Z–A)"},
		{string(db.SortPushedDesc), "Recently pushed"},
		{string(db.SortPushed), "Least recently pushed"},
		{string(db.SortSizeDesc), "Largest"},
		{string(db.SortSize), "Smallest"},
	}
	importOrders = []option{
		{"", "Newest"},
		{string(db.SortID), "Oldest"},
		{string(db.SortName), "Name (A–Z)"},
		{string(db.SortNameDesc), "Name (Z–A)"},
		{string(db.SortPushedDesc), "Recently pushed"},
	}
)

// offered are the values to choose from; the one in force is always among them.
func offered(values []db.FacetValue, chosen string) []db.FacetValue {
	if chosen == "" {
		return values
	}
	for _, v := range values {
		if v.Value == chosen {
			return values
		}
	}
	return append(values[:len(values):len(values)], db.FacetValue{Value: chosen})
}
