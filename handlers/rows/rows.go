// Package rows writes lists for scripts, row by row and in constant memory: as a
// JSON array, as NDJSON and as CSV. A function says once which fields a row has;
// each format writes them its own way, without reflection, since lists have many
// rows.
package rows

import (
	"io"
	"iter"
)

// Write writes a list in a format, which is "json", "ndjson" or "csv". fill puts the
// fields of an item into a row, the same ones for each.
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
	_, err := w.Write(row.bytes) // of a table without rows, the names
	return err
}
