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

// playPasses returns a listing that returns the pages of one pass after the other.
func playPasses(t *testing.T, seen *[]int64, all ...[]page[thing]) listing[thing] {
	pass := -1
	return listing[thing]{
		fetch: func(_ context.Context, number int) (page[thing], error) {
			if number == 1 {
				pass++
			}
			if pass >= len(all) || number > len(all[pass])+1 {
				t.Fatalf("page %d of pass %d was asked for", number, pass+1)
			}
			if number > len(all[pass]) { // as GitHub answers past the end
				return page[thing]{total: all[pass][0].total}, nil
			}
			return all[pass][number-1], nil
		},
		take: func(_ context.Context, items []thing, _ progress) error {
			for _, item := range items {
				*seen = append(*seen, item.key())
			}
			return nil
		},
	}
}

func TestAListIsReadUntilAPassIsComplete(t *testing.T) {
	whole := []page[thing]{{total: 3, items: []thing{1, 2}, next: 2}, {total: 3, items: []thing{3}}}
	missing := []page[thing]{{total: 3, items: []thing{1, 2}, next: 2}, {total: 3, items: []thing{2}}}
	for name, c := range map[string]struct {
		passes    [][]page[thing]
		want      error
		uncertain bool
	}{
		"whole":                        {passes: [][]page[thing]{whole}},
		"empty":                        {passes: [][]page[thing]{{{total: 0, items: []thing{}}}}},
		"an item twice":                {passes: [][]page[thing]{missing, whole}},
		"the total changed":            {passes: [][]page[thing]{{{total: 2, items: []thing{1, 2}, next: 2}, {total: 3, items: []thing{3}}}, whole}},
		"more than there is":           {passes: [][]page[thing]{{{total: 1, items: []thing{1, 2}, next: 2}}, whole}},
		"fewer pages than there is":    {passes: [][]page[thing]{{{total: 3, items: []thing{1, 2}}}, whole}},
		"a page that never ends":       {passes: [][]page[thing]{{{total: 9, items: []thing{1}, next: 2}, {total: 9, items: []thing{1}, next: 3}}, whole}},
		"a next page behind":           {passes: [][]page[thing]{{{total: 3, items: []thing{1}, next: 1}}, whole}},
		"never whole, never the same":  {passes: [][]page[thing]{missing, {{total: 3, items: []thing{1, 3}}}, {{total: 3, items: []thing{1, 4}}}}, want: errShifted},
		"R9, no Link header":           {passes: [][]page[thing]{{{total: 3, items: []thing{1, 2}}, {total: 3, items: []thing{3}}}}},
		"R9, a total that stays wrong": {passes: [][]page[thing]{missing, missing}, uncertain: true},
		"R9, a total that is too low":  {passes: [][]page[thing]{{{total: 1, items: []thing{1, 2}, next: 2}, {total: 1, items: []thing{3}}}, {{total: 1, items: []thing{1, 2}, next: 2}, {total: 1, items: []thing{3}}}}, uncertain: true},
		"R5, a row that can't be read": {passes: [][]page[thing]{{{total: 3, items: []thing{1, 2}, skipped: db.Skipped{db.SkippedNull: 1}}}}, uncertain: true},
	} {
		t.Run(name, func(t *testing.T) {
			var seen []int64
			read, err := playPasses(t, &seen, c.passes...).readWhole(t.Context())
			if !errors.Is(err, c.want) {
				t.Fatalf("the error is %v", err)
			}
			if err == nil && read.uncertain() != c.uncertain {
				t.Errorf("uncertain is %v", read.uncertain())
			}
			if name != "empty" && !slices.Contains(seen, 1) {
				t.Error("a seen repository counts as unseen")
			}
		})
	}
}

func TestP9AFailedPageIsNotAnEmptyPage(t *testing.T) {
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
