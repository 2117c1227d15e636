package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// mintedRest is how long before its end an installation token is no longer
// used, so that it lasts for what it is fetched for.
const mintedRest = 5 * time.Minute

// installationTokens are the server's own: minted once for all callers, and
// again when they are about to expire. The zero value is ready to use.
type installationTokens struct {
	mu    sync.Mutex
	known map[mintKey]*mintedToken
}

// mintKey names what a token is for: to read what an installation reaches, or
// to do whatever the App may to one of its repositories.
type mintKey struct {
	installation int64
	repository   int64 // 0 to read all
}

// scope is the least that a token needs for it.
func (k mintKey) scope() mintBody {
	if k.repository != 0 {
		return mintBody{RepositoryIDs: []int64{k.repository}}
	}
	return mintBody{Permissions: map[string]string{"metadata": "read"}}
}

// mintedToken is held while it is minted, so that the others wait for it.
type mintedToken struct {
	mu    sync.Mutex
	token AccessToken
	at    time.Time // when it was created
}

// of is the place of one token. Those that have ended are forgotten.
func (t *installationTokens) of(key mintKey, now time.Time) *mintedToken {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.known == nil {
		t.known = map[mintKey]*mintedToken{}
	}
	for other, minted := range t.known {
		if minted.mu.TryLock() {
			if minted.token.ExpiresAt.Before(now) && other != key {
				delete(t.known, other)
			}
			minted.mu.Unlock()
		}
	}
	if t.known[key] == nil {
		t.known[key] = &mintedToken{}
	}
	return t.known[key]
}

// errTokenEnded: GitHub refuses an installation token before its time.
var errTokenEnded = fmt.Errorf("%w: the installation token has ended", ErrUnavailable)

// InstallationClient asks GitHub as the App on one account. Every call fails with
// ErrSuspended or ErrNotFound where the App is no longer let in.
type InstallationClient struct {
	g  *GitHub
	id int64
}

// AsInstallation asks as the App on the account of an installation.
func (g *GitHub) AsInstallation(id int64) *InstallationClient { return &InstallationClient{g, id} }

// do sends a request with a token for one repository where it is named, and
// otherwise (0) with one that only reads. A 401 to a new token means that GitHub
// doesn't know it yet; to another one, that it ended before its time.
func (i *InstallationClient) do(ctx context.Context, repositoryID int64, send func(*client) error) error {
	key := mintKey{i.id, repositoryID}
	minted := i.g.minted.of(key, i.g.now())
	token, young, err := i.ownToken(ctx, minted, key)
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
	minted.drop(token)
	if token, _, err = i.ownToken(ctx, minted, key); err != nil {
		return err
	}
	client = i.client(token)
	return i.g.retryYoung(ctx, errTokenEnded, try)
}

func (i *InstallationClient) client(token string) *client {
	client := i.g.newClient(i.g.interactive, token, errTokenEnded)
	client.brake = &brake{db: i.g.db, installation: i.id}
	return client
}

// ownToken is the token of one place, created where it is due, and whether it is new.
func (i *InstallationClient) ownToken(ctx context.Context, minted *mintedToken, key mintKey) (token string, young bool, err error) {
	minted.mu.Lock()
	defer minted.mu.Unlock()
	if i.g.now().Add(mintedRest).Before(minted.token.ExpiresAt) {
		return minted.token.Token, i.g.now().Sub(minted.at) < youngToken, nil
	}
	fresh, err := i.g.AsApp().mint(ctx, key.installation, key.scope())
	if err != nil {
		return "", false, err
	}
	minted.token, minted.at = fresh, i.g.now()
	return fresh.Token, true, nil
}

// drop forgets a token, unless another caller has replaced it.
func (t *mintedToken) drop(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token.Token == token {
		t.token = AccessToken{}
	}
}

// mintBody narrows an installation token. What is empty is not narrowed.
type mintBody struct {
	RepositoryIDs []int64           `json:"repository_ids,omitempty"`
	Permissions   map[string]string `json:"permissions,omitempty"`
}

// mint makes a new installation token
// (https://docs.github.com/rest/apps/apps#create-an-installation-access-token-for-an-app).
func (a *AppClient) mint(ctx context.Context, installationID int64, scope mintBody) (AccessToken, error) {
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
