package web

import (
	"bytes"
	"encoding/json"
	"io"
	"iter"
	"reflect"
	"strconv"
	"strings"
)

// WriteRows writes a list in a format, row by row. To is the struct that a row
// is in JSON; as CSV its fields are the columns.
func WriteRows[From, To any](w io.Writer, f Format, rows iter.Seq2[From, error], convert func(From) To) error {
	if f.Name == "csv" {
		return writeCSV(w, rows, convert)
	}
	return writeJSON(w, f.Name == "json", rows, convert)
}

// writeJSON writes an array, or one object a line.
func writeJSON[From, To any](w io.Writer, array bool, rows iter.Seq2[From, error], convert func(From) To) error {
	var row bytes.Buffer
	encoder := json.NewEncoder(&row)
	encoder.SetEscapeHTML(false) // it is never put into a page
	before := byte('[')
	for item, err := range rows {
		if err != nil {
			return err
		}
		row.Reset()
		if array {
			row.WriteByte(before)
			before = ','
		}
		if err := encoder.Encode(convert(item)); err != nil {
			return err
		}
		if array {
			row.Truncate(row.Len() - len("\n"))
		}
		if _, err := w.Write(row.Bytes()); err != nil {
			return err
		}
	}
	if !array {
		return nil
	}
	end := "]\n"
	if before == '[' {
		end = "[]\n"
	}
	_, err := io.WriteString(w, end)
	return err
}

// writeCSV writes a table as RFC 4180 has it: a line of names, and CRLF after
// each. Every text is quoted, so that no separator which a spreadsheet guesses
// begins a cell within one; encoding/csv quotes only where its own does.
func writeCSV[From, To any](w io.Writer, rows iter.Seq2[From, error], convert func(From) To) error {
	names := columns(reflect.TypeFor[To]())
	var line bytes.Buffer
	line.WriteString(strings.Join(names, ",") + "\r\n")
	for item, err := range rows {
		if err != nil {
			return err
		}
		row := reflect.ValueOf(convert(item))
		for i := range names {
			if i > 0 {
				line.WriteByte(',')
			}
			line.WriteString(cell(row.Field(i)))
		}
		line.WriteString("\r\n")
		if _, err := w.Write(line.Bytes()); err != nil {
			return err
		}
		line.Reset()
	}
	_, err := w.Write(line.Bytes()) // the names, where no row follows
	return err
}

// columns are the names that a struct's fields have in JSON.
func columns(row reflect.Type) []string {
	names := make([]string, row.NumField())
	for i := range names {
		names[i], _, _ = strings.Cut(row.Field(i).Tag.Get("json"), ",")
	}
	return names
}

// cell is a value as it stands in a table: what is null in JSON is empty, and a
// list has its values apart by spaces, which GitHub's topics don't contain.
func cell(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return ""
		}
		return cell(v.Elem())
	case reflect.String:
		return quoted(v.String())
	case reflect.Int64:
		return strconv.FormatInt(v.Int(), 10)
	case reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 { // JSON
			return quoted(string(v.Bytes()))
		}
		values := make([]string, v.Len())
		for i := range values {
			values[i] = v.Index(i).String()
		}
		return quoted(strings.Join(values, " "))
	default:
		panic("handlers: a row has a field that no cell can show: " + v.Type().String())
	}
}

// quoted is text in a table.
func quoted(text string) string {
	return `"` + strings.ReplaceAll(inert(text), `"`, `""`) + `"`
}

// inert puts an apostrophe before text that spreadsheets would take for a
// formula and carry out: whoever describes a repository writes cells in
// somebody else's table. (OWASP, CSV Injection)
func inert(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r\n", rune(text[0])) {
		return "'" + text
	}
	return text
}
