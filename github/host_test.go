package github

import (
	"slices"
	"strings"
	"testing"
)

func TestP38AllURLsOfAHostAreDerived(t *testing.T) {
	for _, c := range []struct {
		name, web, api   string
		wantWeb, wantAPI string
		avatars          []string
	}{
		{name: "github.com", web: "https://github.com", wantWeb: "https://github.com", wantAPI: "https://api.github.com", avatars: []string{"https://avatars.githubusercontent.com"}},
		{name: "slash and capitals", web: "https://GitHub.com/", wantWeb: "https://github.com", wantAPI: "https://api.github.com", avatars: []string{"https://avatars.githubusercontent.com"}},
		{name: "Enterprise Server", web: "https://git.corp.example", wantWeb: "https://git.corp.example", wantAPI: "https://git.corp.example/api/v3", avatars: []string{"https://git.corp.example", "https://avatars.git.corp.example", "https://media.git.corp.example"}},
		{name: "its API given for it", web: "https://git.corp.example/api/v3/", wantWeb: "https://git.corp.example", wantAPI: "https://git.corp.example/api/v3", avatars: []string{"https://git.corp.example", "https://avatars.git.corp.example", "https://media.git.corp.example"}},
		{name: "both given", web: "https://git.corp.example", api: "https://git.corp.example/api/v3/", wantWeb: "https://git.corp.example", wantAPI: "https://git.corp.example/api/v3", avatars: []string{"https://git.corp.example", "https://avatars.git.corp.example", "https://media.git.corp.example"}},
		{name: "a port", web: "https://git.corp.example:8443", wantWeb: "https://git.corp.example:8443", wantAPI: "https://git.corp.example:8443/api/v3", avatars: []string{"https://git.corp.example:8443", "https://avatars.git.corp.example:8443", "https://media.git.corp.example:8443"}},
		{name: "the usual port", web: "https://git.corp.example:443", wantWeb: "https://git.corp.example", wantAPI: "https://git.corp.example/api/v3", avatars: []string{"https://git.corp.example", "https://avatars.git.corp.example", "https://media.git.corp.example"}},
		{name: "ghe.com", web: "https://octo.ghe.com", wantWeb: "https://octo.ghe.com", wantAPI: "https://api.octo.ghe.com", avatars: []string{"https://octo.ghe.com", "https://avatars.octo.ghe.com", "https://media.octo.ghe.com"}},
		{name: "loopback", web: "http://127.0.0.1:8081", wantWeb: "http://127.0.0.1:8081", wantAPI: "http://127.0.0.1:8081/api/v3", avatars: []string{"http://127.0.0.1:8081"}},
		{name: "loopback, version 6", web: "http://[::1]:8081", wantWeb: "http://[::1]:8081", wantAPI: "http://[::1]:8081/api/v3", avatars: []string{"http://[::1]:8081"}},
		{name: "localhost", web: "http://localhost:8081/", wantWeb: "http://localhost:8081", wantAPI: "http://localhost:8081/api/v3", avatars: []string{"http://localhost:8081"}},
		{name: "an API of its own", web: "https://github.com", api: "https://gateway.example", wantWeb: "https://github.com", wantAPI: "https://gateway.example", avatars: []string{"https://avatars.githubusercontent.com"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			host, err := ParseHost(c.web, c.api, false)
			if err != nil {
				t.Fatal(err)
			}
			if host.WebURL() != c.wantWeb || host.APIURL() != c.wantAPI {
				t.Errorf("got %s and %s", host.WebURL(), host.APIURL())
			}
			if !slices.Equal(host.AvatarOrigins(), c.avatars) {
				t.Errorf("avatars come from %q", host.AvatarOrigins())
			}
		})
	}
}

func TestP38AnInvalidGitHubURLIsRejectedClearly(t *testing.T) {
	for _, c := range []struct{ name, web, api, words string }{
		{"no scheme", "github.com", "", "GITHUB_URL"},
		{"empty", "", "", "such as https://github.com"},
		{"another scheme", "ssh://github.com", "", "such as"},
		{"http elsewhere", "http://git.corp.example", "", "NEPTUN_ALLOW_INSECURE_GITHUB"},
		{"http that looks like loopback", "http://127.0.0.1.evil.example", "", "NEPTUN_ALLOW_INSECURE_GITHUB"},
		{"a path", "https://git.corp.example/git", "", "/git"},
		{"the API twice", "https://git.corp.example", "https://git.corp.example/api/v3/api/v3", "GITHUB_API_URL"},
		{"http for the API alone", "https://git.corp.example", "http://git.corp.example/api/v3", "GITHUB_API_URL"},
		{"the API of github.com", "https://api.github.com", "", "https://github.com"},
		{"the API of ghe.com", "https://api.octo.ghe.com", "", "https://octo.ghe.com"},
		{"a password", "https://me:secret@git.corp.example", "", "without user"},
		{"a query", "https://git.corp.example?a=b", "", "query"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ParseHost(c.web, c.api, false)
			if err == nil || !strings.Contains(err.Error(), c.words) {
				t.Fatalf("the error is %v, expected %q in it", err, c.words)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the error shows the password: %v", err)
			}
		})
	}
}

func TestAnInsecureGitHubMustBeAllowed(t *testing.T) {
	host, err := ParseHost("http://git.corp.example", "", true)
	if err != nil {
		t.Fatal(err)
	}
	if host.APIURL() != "http://git.corp.example/api/v3" {
		t.Errorf("the API is at %s", host.APIURL())
	}
}
