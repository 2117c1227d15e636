package sessions

import (
	"net/url"
	"strings"
)

// maxOwnPath is the maximum length of a path to return to, which is sent in URLs and cookies.
const maxOwnPath = 2000

// OwnPath returns target if it is a path on this server, and fallback if it may lead
// elsewhere: other hosts, //host, \\host, javascript: and whatever a browser might
// interpret as one of these.
func OwnPath(target, fallback string) string {
	if len(target) > maxOwnPath || !strings.HasPrefix(target, "/") || strings.HasPrefix(target, "//") {
		return fallback
	}
	// Browsers treat a backslash as a slash, and drop tabs and line breaks.
	if strings.ContainsFunc(target, func(r rune) bool { return r == '\\' || r < ' ' || r == 0x7f }) {
		return fallback
	}
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || strings.HasPrefix(u.Path, "//") {
		return fallback
	}
	return target
}
