package github

import (
	"encoding/json"
	"errors"
	"fmt"
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

// UnmarshalJSON fails only for what is no list. encoding/json decodes the rest of a
// value when a field has another type than it should.
func (r *rows[T]) UnmarshalJSON(data []byte) error {
	r.items, r.odd = nil, nil
	err := json.Unmarshal(data, &r.items)
	var field *json.UnmarshalTypeError
	if err == nil || !errors.As(err, &field) {
		return err
	}
	// The error names one field: each row by itself says what is wrong with it.
	var each []json.RawMessage
	if err := json.Unmarshal(data, &each); err != nil {
		return err
	}
	r.items = make([]*T, len(each))
	for i, row := range each {
		if err := json.Unmarshal(row, &r.items[i]); err != nil {
			r.odd = append(r.odd, oddRow{i, err})
		}
	}
	return nil
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

// optional is a value that is nil where GitHub sends none, or something else. A plain
// pointer would be to zero where a value has another type than it should.
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

// UnknownTotal is the total of a list whose GitHub reports none.
const UnknownTotal = -1

// total is the total of a list as GitHub reports it.
func total(reported optional[int64]) int64 {
	if count := natural(reported.value); count != nil {
		return *count
	}
	return UnknownTotal
}

// IsOddField tells the error of a body in which a field has an odd type, and is left
// out, from that of one that is no answer.
func IsOddField(err error) bool {
	var field *json.UnmarshalTypeError
	return errors.As(err, &field) && field.Field != ""
}
