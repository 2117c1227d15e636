package sessions

import (
	"net/url"
	"strings"
)

// maxOwnPath bounds a path to return to, in bytes: it travels in URLs and cookies.
const maxOwnPath = 2000

// OwnPath gives back target when it is a path on this Neptun, and fallback for
// anything that leads elsewhere: other hosts, //host, \\host, javascript: and
// what a browser might read as one of these.
func OwnPath(target, fallback string) string {
	if len(target) > maxOwnPath || !strings.HasPrefix(target, "/") || strings.HasPrefix(target, "//") {
		return fallback
	}
	// Browsers take a backslash for a slash, and drop tabs and line breaks.
	if strings.ContainsFunc(target, func(r rune) bool { return r == '\\' || r < ' ' || r == 0x7f }) {
		return fallback
	}
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || strings.HasPrefix(u.Path, "//") {
		return fallback
	}
	return target
}
