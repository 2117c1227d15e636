package github

import (
	"net/url"
	"strings"
)

// Clean removes NUL bytes, which PostgreSQL can't store.
func Clean(text string) string { return strings.ReplaceAll(text, "\x00", "") }

// link returns a URL from GitHub if it is safe as a link (http or https), otherwise
// "".
func link(address string) string {
	address = Clean(address)
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" || parsed.Scheme != "https" && parsed.Scheme != "http" {
		return ""
	}
	return address
}
