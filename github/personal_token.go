package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// ErrPersonalToken means that GitHub rejects a personal access token.
var ErrPersonalToken = errors.New("github: GitHub rejects the personal access token")

// PersonalToken is a classic personal access token, which GitHub requires for changing
// the repositories of an installation. It is used for one request of a user and never
// stored.
type PersonalToken struct {
	g     *GitHub
	token string
}

// WithPersonalToken returns a client with a user's own classic personal access token.
func (g *GitHub) WithPersonalToken(token string) PersonalToken { return PersonalToken{g, token} }

func (p PersonalToken) client() *client {
	return p.g.newClient(p.g.interactive, p.token, ErrPersonalToken)
}

// Owner requests the id of the token's owner. The error is ErrPersonalToken if GitHub
// doesn't accept the token.
func (p PersonalToken) Owner(ctx context.Context) (gitHubID int64, err error) {
	var answer user
	if _, err := p.client().get(ctx, "user", &answer); err != nil {
		return 0, err
	}
	if answer.ID <= 0 {
		return 0, malformed("a user")
	}
	return answer.ID, nil
}

// AddRepository adds a repository to an installation on GitHub
// (https://docs.github.com/rest/apps/installations#add-a-repository-to-an-app-installation).
func (p PersonalToken) AddRepository(ctx context.Context, installationID, repositoryID int64) error {
	return p.change(ctx, http.MethodPut, installationID, repositoryID)
}

// RemoveRepository removes a repository from an installation on GitHub
// (https://docs.github.com/rest/apps/installations#remove-a-repository-from-an-app-installation).
func (p PersonalToken) RemoveRepository(ctx context.Context, installationID, repositoryID int64) error {
	return p.change(ctx, http.MethodDelete, installationID, repositoryID)
}

func (p PersonalToken) change(ctx context.Context, method string, installationID, repositoryID int64) error {
	path := fmt.Sprintf("user/installations/%d/repositories/%d", installationID, repositoryID)
	response, err := p.client().send(ctx, method, path, nil, nil)
	if response != nil && response.StatusCode == http.StatusNotModified {
		return nil // nothing to change
	}
	return err
}
