package ui

import (
	"strings"

	"neptun/weburl"
)

// SafeURL returns a safe URL, which may also be a path of Neptun.
func SafeURL(s string) string {
	if strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//") && !strings.HasPrefix(s, `/\`) {
		return s
	}
	return weburl.Safe(s)
}
