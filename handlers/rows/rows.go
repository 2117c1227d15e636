// Package rows writes lists for scripts, row by row and in constant memory: as a JSON array,
// as NDJSON and as CSV. One function defines the fields of a row for all formats. It uses no
// reflection, since lists have many rows.
package rows

import (
	"io"
	"iter"
)

// Write writes a list in a format, which is "json", "ndjson" or "csv". fill adds the fields of
// an item to a row; they are the same for each item.
func Write[Item any](w io.Writer, format string, list iter.Seq2[Item, error], fill func(*Row, Item)) error {
	row := Row{csv: format == "csv"}
	if row.csv {
		var none Item
		row.naming = true
		fill(&row, none)
		row.naming = false
		row.end()
	}
	array := format == "json"
	before := byte('[')
	for item, err := range list {
		if err != nil {
			return err
		}
		if array {
			row.bytes = append(row.bytes, before)
			before = ','
		}
		fill(&row, item)
		row.end()
		if array {
			row.bytes = row.bytes[:len(row.bytes)-len("\n")]
		}
		if _, err := w.Write(row.bytes); err != nil {
			return err
		}
		row.bytes = row.bytes[:0]
	}
	if array {
		if before == '[' {
			row.bytes = append(row.bytes, before)
		}
		row.bytes = append(row.bytes, "]\n"...)
	}
	_, err := w.Write(row.bytes) // the header of a table without rows
	return err
}
