package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"

	"neptun/sandbox"
)

// demoUser owns demoAccount, which has most of the demo's repositories.
const (
	demoUser    = "marin"
	demoAccount = "tidewater-labs"
)

// importSome signs the demo's user in, as a browser would, and imports the Go repositories of the demo's account, unless
// there are imports already.
func importSome(ctx context.Context, gitHub *sandbox.Server, address *url.URL) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	b := demoBrowser{ctx: ctx, address: address, client: http.Client{
		Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	_, location, err := b.do(http.MethodGet, "/auth/github", "")
	if err != nil {
		return err
	}
	callback, err := gitHub.Authorize(location, demoUser)
	if err != nil {
		return err
	}
	if _, _, err := b.do(http.MethodGet, strings.TrimPrefix(callback, strings.TrimSuffix(address.String(), "/")), ""); err != nil {
		return err
	}
	id, err := b.synced()
	if err != nil || id == 0 {
		return err
	}
	if _, _, err := b.do(http.MethodPost, fmt.Sprintf("/api/users/me/installations/%d/imports", id), `{"filter":{"language":"Go"}}`); err != nil {
		return err
	}
	_, _, err = b.do(http.MethodPost, "/logout", "")
	return err
}

// demoBrowser sends requests to the demo's Neptun, and stores its cookies.
type demoBrowser struct {
	ctx     context.Context
	address *url.URL
	client  http.Client
}

// do returns the body and the location of a redirect.
func (b *demoBrowser) do(method, path, body string) (content []byte, location string, err error) {
	to, err := b.address.Parse(path)
	if err != nil {
		return nil, "", err
	}
	request, err := http.NewRequestWithContext(b.ctx, method, to.String(), strings.NewReader(body))
	if err != nil {
		return nil, "", err
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := b.client.Do(request)
	if err != nil {
		return nil, "", err
	}
	defer response.Body.Close()
	if content, err = io.ReadAll(response.Body); err != nil {
		return nil, "", err
	}
	if response.StatusCode >= 400 {
		return nil, "", fmt.Errorf("%s %s: %s", method, path, response.Status)
	}
	return content, response.Header.Get("Location"), nil
}

// synced waits until the demo's account is synced, and returns its installation's id; 0 if there are imports already.
func (b *demoBrowser) synced() (int64, error) {
	for {
		content, _, err := b.do(http.MethodGet, "/api/users/me/installations", "")
		if err != nil {
			return 0, err
		}
		var list []struct {
			ID          int64      `json:"id"`
			Login       string     `json:"github_account_login"`
			SyncedAt    *time.Time `json:"synced_at"`
			ImportCount int64      `json:"import_count"`
		}
		if err := json.Unmarshal(content, &list); err != nil {
			return 0, err
		}
		for _, i := range list {
			switch {
			case i.ImportCount > 0:
				return 0, nil
			case i.Login == demoAccount && i.SyncedAt != nil:
				return i.ID, nil
			}
		}
		select {
		case <-b.ctx.Done():
			return 0, b.ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}
