package syncer

import (
	"context"
	"errors"
	"maps"
	"slices"

	"neptun/db"
	"neptun/github"
)

// listingTries is how often a list that shifts is read before giving up.
const listingTries = 3

// errShifted: the list changed each time while it was read, so that none of
// the passes proves anything.
var errShifted = errors.New("github: the list shifted while it was read")

// page is a part of a list as GitHub gives it.
type page[T any] struct {
	total   int // items on all pages, or github.UnknownTotal
	items   []T
	skipped db.Skipped // items that could not be used
	next    int        // number of the next page, 0 for none
	// withheld are the organizations that GitHub left out, by its ids.
	withheld []int64
}

// progress is how far a pass over a list has come.
type progress struct {
	pages, pagesTotal int
	items             int
}

// listing reads one list of things that have an id of GitHub's.
type listing[T interface{ key() int64 }] struct {
	fetch func(ctx context.Context, number int) (page[T], error)
	// take is given each page as it arrives, also of a pass that turns out not to be
	// whole: what is there may be added, whatever was missed.
	take func(ctx context.Context, items []T, so progress) error
}

// listed is what is known of a list that was read.
type listed struct {
	seen    map[int64]struct{}
	skipped db.Skipped
	total   int // as GitHub reported it, or github.UnknownTotal
	// withheld are the organizations that GitHub left out, by its ids.
	withheld []int64
}

// rows counts the rows of the list, skipped ones included.
func (l listed) rows() int { return len(l.seen) + int(l.skipped.Total()) }

// uncertain tells that the list doesn't prove what is gone.
func (l listed) uncertain() bool { return len(l.skipped) > 0 || len(l.seen) != l.total }

// readWhole reads the list until a pass is whole: every page came, with one total
// throughout and as many different ids. A list whose total stays wrong through two
// passes that agree in their ids is whole, too, and uncertain. The error is errShifted
// when there was neither.
func (l listing[T]) readWhole(ctx context.Context) (listed, error) {
	var former *listed
	for range listingTries {
		read, whole, err := l.read(ctx)
		if err != nil || whole || former != nil && len(read.seen) > 0 && maps.Equal(former.seen, read.seen) {
			return read, err
		}
		former = &read
	}
	return listed{}, errShifted
}

func (l listing[T]) read(ctx context.Context) (read listed, whole bool, err error) {
	read.seen = map[int64]struct{}{}
	steady := true
	for number := 1; ; number++ {
		part, err := l.fetch(ctx, number)
		if err != nil {
			return read, false, err
		}
		before := read.rows()
		for _, item := range part.items {
			read.seen[item.key()] = struct{}{}
		}
		read.skipped = read.skipped.Plus(part.skipped)
		for _, id := range part.withheld {
			if !slices.Contains(read.withheld, id) {
				read.withheld = append(read.withheld, id)
			}
		}
		so := progress{pages: number, pagesTotal: (part.total + github.PerPage - 1) / github.PerPage, items: len(read.seen)}
		if err := l.take(ctx, part.items, so); err != nil {
			return read, false, err
		}
		steady = steady && (number == 1 || part.total == read.total)
		read.total = part.total
		seen := read.rows()
		// A page that brings nothing new ends a list that would go on for ever. Some
		// servers name no next page though the total says that there is more.
		if seen == before || part.next <= number && read.total != github.UnknownTotal && seen >= read.total {
			return read, steady && seen == read.total, nil
		}
	}
}
