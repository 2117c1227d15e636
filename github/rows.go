package github

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"

	"neptun/db"
)

// rows is a list whose rows are decoded independently: a malformed row costs only
// itself, and a field of the wrong type only that field.
type rows[T any] struct {
	items []*T // nil for a row that is null
	// odd describes what was wrong with a row or one of its fields.
	odd []oddRow
}

type oddRow struct {
	place int
	err   error
}

// UnmarshalJSON only fails if the value isn't a list.
func (r *rows[T]) UnmarshalJSON(data []byte) error {
	return r.decode(json.NewDecoder(bytes.NewReader(data)))
}

// decode decodes a list row by row. encoding/json decodes the rest of a row when a field
// has the wrong type.
func (r *rows[T]) decode(from *json.Decoder) error {
	r.items, r.odd = nil, nil
	switch start, err := from.Token(); {
	case err != nil:
		return err
	case start == nil:
		return nil
	case start != json.Delim('['):
		return &json.UnmarshalTypeError{Value: "something else", Type: reflect.TypeFor[[]T]()}
	}
	r.items = []*T{}
	for from.More() {
		var item *T
		err := from.Decode(&item)
		var field *json.UnmarshalTypeError
		switch {
		case errors.As(err, &field):
			r.odd = append(r.odd, oddRow{len(r.items), err})
		case err != nil:
			return err
		}
		r.items = append(r.items, item)
	}
	_, err := from.Token()
	return err
}

// MarshalJSON encodes the rows as they were decoded.
func (r rows[T]) MarshalJSON() ([]byte, error) { return json.Marshal(r.items) }

// Skipped is a row that can't be used.
type Skipped struct {
	Place  int    // on its page, from 1
	ID     int64  // GitHub's, 0 for none
	Reason string // one of db.Skipped*
}

func skipped(place int, id int64, reason string) Skipped { return Skipped{place + 1, id, reason} }

// CountSkipped counts rows by reason.
func CountSkipped(rows []Skipped) db.Skipped {
	var counts db.Skipped
	for _, row := range rows {
		counts = counts.Plus(db.Skipped{row.Reason: 1})
	}
	return counts
}

// oddFields describes the fields of a page that were ignored.
func (r rows[T]) oddFields() []string {
	var fields []string
	for _, odd := range r.odd {
		fields = append(fields, fmt.Sprintf("row %d: %v", odd.place+1, odd.err))
	}
	return fields
}

// moment is a time that is zero if GitHub sends none, or a malformed one.
type moment struct{ time.Time }

// UnmarshalJSON never fails.
func (m *moment) UnmarshalJSON(data []byte) error {
	if m.Time.UnmarshalJSON(data) != nil {
		m.Time = time.Time{}
	}
	return nil
}

// MarshalJSON writes null for zero.
func (m moment) MarshalJSON() ([]byte, error) {
	if m.IsZero() {
		return []byte("null"), nil
	}
	return m.Time.MarshalJSON()
}

// optional is a value that is nil if GitHub sends none or one of another type. A plain
// pointer would point to zero then.
type optional[T any] struct{ value *T }

// UnmarshalJSON never fails.
func (o *optional[T]) UnmarshalJSON(data []byte) error {
	if json.Unmarshal(data, &o.value) != nil {
		o.value = nil
	}
	return nil
}

// MarshalJSON writes null for nil.
func (o optional[T]) MarshalJSON() ([]byte, error) { return json.Marshal(o.value) }

// UnknownTotal is the total of a list for which GitHub reports none.
const UnknownTotal = -1

// total returns the total of a list, or UnknownTotal.
func total(reported optional[int64]) int64 {
	if count := natural(reported.value); count != nil {
		return *count
	}
	return UnknownTotal
}

// IsOddField reports whether a decoding error is only about a field of the wrong type.
func IsOddField(err error) bool {
	var field *json.UnmarshalTypeError
	return errors.As(err, &field) && field.Field != ""
}
