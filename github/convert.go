package github

import (
	"strings"

	"neptun/weburl"
)

// Clean removes NUL bytes, which PostgreSQL can't store.
func Clean(text string) string { return strings.ReplaceAll(text, "\x00", "") }

// link returns a URL from GitHub if it is safe as a link, otherwise "".
func link(address string) string { return weburl.Safe(Clean(address)) }
