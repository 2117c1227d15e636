package ui

import (
	"strings"

	"neptun/weburl"
)

// SafeURL returns a safe URL that may also be a path of our own.
func SafeURL(s string) string {
	if strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//") && !strings.HasPrefix(s, `/\`) {
		return s
	}
	return weburl.Safe(s)
}
