package rows

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// appendString appends a JSON string as encoding/json does, without escaping <, > and &: it is
// never put into a page.
func appendString(to []byte, s string) []byte {
	if !isPlain(s) {
		var escaped bytes.Buffer
		encoder := json.NewEncoder(&escaped)
		encoder.SetEscapeHTML(false)
		_ = encoder.Encode(s) // never fails for a string
		return append(to, bytes.TrimSuffix(escaped.Bytes(), []byte("\n"))...)
	}
	to = append(to, '"')
	to = append(to, s...)
	return append(to, '"')
}

// isPlain reports whether a string has no characters to escape.
func isPlain(s string) bool {
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if c < ' ' || c == '"' || c == '\\' {
				return false
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 || r == '\u2028' || r == '\u2029' {
			return false
		}
		i += size
	}
	return true
}
