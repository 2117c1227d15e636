package sandboxtest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
)

// RegisterApp does over HTTP what a user does in a browser on a page whose form posts a manifest to action, the sandbox's
// /settings/apps/new or /organizations/{org}/settings/apps/new, with an optional state in its query: sign in as login and
// confirm the name. It returns the URL that GitHub redirects to, with code and state, without requesting it. If
// GitHub rejects the manifest, the error contains the page's text.
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
		return "", fmt.Errorf("sandboxtest: the manifest got %d", b.status)
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
	var read struct{ Name string }
	if err := json.Unmarshal([]byte(manifest), &read); err != nil && b.status == http.StatusOK {
		return "", err
	}
	if b.status == http.StatusOK {
		if err := b.submit(strings.TrimSuffix(start.Path, "/new"), "name", read.Name); err != nil {
			return "", err
		}
	}
	if b.next == nil {
		return "", fmt.Errorf("sandboxtest: %s got %d: %s", b.at, b.status, b.page)
	}
	return b.next.String(), nil
}
