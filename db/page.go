package db

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"iter"
	"math"
	"slices"
)

// Page is a part of a list. The zero Page is all of it.
type Page struct {
	Limit  int // 0 for no limit
	Offset int
	// After is the Cursor of the row before the first, used instead of an Offset;
	// empty for the start of the list.
	After string
	// Shown reads only the fields of repositories that pages show; others are empty.
	Shown bool
}

// ErrCursor is the error for an After that isn't a cursor of such a list.
var ErrCursor = errors.New("db: not a cursor of this list")

// sqlLimit returns the Limit for SQL's LIMIT.
func (p Page) sqlLimit() int64 {
	if p.Limit == 0 {
		return math.MaxInt64
	}
	return int64(p.Limit)
}

// Total returns how many rows a list has on all pages, given how many this page has. It
// calls count only if the page doesn't show it.
func (p Page) Total(rows int, count func() (int64, error)) (int64, error) {
	isLast := p.Limit == 0 || rows < p.Limit
	if p.After == "" && isLast && (rows > 0 || p.Offset == 0) {
		return int64(p.Offset + rows), nil
	}
	return count()
}

// among returns those of the ids that are on the page, and how many come before them, given all
// ids of a list in the order of the names. In another order the page may have any of them.
func (p Page) among(ids []int64, sort Sort) (on []int64, skipped int) {
	if p.Limit == 0 || p.After != "" || sort != SortName && sort != SortNameDesc {
		return ids, 0
	}
	if sort == SortNameDesc {
		slices.Reverse(ids)
	}
	first := min(p.Offset, len(ids))
	return ids[first:min(first+p.Limit, len(ids))], first
}

// pageOf reads the rows of a page and counts those of the list. Of a list
// without a limit the rows are left to be read and the count is 0.
func pageOf[T any](p Page, rows iter.Seq2[T, error], count func() (int64, error)) (iter.Seq2[T, error], int64, error) {
	if p.Limit == 0 {
		return rows, 0, nil
	}
	list := make([]T, 0, p.Limit)
	for item, err := range rows {
		if err != nil {
			return nil, 0, err
		}
		list = append(list, item)
	}
	total, err := p.Total(len(list), count)
	return func(yield func(T, error) bool) {
		for _, item := range list {
			if !yield(item, nil) {
				return
			}
		}
	}, total, err
}

// cursor is where a sorted list continues: after the row with this key and id.
type cursor struct {
	Sort   Sort   `json:"sort"`
	Text   string `json:"text,omitempty"`
	Number int64  `json:"number,omitempty"`
	ID     int64  `json:"id"`
}

// String encodes a cursor for a URL.
func (c cursor) String() string {
	encoded, err := json.Marshal(c)
	if err != nil {
		panic(err) // strings and numbers
	}
	return base64.RawURLEncoding.EncodeToString(encoded)
}

func parseCursor(after string, sort Sort) (cursor, error) {
	decoded, err := base64.RawURLEncoding.DecodeString(after)
	if err != nil {
		return cursor{}, ErrCursor
	}
	var c cursor
	if err := json.Unmarshal(decoded, &c); err != nil || c.Sort != sort {
		return cursor{}, ErrCursor
	}
	return c, nil
}

// cursorOf is the cursor of a repository in a list in this order.
func cursorOf(r Repository, sort Sort) cursor {
	c := cursor{Sort: sort, ID: r.ID}
	switch sort {
	case SortName, SortNameDesc:
		c.Text = nameKey(r.Name)
	case SortPushed, SortPushedDesc:
		c.Number = millis(r.PushedAt)
	case SortSize, SortSizeDesc:
		c.Number = r.SizeKB
	}
	return c
}

// Cursor is the After of the page that follows this repository.
func (a Available) Cursor(sort Sort) string { return cursorOf(a.Repository, sort).String() }

// Cursor is the After of the page that follows this import.
func (i Import) Cursor(sort Sort) string {
	if sort == SortID || sort == SortIDDesc {
		return cursor{Sort: sort, ID: i.ID}.String()
	}
	return cursorOf(i.Repository, sort).String()
}
