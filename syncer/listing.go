package syncer

import (
	"context"
	"errors"
	"maps"
	"slices"

	"neptun/db"
	"neptun/github"
)

// listingTries limits how often a list that changes while it is read is read again.
const listingTries = 3

// errShifted means that the list changed during each pass, so that none of them
// proves anything.
var errShifted = errors.New("github: the list changed while it was read")

// page is one page of a list from GitHub.
type page[T any] struct {
	total   int // items on all pages, or github.UnknownTotal
	items   []T
	skipped db.Skipped // items that could not be used
	next    int        // number of the next page, 0 for none
	// withheld are the ids of the organizations that GitHub left out.
	withheld []int64
}

// progress is the progress of a pass over a list.
type progress struct {
	pages, pagesTotal int
	items             int
}

// listing reads a list of things that have a GitHub id.
type listing[T interface{ key() int64 }] struct {
	fetch func(ctx context.Context, number int) (page[T], error)
	// take receives each page as it arrives, even in a pass that turns out not to be
	// whole: what it lists can be added, whatever the pass missed.
	take func(ctx context.Context, items []T, at progress) error
}

// listed is the result of reading a list.
type listed struct {
	seen    map[int64]struct{}
	skipped db.Skipped
	total   int // as GitHub reported it, or github.UnknownTotal
	// withheld are the ids of the organizations that GitHub left out.
	withheld []int64
}

// rows counts the rows of the list, including skipped ones.
func (l listed) rows() int { return len(l.seen) + int(l.skipped.Total()) }

// uncertain reports whether the list doesn't prove what is gone.
func (l listed) uncertain() bool { return len(l.skipped) > 0 || len(l.seen) != l.total }

// readWhole reads the list until a pass is whole: every page arrived, all with the same
// total, and with that many different ids. A list whose total stays wrong through two
// passes that saw the same ids is whole too, but uncertain. Otherwise the error is
// errShifted.
func (l listing[T]) readWhole(ctx context.Context) (listed, error) {
	var previous *listed
	for range listingTries {
		read, whole, err := l.read(ctx)
		if err != nil || whole || previous != nil && len(read.seen) > 0 && maps.Equal(previous.seen, read.seen) {
			return read, err
		}
		previous = &read
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
		at := progress{pages: number, pagesTotal: (part.total + github.PerPage - 1) / github.PerPage, items: len(read.seen)}
		if err := l.take(ctx, part.items, at); err != nil {
			return read, false, err
		}
		steady = steady && (number == 1 || part.total == read.total)
		read.total = part.total
		seen := read.rows()
		// A page with nothing new ends a list that would otherwise never end. Some servers
		// name no next page although the total says that there are more.
		if seen == before || part.next <= number && read.total != github.UnknownTotal && seen >= read.total {
			return read, steady && seen == read.total, nil
		}
	}
}
