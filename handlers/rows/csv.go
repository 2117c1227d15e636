package rows

import "strings"

// cell appends texts as a cell of a table by RFC 4180. Every text is quoted, so that a
// spreadsheet that guesses another separator doesn't split it; encoding/csv only quotes texts
// with its own separator.
func (r *Row) cell(texts ...string) {
	r.bytes = append(r.bytes, '"')
	for i, text := range texts {
		if i > 0 {
			r.bytes = append(r.bytes, ' ')
		} else if isFormula(text) {
			r.bytes = append(r.bytes, '\'')
		}
		for quote := strings.IndexByte(text, '"'); quote >= 0; quote = strings.IndexByte(text, '"') {
			r.bytes = append(append(r.bytes, text[:quote]...), `""`...)
			text = text[quote+1:]
		}
		r.bytes = append(r.bytes, text...)
	}
	r.bytes = append(r.bytes, '"')
}

// isFormula reports whether spreadsheets would evaluate a text as a formula: descriptions of
// repositories are written by others. An apostrophe before it prevents that. (OWASP, CSV
// Injection)
func isFormula(text string) bool {
	return text != "" && strings.IndexByte("=+-@\t\r\n", text[0]) >= 0
}
