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

// rows is a list whose rows stand alone: a row that is null or of an odd shape
// costs itself, and a field of an odd type that field.
type rows[T any] struct {
	items []*T // nil for a row that is null
	// odd says what was wrong with a row or one of its fields, by its place.
	odd []oddRow
}

type oddRow struct {
	place int
	err   error
}

// UnmarshalJSON fails only for what is no list.
func (r *rows[T]) UnmarshalJSON(data []byte) error {
	return r.decode(json.NewDecoder(bytes.NewReader(data)))
}

// decode decodes a list row by row. encoding/json decodes the rest of a row when a
// field has another type than it should.
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

// MarshalJSON writes the rows as they were understood.
func (r rows[T]) MarshalJSON() ([]byte, error) { return json.Marshal(r.items) }

// Skipped is a row that could not be used.
type Skipped struct {
	Place  int    // in its page, from 1
	ID     int64  // GitHub's, 0 where it has none
	Reason string // one of db's
}

func skipped(place int, id int64, reason string) Skipped { return Skipped{place + 1, id, reason} }

// CountSkipped counts rows by their reason.
func CountSkipped(rows []Skipped) db.Skipped {
	var counts db.Skipped
	for _, row := range rows {
		counts = counts.Plus(db.Skipped{row.Reason: 1})
	}
	return counts
}

// oddFields says of a page which fields were left out.
func (r rows[T]) oddFields() []string {
	var fields []string
	for _, odd := range r.odd {
		fields = append(fields, fmt.Sprintf("row %d: %v", odd.place+1, odd.err))
	}
	return fields
}

// moment is a time that is zero where GitHub sends none, or something else.
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

// oddField tells an answer in which a field has an odd type, and is left out, from
// one that is no answer.
func oddField(err error) bool {
	var field *json.UnmarshalTypeError
	return errors.As(err, &field) && field.Field != ""
}
