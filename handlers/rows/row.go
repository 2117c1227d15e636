package rows

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"
)

// Row is a row that is being written.
type Row struct {
	csv    bool
	naming bool // writes the header of a table
	prefix string
	bytes  []byte
	fields int
}

// Prefix sets a prefix for the names of the following fields.
func (r *Row) Prefix(prefix string) { r.prefix = prefix }

// Int adds an integer.
func (r *Row) Int(name string, n int64) {
	if r.begin(name) {
		r.bytes = strconv.AppendInt(r.bytes, n, 10)
	}
}

// IntOrNull adds an integer, or null if it is unknown.
func (r *Row) IntOrNull(name string, n *int64) {
	if n == nil {
		r.null(name)
		return
	}
	r.Int(name, *n)
}

// Bool adds true or false.
func (r *Row) Bool(name string, so bool) {
	if r.begin(name) {
		r.bytes = strconv.AppendBool(r.bytes, so)
	}
}

// BoolOrNull adds true or false, or null if it is unknown.
func (r *Row) BoolOrNull(name string, so *bool) {
	if so == nil {
		r.null(name)
		return
	}
	r.Bool(name, *so)
}

// Text adds a text.
func (r *Row) Text(name, text string) {
	if r.begin(name) {
		r.text(text)
	}
}

// TextOrNull adds a text; an empty one is null.
func (r *Row) TextOrNull(name, text string) {
	if text == "" {
		r.null(name)
		return
	}
	r.Text(name, text)
}

// Time adds a time: RFC 3339, UTC, whole seconds.
func (r *Row) Time(name string, t time.Time) {
	if r.begin(name) {
		r.bytes = append(r.bytes, '"')
		r.bytes = t.UTC().AppendFormat(r.bytes, time.RFC3339)
		r.bytes = append(r.bytes, '"')
	}
}

// TimeOrNull adds a time; the zero time is null.
func (r *Row) TimeOrNull(name string, t time.Time) {
	if t.IsZero() {
		r.null(name)
		return
	}
	r.Time(name, t)
}

// Texts adds a list of texts. In a table they are separated by spaces, which GitHub's topics
// don't contain.
func (r *Row) Texts(name string, texts []string) {
	if !r.begin(name) {
		return
	}
	if r.csv {
		r.cell(texts...)
		return
	}
	r.bytes = append(r.bytes, '[')
	for i, text := range texts {
		if i > 0 {
			r.bytes = append(r.bytes, ',')
		}
		r.bytes = appendString(r.bytes, text)
	}
	r.bytes = append(r.bytes, ']')
}

// JSONOrNull adds an encoded JSON value; an empty one is null.
func (r *Row) JSONOrNull(name string, value json.RawMessage) {
	if len(value) == 0 {
		r.null(name)
		return
	}
	switch {
	case !r.begin(name):
	case r.csv:
		r.cell(string(value))
	default:
		compact := bytes.NewBuffer(r.bytes)
		if json.Compact(compact, value) == nil {
			r.bytes = compact.Bytes()
		} else {
			r.bytes = append(r.bytes, "null"...)
		}
	}
}

func (r *Row) null(name string) {
	if r.begin(name) && !r.csv {
		r.bytes = append(r.bytes, "null"...)
	}
}

func (r *Row) text(text string) {
	if r.csv {
		r.cell(text)
	} else {
		r.bytes = appendString(r.bytes, text)
	}
}

// begin begins a field, and reports whether it needs a value.
func (r *Row) begin(name string) bool {
	switch {
	case r.fields > 0:
		r.bytes = append(r.bytes, ',')
	case !r.csv:
		r.bytes = append(r.bytes, '{')
	}
	r.fields++
	if r.csv && !r.naming {
		return true
	}
	if !r.csv {
		r.bytes = append(r.bytes, '"')
	}
	r.bytes = append(r.bytes, r.prefix...)
	r.bytes = append(r.bytes, name...)
	if !r.csv {
		r.bytes = append(r.bytes, `":`...)
	}
	return !r.naming
}

func (r *Row) end() {
	if r.csv {
		r.bytes = append(r.bytes, "\r\n"...)
	} else {
		r.bytes = append(r.bytes, "}\n"...)
	}
	r.fields, r.prefix = 0, ""
}
