package input

import (
	"net/url"
	"regexp"
	"strings"

	"neptun/github"
	"neptun/handlers/web"
)

// GitHub's rules for names: an owner consists of letters, digits and single hyphens,
// a repository of letters, digits, dots, hyphens and underscores.
var fullName = regexp.MustCompile(`^([A-Za-z0-9](?:[A-Za-z0-9_-]{0,98}[A-Za-z0-9_])?)/([A-Za-z0-9._-]{1,100})$`)

// Repository reads owner/name, or the URL of a repository's page on host in any of
// the forms that users copy.
func Repository(host github.Host, text string) (owner, name string, err error) {
	path := text
	if rest, ok := strings.CutPrefix(text, "git@"); ok {
		host, after, _ := strings.Cut(rest, ":")
		text = "https://" + host + "/" + after
	}
	if strings.Contains(text, "://") {
		u, err := url.Parse(text)
		if err != nil {
			return "", "", errRepositoryName
		}
		home, err := url.Parse(host.WebURL())
		if err != nil {
			return "", "", err
		}
		if !strings.EqualFold(strings.TrimPrefix(u.Host, "www."), home.Host) {
			return "", "", web.InvalidField("repository", "is on another GitHub host: this server uses "+home.Host)
		}
		path = strings.Trim(u.Path, "/")
		if parts := strings.Split(path, "/"); len(parts) > 2 {
			path = parts[0] + "/" + parts[1] // a page within the repository
		}
		path = strings.TrimSuffix(path, ".git")
	}
	match := fullName.FindStringSubmatch(path)
	if match == nil || match[2] == "." || match[2] == ".." {
		return "", "", errRepositoryName
	}
	return match[1], match[2], nil
}

var errRepositoryName = web.InvalidField("repository", "must be owner/name or the URL of a repository on GitHub")
