package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// tokenMargin is how long before its expiry an installation token is no longer used, so
// that it remains valid for the requests it was fetched for.
const tokenMargin = 5 * time.Minute

// installationTokens caches the server's own tokens: each is created once for all
// callers, and again when it is about to expire. The zero value is ready to use.
type installationTokens struct {
	mu    sync.Mutex
	known map[tokenKey]*cachedToken
}

// tokenKey is the use of a token: to read what an installation has access to, or to do
// whatever the App may do to one of its repositories.
type tokenKey struct {
	installation int64
	repository   int64 // 0 to read all
}

// scope returns the minimal scope that the use needs.
func (k tokenKey) scope() tokenScope {
	if k.repository != 0 {
		return tokenScope{RepositoryIDs: []int64{k.repository}}
	}
	return tokenScope{Permissions: map[string]string{"metadata": "read"}}
}

// cachedToken is locked while the token is created, so that others wait for it.
type cachedToken struct {
	mu    sync.Mutex
	token AccessToken
	at    time.Time // when it was created
}

// of returns the token for a key, and drops expired ones.
func (t *installationTokens) of(key tokenKey, now time.Time) *cachedToken {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.known == nil {
		t.known = map[tokenKey]*cachedToken{}
	}
	for other, cached := range t.known {
		if cached.mu.TryLock() {
			if cached.token.ExpiresAt.Before(now) && other != key {
				delete(t.known, other)
			}
			cached.mu.Unlock()
		}
	}
	if t.known[key] == nil {
		t.known[key] = &cachedToken{}
	}
	return t.known[key]
}

// errTokenEnded means that GitHub rejects an installation token before its expiry.
var errTokenEnded = fmt.Errorf("%w: the installation token expired early", ErrUnavailable)

// InstallationClient sends requests as the App on one account. Every call fails with
// ErrSuspended or ErrNotFound if the App has no access to it any more.
type InstallationClient struct {
	g  *GitHub
	id int64
}

// AsInstallation returns a client for requests as the App on an installation's account.
func (g *GitHub) AsInstallation(id int64) *InstallationClient { return &InstallationClient{g, id} }

// do sends a request with a token for one repository or, if repositoryID is 0, with one
// that can only read. A 401 to a new token means that GitHub doesn't know it yet; to an
// older one, that it expired early.
func (i *InstallationClient) do(ctx context.Context, repositoryID int64, send func(*client) error) error {
	key := tokenKey{i.id, repositoryID}
	cached := i.g.installationTokens.of(key, i.g.now())
	token, young, err := i.ownToken(ctx, cached, key)
	if err != nil {
		return err
	}
	client := i.client(token)
	try := func() error { return send(client) }
	if young {
		err = i.g.retryYoung(ctx, errTokenEnded, try)
	} else {
		err = try()
	}
	if !errors.Is(err, errTokenEnded) {
		return err
	}
	cached.drop(token)
	if token, _, err = i.ownToken(ctx, cached, key); err != nil {
		return err
	}
	client = i.client(token)
	return i.g.retryYoung(ctx, errTokenEnded, try)
}

func (i *InstallationClient) client(token string) *client {
	client := i.g.newClient(i.g.interactive, token, errTokenEnded)
	client.appLimit = &appLimit{db: i.g.db, installation: i.id}
	return client
}

// ownToken returns the cached token, or creates it if necessary, and whether it is new.
func (i *InstallationClient) ownToken(ctx context.Context, cached *cachedToken, key tokenKey) (token string, young bool, err error) {
	cached.mu.Lock()
	defer cached.mu.Unlock()
	if i.g.now().Add(tokenMargin).Before(cached.token.ExpiresAt) {
		return cached.token.Token, i.g.now().Sub(cached.at) < youngToken, nil
	}
	fresh, err := i.g.AsApp().createToken(ctx, key.installation, key.scope())
	if err != nil {
		return "", false, err
	}
	cached.token, cached.at = fresh, i.g.now()
	return fresh.Token, true, nil
}

// drop discards a token, unless another caller has replaced it.
func (t *cachedToken) drop(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token.Token == token {
		t.token = AccessToken{}
	}
}

// tokenScope restricts an installation token. Empty fields restrict nothing.
type tokenScope struct {
	RepositoryIDs []int64           `json:"repository_ids,omitempty"`
	Permissions   map[string]string `json:"permissions,omitempty"`
}

// createToken creates an installation token
// (https://docs.github.com/rest/apps/apps#create-an-installation-access-token-for-an-app).
func (a *AppClient) createToken(ctx context.Context, installationID int64, scope tokenScope) (AccessToken, error) {
	app, err := a.client()
	if err != nil {
		return AccessToken{}, err
	}
	var answer struct {
		Token       string            `json:"token"`
		ExpiresAt   time.Time         `json:"expires_at"`
		Permissions map[string]string `json:"permissions"`
		tokenReach
	}
	path := fmt.Sprintf("app/installations/%d/access_tokens", installationID)
	if _, err := app.send(ctx, http.MethodPost, path, scope, &answer); err != nil {
		return AccessToken{}, err
	}
	if answer.Token == "" || answer.ExpiresAt.IsZero() {
		return AccessToken{}, malformed("the installation token")
	}
	token := AccessToken{Token: answer.Token, ExpiresAt: answer.ExpiresAt, Permissions: answer.Permissions}
	answer.fill(&token)
	return token, nil
}
