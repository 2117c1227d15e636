package syncer

import (
	"context"
	"errors"
	"neptun/github"
	"slices"
	"testing"
)

type thing int64

func (t thing) key() int64 { return int64(t) }

// readings plays a list that is read again and again: pages of readings.
func readings(t *testing.T, taken *[]int64, all ...[]page[thing]) listing[thing] {
	reading := -1
	return listing[thing]{
		fetch: func(_ context.Context, number int) (page[thing], error) {
			if number == 1 {
				reading++
			}
			if reading >= len(all) || number > len(all[reading]) {
				t.Fatalf("page %d of reading %d was asked for", number, reading+1)
			}
			return all[reading][number-1], nil
		},
		take: func(_ context.Context, items []thing, _ progress) error {
			for _, item := range items {
				*taken = append(*taken, item.key())
			}
			return nil
		},
	}
}

func TestAReadingIsWholeOrItIsDoneAgain(t *testing.T) {
	whole := []page[thing]{{total: 3, items: []thing{1, 2}, next: 2}, {total: 3, items: []thing{3}}}
	missing := []page[thing]{{total: 3, items: []thing{1, 2}, next: 2}, {total: 3, items: []thing{2}}}
	for name, c := range map[string]struct {
		readings [][]page[thing]
		want     error
	}{
		"whole":                     {readings: [][]page[thing]{whole}},
		"empty":                     {readings: [][]page[thing]{{{total: 0, items: []thing{}}}}},
		"an item twice":             {readings: [][]page[thing]{missing, whole}},
		"the total changed":         {readings: [][]page[thing]{{{total: 2, items: []thing{1, 2}, next: 2}, {total: 3, items: []thing{3}}}, whole}},
		"more than there is":        {readings: [][]page[thing]{{{total: 1, items: []thing{1, 2}, next: 2}}, whole}},
		"fewer pages than there is": {readings: [][]page[thing]{{{total: 3, items: []thing{1, 2}}}, whole}},
		"a page that never ends":    {readings: [][]page[thing]{{{total: 9, items: []thing{1}, next: 2}, {total: 9, items: []thing{1}, next: 3}}, whole}},
		"a next page behind":        {readings: [][]page[thing]{{{total: 3, items: []thing{1}, next: 1}}, whole}},
		"never whole":               {readings: [][]page[thing]{missing, missing, missing}, want: errShifted},
	} {
		t.Run(name, func(t *testing.T) {
			var taken []int64
			err := readings(t, &taken, c.readings...).readWhole(t.Context())
			if !errors.Is(err, c.want) {
				t.Fatalf("the error is %v", err)
			}
			if name != "empty" && !slices.Contains(taken, 1) {
				t.Error("what was seen was not taken")
			}
		})
	}
}

func TestP9AFailedPageIsNotAnEmptyOne(t *testing.T) {
	list := listing[thing]{
		fetch: func(_ context.Context, number int) (page[thing], error) {
			if number == 2 {
				return page[thing]{}, github.ErrUnavailable
			}
			return page[thing]{total: 2, items: []thing{1}, next: 2}, nil
		},
		take: func(context.Context, []thing, progress) error { return nil },
	}
	expectErr(t, list.readWhole(t.Context()), github.ErrUnavailable)
}

func TestAnItemWithoutAnIDIsNoItem(t *testing.T) {
	var taken []int64
	list := readings(t, &taken, []page[thing]{{total: 1, items: []thing{0}}})
	expectErr(t, list.readWhole(t.Context()), github.ErrUnavailable)
}
