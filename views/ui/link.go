package ui

import (
	"net/url"
	"strings"
)

// WebURL returns a URL that came from GitHub if it is safe to link to or to
// load, and nothing otherwise: only absolute http and https ones are.
func WebURL(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return ""
	}
	return u.String()
}

// SafeURL returns a safe URL that may also be a path of our own.
func SafeURL(s string) string {
	if strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//") && !strings.HasPrefix(s, `/\`) {
		return s
	}
	return WebURL(s)
}
