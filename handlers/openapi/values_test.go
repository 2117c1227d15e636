package openapi

import "testing"

func TestS11OnlyWebURLsAreWritten(t *testing.T) {
	for address, want := range map[string]bool{
		"https://till.example": true, "http://till.example/a?b#c": true, "HTTPS://till.example": true, "https://über.example": true,
		"": false, "till.example": false, "javascript:alert(1)": false, "javascript://x/%0aalert(1)": false, "data:text/html,x": false,
		"https://": false, "https:///x": false, "//till.example": false, "ftp://till.example": false, "https://a b": false, "https://a\nb": false,
		`https://a\b`: false, " https://a": false,
	} {
		if got := URLOrNull(address); (got != nil) != want || got != nil && string(*got) != address {
			t.Errorf("%q is written as %v", address, got)
		}
	}
}
