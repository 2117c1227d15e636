package github

import (
	"net/url"
	"strings"
)

// Clean takes out the NUL bytes, which PostgreSQL can't store.
func Clean(text string) string { return strings.ReplaceAll(text, "\x00", "") }

// link is an address of GitHub's that may become a link: http or https, or
// nothing.
func link(address string) string {
	address = Clean(address)
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" || parsed.Scheme != "https" && parsed.Scheme != "http" {
		return ""
	}
	return address
}
