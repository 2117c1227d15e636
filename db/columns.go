package db

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// The types of columns that lists convert. Each is a sql.Scanner, so that a row is read
// without intermediate values.

// timeColumn is a time in epoch milliseconds.
type timeColumn time.Time

// Scan implements sql.Scanner.
func (t *timeColumn) Scan(stored any) error {
	ms, err := scanned[int64](stored)
	*t = timeColumn(fromMillis(ms))
	return err
}

// numberColumn is a number. database/sql would set it by reflection.
type numberColumn int64

// Scan implements sql.Scanner.
func (n *numberColumn) Scan(stored any) error {
	number, err := scanned[int64](stored)
	*n = numberColumn(number)
	return err
}

// boolColumn is true or false, which SQLite stores as a number.
type boolColumn bool

// Scan implements sql.Scanner.
func (b *boolColumn) Scan(stored any) error {
	if is, ok := stored.(bool); ok {
		*b = boolColumn(is)
		return nil
	}
	n, err := scanned[int64](stored)
	*b = n != 0
	return err
}

// countColumn is a count, nil if GitHub didn't send it.
type countColumn struct{ count **int64 }

// Scan implements sql.Scanner.
func (c countColumn) Scan(stored any) error {
	n, err := scanned[int64](stored)
	*c.count = nil
	if n != unknown {
		*c.count = new(n)
	}
	return err
}

// flagColumn is a flag, nil if GitHub didn't send it.
type flagColumn struct{ flag **bool }

// Scan implements sql.Scanner.
func (f flagColumn) Scan(stored any) error {
	n, err := scanned[int64](stored)
	*f.flag = nil
	if n != unknown {
		*f.flag = new(n > 0)
	}
	return err
}

// jsonColumn is JSON, nil for an empty text.
type jsonColumn json.RawMessage

// Scan implements sql.Scanner.
func (j *jsonColumn) Scan(stored any) error {
	text, err := scanned[string](stored)
	*j = nil
	if text != "" {
		*j = jsonColumn(text)
	}
	return err
}

// topicsColumn is a list of topics.
type topicsColumn []string

// Scan implements sql.Scanner.
func (t *topicsColumn) Scan(stored any) error {
	text, err := scanned[string](stored)
	*t = nil
	switch {
	case err != nil, text == noTopics:
		return err
	case strings.Contains(text, `\`):
		return json.Unmarshal([]byte(text), (*[]string)(t))
	}
	// All that GitHub allows in topics: nothing in the array is escaped.
	*t = strings.Split(text[len(`["`):len(text)-len(`"]`)], `","`)
	return nil
}

// scanned asserts the type of a column's value, which is the same for both drivers.
func scanned[T any](stored any) (T, error) {
	value, ok := stored.(T)
	if !ok {
		return value, fmt.Errorf("db: a column holds %T, want %T", stored, value)
	}
	return value, nil
}
