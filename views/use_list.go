package views

import (
	"strconv"
	"strings"
)

// lines is how many lines a text is shown on.
func lines(text string) string {
	return strconv.Itoa(min(max(strings.Count(text, "\n"), 2), 12))
}
