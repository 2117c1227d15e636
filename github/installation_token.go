package github

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// installationTokenRest is so long before its end a token is no longer begun
// with. GitHub gives each an hour
// (https://docs.github.com/rest/apps/apps#create-an-installation-access-token-for-an-app).
const installationTokenRest = 5 * time.Minute

// errInstallationToken: GitHub takes a token of ours no more, before its time.
var errInstallationToken = errors.New("github: the installation's token is refused")

// installationTokens are the server's own, one for each installation, minted
// once for all callers. They are kept in memory and shown to nobody.
type installationTokens struct {
	mu      sync.Mutex
	live    map[int64]installationToken
	minting singleflight.Group
}

type installationToken struct {
	token     string
	expiresAt time.Time
}

func (t *installationTokens) get(id int64, now time.Time) (string, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	kept := t.live[id]
	return kept.token, now.Before(kept.expiresAt.Add(-installationTokenRest))
}

func (t *installationTokens) put(id int64, token installationToken, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.live == nil {
		t.live = map[int64]installationToken{}
	}
	maps.DeleteFunc(t.live, func(_ int64, old installationToken) bool { return !now.Before(old.expiresAt) })
	t.live[id] = token
}

// drop forgets a token that GitHub refused, unless there is a newer one.
func (t *installationTokens) drop(id int64, token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.live[id].token == token {
		delete(t.live, id)
	}
}

// installationToken is a token that is good for five minutes at least. Whoever
// asks while one is being minted waits for that one.
func (g *GitHub) installationToken(ctx context.Context, id int64) (string, error) {
	if token, ok := g.tokens.get(id, g.now()); ok {
		return token, nil
	}
	minted := g.tokens.minting.DoChan(strconv.FormatInt(id, 10), func() (any, error) {
		if token, ok := g.tokens.get(id, g.now()); ok {
			return token, nil // minted since the look above
		}
		// The first caller may go away, and the others still wait.
		within, cancel := context.WithTimeout(context.WithoutCancel(ctx), quickTimeout)
		defer cancel()
		return g.mint(within, id)
	})
	select {
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.Canceled) {
			return "", ctx.Err()
		}
		return "", fmt.Errorf("%w: %w", ErrUnavailable, ctx.Err())
	case result := <-minted:
		token, _ := result.Val.(string)
		return token, result.Err
	}
}

// mint asks for a token that may do nothing but read what repositories there
// are.
func (g *GitHub) mint(ctx context.Context, id int64) (string, error) {
	app, err := g.asApp()
	if err != nil {
		return "", err
	}
	asked := struct {
		Permissions map[string]string `json:"permissions"`
	}{map[string]string{"metadata": "read"}}
	var answer struct {
		Token     string    `json:"token"`
		ExpiresAt time.Time `json:"expires_at"`
	}
	path := fmt.Sprintf("app/installations/%d/access_tokens", id)
	if _, err := app.send(ctx, http.MethodPost, path, asked, &answer); err != nil {
		return "", err
	}
	if answer.Token == "" || answer.ExpiresAt.IsZero() {
		return "", malformed("the token")
	}
	g.tokens.put(id, installationToken{answer.Token, answer.ExpiresAt}, g.now())
	return answer.Token, nil
}

// getAsInstallation is client.get with the server's own token of an
// installation. One that GitHub refuses before its time, as after a suspension,
// is replaced once.
func (g *GitHub) getAsInstallation(ctx context.Context, id int64, path string, answer any) error {
	for try := 1; ; try++ {
		token, err := g.installationToken(ctx, id)
		if err != nil {
			return err
		}
		_, err = g.newClient(g.quick, token, errInstallationToken).get(ctx, path, answer)
		if !errors.Is(err, errInstallationToken) {
			return err
		}
		g.tokens.drop(id, token)
		if try == 2 {
			return fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
	}
}

// CountReached counts the repositories that an installation reaches. Of GitHub's
// answer it reads nothing but the number
// (https://docs.github.com/rest/apps/installations#list-repositories-accessible-to-the-app-installation).
// The error is ErrSuspended for one that is suspended, and ErrNotFound for one
// that is gone.
func (g *GitHub) CountReached(ctx context.Context, id int64) (int64, error) {
	var answer struct {
		TotalCount *int64 `json:"total_count"`
	}
	if err := g.getAsInstallation(ctx, id, "installation/repositories?per_page=1", &answer); err != nil {
		return 0, err
	}
	if answer.TotalCount == nil {
		return 0, malformed("the number of repositories")
	}
	return *answer.TotalCount, nil
}
