package db

import "slices"

// listOrder is an order of a list of repositories: a sort key and the id, so that
// paging neither repeats nor skips a row.
type listOrder struct {
	key        string // "" to order by the id only
	id         string
	descending bool
}

// repositoryOrders are the orders of lists of available repositories. Names are also in
// access, so that a per-user index serves the list.
var repositoryOrders = map[Sort]listOrder{
	SortName:       {"a.name_key", "a.repository_id", false},
	SortNameDesc:   {"a.name_key", "a.repository_id", true},
	SortPushed:     {"r.pushed_at", "r.id", false},
	SortPushedDesc: {"r.pushed_at", "r.id", true},
	SortSize:       {"r.size_kb", "r.id", false},
	SortSizeDesc:   {"r.size_kb", "r.id", true},
}

// clause returns the terms of ORDER BY.
func (o listOrder) clause() string {
	direction := ""
	if o.descending {
		direction = " DESC"
	}
	if o.key == "" {
		return o.id + direction
	}
	return o.key + direction + ", " + o.id + direction
}

// fromNearerEnd returns the order and the page to find the rows of a page from the end of
// a list of total rows, if that is nearer: the cost of a page grows with the rows before
// it.
func (o listOrder) fromNearerEnd(page Page, total int64) (listOrder, Page) {
	left := int(total) - page.Offset // from the page's first row on
	if page.After != "" || left <= 0 || left > page.Offset {
		return o, page
	}
	o.descending = !o.descending
	page.Limit = min(page.Limit, left)
	page.Offset = left - page.Limit
	return o, page
}

// textSorts are the orders by a text.
var textSorts = []Sort{SortName, SortNameDesc, Sort(OrderByLogin), Sort(OrderByLoginDesc)}

// after restricts a list to the rows after a page's cursor.
func (q *listQuery) after(page Page, sort Sort, order listOrder) error {
	if page.After == "" {
		return nil
	}
	c, err := parseCursor(page.After, sort)
	if err != nil {
		return err
	}
	beyond := ">"
	if order.descending {
		beyond = "<"
	}
	switch {
	case order.key == "":
		q.and(order.id+" "+beyond+" ?", c.ID)
	case slices.Contains(textSorts, sort):
		q.and("("+order.key+", "+order.id+") "+beyond+" (?, ?)", c.Text, c.ID)
	default:
		q.and("("+order.key+", "+order.id+") "+beyond+" (?, ?)", c.Number, c.ID)
	}
	return nil
}
