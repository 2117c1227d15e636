package weburl

import "testing"

func TestS11OnlyWebAddressesBecomeLinks(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"https://github.com/a/b-c_d.e~f":   true,
		"https://github.com":               true,
		"http://localhost:8080/a":          true,
		"HTTPS://github.com/a":             true,
		"https://a/b?c=%20d#e":             true,
		"https://über.example/ä":           true,
		"https://[::1]:8080/":              true,
		"https://user:secret@github.com/a": true,
		"https://./..":                     true,
		"":                                 false,
		"/a":                               false,
		"//github.com/a":                   false,
		"github.com/a":                     false,
		"ftp://github.com/a":               false,
		"javascript:alert(1)":              false,
		"javascript://x/%0aalert(1)":       false,
		"data:text/html,x":                 false,
		"https://":                         false,
		"https:///a":                       false,
		"https://:80/":                     false,
		"https:a":                          false,
		"https://a b/c":                    false,
		"https://a/b c":                    false,
		"https://a\nb":                     false,
		"https://a/\x7f":                   false,
		`https://a\b`:                      false,
		" https://a":                       false,
		"https://a/%zz":                    false,
	} {
		if got := Safe(address); (got == address) != want && address != "" || got != "" && got != address {
			t.Errorf("%q becomes %q", address, got)
		}
	}
}
