// Package weburl decides which addresses from GitHub may become links: users set many of them, such as a repository's homepage.
package weburl

import (
	"net/url"
	"strings"
)

// Safe returns the address if it is an absolute one of http or https, and nothing otherwise: not for javascript:, a path, or what
// browsers read differently from net/url, such as spaces, control characters and backslashes.
func Safe(address string) string {
	if isPlain(address) {
		return address
	}
	if strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '\\' }) {
		return ""
	}
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	return address
}

// isPlain reports whether an address needs no parsing, as nearly all that GitHub sends: lists check one or more for each row.
func isPlain(address string) bool {
	rest, isHTTPS := strings.CutPrefix(address, "https://")
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
