package sandbox

import (
	"context"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
)

// RegisterApp does over HTTP what a person does with a browser on a page whose form posts a manifest to action, the
// sandbox's /settings/apps/new or /organizations/{org}/settings/apps/new, with the state in its query or "": sign in as
// login and confirm the name. It returns the address that GitHub sends them to, with code and state, and does not open
// it. Where GitHub has something against the manifest, the error has what its page says.
func RegisterApp(client *http.Client, action, manifest, login string) (redirectURL string, err error) {
	start, err := url.Parse(action)
	if err != nil {
		return "", err
	}
	b := browser{client: *client}
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if b.client.Jar == nil {
		b.client.Jar, _ = cookiejar.New(nil) // fails for bad options only
	}
	form := url.Values{"manifest": {manifest}}
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, action, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Sec-Fetch-Site", "cross-site")
	if err := b.open(request); err != nil {
		return "", err
	}
	if b.next == nil {
		return "", fmt.Errorf("sandbox: the manifest was answered with %d", b.status)
	}
	if err := b.get(b.next); err != nil {
		return "", err
	}
	if b.next != nil && b.next.Path == "/login" {
		if err := b.get(b.next); err != nil {
			return "", err
		}
		if err := b.submit("/session", "login", login); err != nil {
			return "", err
		}
		if err := b.get(b.next); err != nil {
			return "", err
		}
	}
	read, err := readManifest(manifest)
	if err != nil {
		return "", err
	}
	if b.status == http.StatusOK {
		if err := b.submit(strings.TrimSuffix(start.Path, "/new"), "name", read.Name); err != nil {
			return "", err
		}
	}
	if b.next == nil {
		return "", fmt.Errorf("sandbox: %s was answered with %d: %s", b.at, b.status, b.page)
	}
	return b.next.String(), nil
}
