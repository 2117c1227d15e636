package ui

import (
	"net/url"
	"strings"
)

// WebURL returns a URL that came from GitHub if it is safe to link to or to
// load, and nothing otherwise: only absolute http and https ones are.
func WebURL(s string) string {
	if isPlainURL(s) {
		return s
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return ""
	}
	return u.String()
}

// isPlainURL reports whether a URL is one of those that need no parsing: nearly all
// that GitHub sends.
func isPlainURL(s string) bool {
	rest, isHTTPS := strings.CutPrefix(s, "https://")
	if !isHTTPS || rest == "" || rest[0] == '/' {
		return false
	}
	for i := range len(rest) {
		c := rest[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("-._~/", rune(c)) {
			return false
		}
	}
	return true
}

// SafeURL returns a safe URL that may also be a path of our own.
func SafeURL(s string) string {
	if strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//") && !strings.HasPrefix(s, `/\`) {
		return s
	}
	return WebURL(s)
}
