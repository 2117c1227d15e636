package syncer

import (
	"context"
	"errors"
	"slices"
	"testing"

	"neptun/db"
	"neptun/github"
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
			if reading >= len(all) || number > len(all[reading])+1 {
				t.Fatalf("page %d of pass %d was asked for", number, reading+1)
			}
			if number > len(all[reading]) { // as GitHub answers past the end
				return page[thing]{total: all[reading][0].total}, nil
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
		readings  [][]page[thing]
		want      error
		uncertain bool
	}{
		"whole":                        {readings: [][]page[thing]{whole}},
		"empty":                        {readings: [][]page[thing]{{{total: 0, items: []thing{}}}}},
		"an item twice":                {readings: [][]page[thing]{missing, whole}},
		"the total changed":            {readings: [][]page[thing]{{{total: 2, items: []thing{1, 2}, next: 2}, {total: 3, items: []thing{3}}}, whole}},
		"more than there is":           {readings: [][]page[thing]{{{total: 1, items: []thing{1, 2}, next: 2}}, whole}},
		"fewer pages than there is":    {readings: [][]page[thing]{{{total: 3, items: []thing{1, 2}}}, whole}},
		"a page that never ends":       {readings: [][]page[thing]{{{total: 9, items: []thing{1}, next: 2}, {total: 9, items: []thing{1}, next: 3}}, whole}},
		"a next page behind":           {readings: [][]page[thing]{{{total: 3, items: []thing{1}, next: 1}}, whole}},
		"never whole, never the same":  {readings: [][]page[thing]{missing, {{total: 3, items: []thing{1, 3}}}, {{total: 3, items: []thing{1, 4}}}}, want: errShifted},
		"R9, no Link header":           {readings: [][]page[thing]{{{total: 3, items: []thing{1, 2}}, {total: 3, items: []thing{3}}}}},
		"R9, a total that stays wrong": {readings: [][]page[thing]{missing, missing}, uncertain: true},
		"R9, a total that is too low":  {readings: [][]page[thing]{{{total: 1, items: []thing{1, 2}, next: 2}, {total: 1, items: []thing{3}}}, {{total: 1, items: []thing{1, 2}, next: 2}, {total: 1, items: []thing{3}}}}, uncertain: true},
		"R5, a row that can't be read": {readings: [][]page[thing]{{{total: 3, items: []thing{1, 2}, skipped: db.Skipped{db.SkippedNull: 1}}}}, uncertain: true},
	} {
		t.Run(name, func(t *testing.T) {
			var taken []int64
			read, err := readings(t, &taken, c.readings...).readWhole(t.Context())
			if !errors.Is(err, c.want) {
				t.Fatalf("the error is %v", err)
			}
			if err == nil && read.uncertain() != c.uncertain {
				t.Errorf("uncertain is %v", read.uncertain())
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
	_, err := list.readWhole(t.Context())
	expectErr(t, err, github.ErrUnavailable)
}
