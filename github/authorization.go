package github

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"neptun/db"
)

// Authorization is a user's authorization of the app on GitHub
// (https://docs.github.com/rest/apps/oauth-applications#check-a-token). The
// token itself is never part of it.
type Authorization struct {
	ID        int64
	CreatedAt time.Time
	UpdatedAt time.Time
	// ExpiresAt is when the access token expires, zero for never.
	ExpiresAt time.Time
	App       string // its name
	ClientID  string
	// Permissions are what the app may do on behalf of the user.
	Permissions map[string]string
	// PageURL is GitHub's page about this authorization.
	PageURL string
}

// authorization is GitHub's response about a token.
type authorization struct {
	ID        int64      `json:"id"`
	Token     string     `json:"token"`
	CreatedAt time.Time  `json:"created_at"`
	UpdatedAt time.Time  `json:"updated_at"`
	ExpiresAt *time.Time `json:"expires_at"`
	App       struct {
		Name     string `json:"name"`
		ClientID string `json:"client_id"`
	} `json:"app"`
	User         *Account `json:"user"`
	Installation *struct {
		Permissions map[string]string `json:"permissions"`
		tokenReach
	} `json:"installation"`
}

// Authorization requests the user's authorization from GitHub. This operation, and
// those that reset and revoke an authorization, replace older ones with the token in
// the path (applications/{client_id}/tokens/{access_token}), which GitHub removed
// (https://developer.github.com/changes/2020-02-14-deprecating-oauth-app-endpoint/). The
// error is ErrSignInAgain if there is none.
func (u *UserClient) Authorization(ctx context.Context) (Authorization, error) {
	var answer authorization
	err := u.withToken(ctx, func(token db.StoredToken) (err error) {
		answer, err = u.g.sendTokenRequest(ctx, http.MethodPost, token.Access)
		return err
	})
	if err != nil {
		return Authorization{}, err
	}
	return u.g.convertAuthorization(answer), nil
}

// withToken sends a request about the user's token. If GitHub doesn't know the token,
// it retries: with the same token while that is new, and once with a newer token if
// the token has expired.
func (u *UserClient) withToken(ctx context.Context, do func(db.StoredToken) error) error {
	token, err := u.validToken(ctx)
	if err != nil {
		return err
	}
	young := u.young(token)
	if young {
		err = u.g.retryYoung(ctx, ErrNotFound, func() error { return do(token) })
	} else {
		err = do(token)
	}
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	switch check := u.g.checkToken(ctx, token.Access); {
	case check == nil:
		return err // the 404 isn't about the token
	case !errors.Is(check, ErrNotFound):
		return check
	case young:
		return u.refuse(ctx, token, "")
	}
	return u.retryWithNewToken(ctx, token, do)
}

// tokenPath is the path of the operations on the app's tokens. GitHub removed the
// older ones, which had the token in the path
// (https://developer.github.com/changes/2020-02-14-deprecating-oauth-app-endpoint/).
func (g *GitHub) tokenPath(what string) string {
	return "applications/" + url.PathEscape(g.app().ClientID) + "/" + what
}

// tokenBody is the body of a request about a token.
type tokenBody struct {
	AccessToken string `json:"access_token"`
}

// sendTokenRequest checks a token (POST) or resets it (PATCH).
func (g *GitHub) sendTokenRequest(ctx context.Context, method, token string) (authorization, error) {
	var answer authorization
	if _, err := g.withClientSecret().send(ctx, method, g.tokenPath("token"), tokenBody{token}, &answer); err != nil {
		return authorization{}, unknownToken(err)
	}
	if answer.ID <= 0 || method == http.MethodPatch && answer.Token == "" {
		return authorization{}, malformed("the authorization")
	}
	return answer, nil
}

// revokeToken revokes a token or the whole grant. The error is ErrNotFound if GitHub
// doesn't know the token.
func (g *GitHub) revokeToken(ctx context.Context, what, token string) error {
	_, err := g.withClientSecret().send(ctx, http.MethodDelete, g.tokenPath(what), tokenBody{token}, nil)
	return unknownToken(err)
}

// unknownToken maps both responses about an unknown token to ErrNotFound: 404 and,
// for DELETE, 422.
func unknownToken(err error) error {
	if errors.Is(err, ErrInvalid) {
		return errors.Join(ErrNotFound, err)
	}
	return err
}

func (g *GitHub) convertAuthorization(a authorization) Authorization {
	converted := Authorization{
		ID:        a.ID,
		CreatedAt: a.CreatedAt,
		UpdatedAt: a.UpdatedAt,
		App:       Clean(a.App.Name),
		ClientID:  Clean(a.App.ClientID),
		PageURL:   g.host.webPage("settings/connections/applications/" + url.PathEscape(g.app().ClientID)),
	}
	if a.ExpiresAt != nil {
		converted.ExpiresAt = *a.ExpiresAt
	}
	if a.Installation != nil {
		converted.Permissions = a.Installation.Permissions
	} else if facts, known := g.AppFacts(); known {
		converted.Permissions = facts.Permissions
	}
	return converted
}
