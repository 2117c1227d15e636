package rows

import "strings"

// cell appends texts as a cell of a table as RFC 4180 has it. Every text is quoted, so
// that no separator which a spreadsheet guesses begins a cell within one;
// encoding/csv quotes only where its own does.
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

// isFormula reports whether spreadsheets take a text for a formula and carry it
// out: people who describe a repository write cells in somebody else's table. An
// apostrophe before it keeps them from it. (OWASP, CSV Injection)
func isFormula(text string) bool {
	return text != "" && strings.IndexByte("=+-@\t\r\n", text[0]) >= 0
}
