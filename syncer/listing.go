package syncer

import (
	"context"
	"errors"
	"fmt"

	"neptun/github"
)

// listingTries is how often a list that shifts is read before giving up.
const listingTries = 3

// errShifted: the list changed each time while it was read, so that none of
// the readings proves anything.
var errShifted = errors.New("github: the list shifted while it was read")

// page is a part of a list as GitHub gives it.
type page[T any] struct {
	total int // items on all pages
	items []T
	next  int // number of the next page, 0 for none
}

// progress is how far the reading of a list has come.
type progress struct {
	pages, pagesTotal int
	items             int
}

// listing reads one list of things that have an id of GitHub's.
type listing[T interface{ key() int64 }] struct {
	fetch func(ctx context.Context, number int) (page[T], error)
	// take is given each page as it arrives, also of a reading that turns out
	// not to be whole: what is there may be added, whatever was missed.
	take func(ctx context.Context, items []T, so progress) error
}

// readWhole reads the list until a reading is whole: every page came, with one
// total throughout and as many different ids. The error is errShifted when
// none was.
func (l listing[T]) readWhole(ctx context.Context) error {
	for range listingTries {
		if whole, err := l.read(ctx); err != nil || whole {
			return err
		}
	}
	return errShifted
}

func (l listing[T]) read(ctx context.Context) (whole bool, err error) {
	met := map[int64]struct{}{}
	total, steady := 0, true
	for number := 1; ; number++ {
		part, err := l.fetch(ctx, number)
		if err != nil {
			return false, err
		}
		before := len(met)
		for _, item := range part.items {
			if item.key() <= 0 {
				return false, fmt.Errorf("%w: the answer lacks an id", github.ErrUnavailable)
			}
			met[item.key()] = struct{}{}
		}
		so := progress{pages: number, pagesTotal: (part.total + github.PerPage - 1) / github.PerPage, items: len(met)}
		if err := l.take(ctx, part.items, so); err != nil {
			return false, err
		}
		steady = steady && (number == 1 || part.total == total)
		total = part.total
		// A page that brings nothing new, and more than there is said to be, end a
		// list that would go on for ever.
		if part.next <= number || len(met) == before || len(met) > total {
			return steady && len(met) == total, nil
		}
	}
}
