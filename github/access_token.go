package github

import (
	"context"
	"errors"
	"net/http"
	"time"

	"neptun/db"

	"golang.org/x/sync/errgroup"
)

// MaxTokenRepositories is how many repositories a token can be narrowed to
// (https://docs.github.com/rest/apps/apps#create-an-installation-access-token-for-an-app).
const MaxTokenRepositories = 500

// atOnce is how many requests are sent at once while a user waits.
const atOnce = 8

// AccessToken is a GitHub token limited to selected repositories and permissions.
type AccessToken struct {
	Token string
	// ExpiresAt is zero for one that doesn't expire.
	ExpiresAt   time.Time
	Permissions map[string]string
	// RepositorySelection is db.SelectionAll or db.SelectionSelected, empty if GitHub
	// sent none; Repositories are those that GitHub listed.
	RepositorySelection string
	Repositories        []db.NamedRepository
}

// tokenReach is the part of GitHub's response about a token's repositories.
type tokenReach struct {
	RepositorySelection string           `json:"repository_selection"`
	Repositories        rows[repository] `json:"repositories"`
}

func (r tokenReach) fill(token *AccessToken) {
	token.RepositorySelection = r.RepositorySelection
	for _, item := range r.Repositories.items {
		if _, why := unusable(item); why == "" {
			listed := convertRepository(*item)
			token.Repositories = append(token.Repositories, db.NamedRepository{ID: listed.ID, Owner: listed.Owner, Name: listed.Name})
		}
	}
}

// CreateScopedToken creates a token that acts as the user, only on these repositories
// of an account and only with these permissions. GitHub limits it to the user's own
// permissions
// (https://docs.github.com/rest/apps/apps#create-a-scoped-access-token).
func (u *UserClient) CreateScopedToken(ctx context.Context, account db.Account, repositoryIDs []int64, permissions map[string]string) (AccessToken, error) {
	var answer authorization
	err := u.withToken(ctx, func(token db.StoredToken) error {
		body := struct {
			tokenBody
			tokenScope
			TargetID int64 `json:"target_id"`
		}{tokenBody{token.Access}, tokenScope{repositoryIDs, permissions}, account.GitHubID}
		_, err := u.g.withClientSecret().send(ctx, http.MethodPost, u.g.tokenPath("token/scoped"), body, &answer)
		return err
	})
	if err != nil {
		return AccessToken{}, err
	}
	if answer.Token == "" {
		return AccessToken{}, malformed("the scoped token")
	}
	token := AccessToken{Token: answer.Token, Permissions: permissions}
	if answer.ExpiresAt != nil {
		token.ExpiresAt = *answer.ExpiresAt
	}
	if answer.Installation != nil {
		if answer.Installation.Permissions != nil {
			token.Permissions = answer.Installation.Permissions
		}
		answer.Installation.fill(&token)
	}
	return token, nil
}

// CreateToken creates a token that acts as the app, only on these repositories and
// only with these permissions. Neptun never uses such a token itself.
func (a *AppClient) CreateToken(ctx context.Context, installationID int64, repositoryIDs []int64, permissions map[string]string) (AccessToken, error) {
	return a.createToken(ctx, installationID, tokenScope{RepositoryIDs: repositoryIDs, Permissions: permissions})
}

// Administers asks GitHub whether the user is currently an admin of all these
// repositories.
func (u *UserClient) Administers(ctx context.Context, repositories []db.NamedRepository) (bool, error) {
	errNot := errors.New("github: not an admin")
	asking, ctx := errgroup.WithContext(ctx)
	asking.SetLimit(atOnce)
	for _, named := range repositories {
		asking.Go(func() error {
			answer, err := u.repository(ctx, named.Owner, named.Name)
			switch {
			case errors.Is(err, ErrNotFound):
				return errNot
			case err != nil:
				return err
			case answer.ID != named.ID || !answer.Permissions["admin"]:
				return errNot
			}
			return nil
		})
	}
	err := asking.Wait()
	if errors.Is(err, errNot) {
		return false, nil
	}
	return err == nil, err
}

// RevokeUserToken revokes a token from CreateScopedToken. A token that has already
// expired or been revoked is no error.
func (g *GitHub) RevokeUserToken(ctx context.Context, token string) error {
	if err := g.revokeToken(ctx, "token", token); !errors.Is(err, ErrNotFound) {
		return err
	}
	return nil
}

// RevokeInstallationToken revokes a token from CreateToken
// (https://docs.github.com/rest/apps/installations#revoke-an-installation-access-token).
// A token that has already expired or been revoked is no error.
func (g *GitHub) RevokeInstallationToken(ctx context.Context, token string) error {
	_, err := g.newClient(g.interactive, token, ErrNotFound).send(ctx, http.MethodDelete, "installation/token", nil, nil)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}
