package github

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"neptun/db"
)

// Authorization is what GitHub knows of a person's authorization of the App
// (https://docs.github.com/rest/apps/oauth-applications#check-a-token). The
// token itself is never part of it.
type Authorization struct {
	ID        int64
	CreatedAt time.Time
	UpdatedAt time.Time
	// ExpiresAt is when the access token ends, zero for never.
	ExpiresAt time.Time
	App       string // its name
	ClientID  string
	// Permissions are what the App may ask for in the person's name.
	Permissions map[string]string
	// PageURL is GitHub's own page of this authorization.
	PageURL string
}

// authorization is GitHub's answer about a token, which newer servers repeat.
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

// Authorization asks GitHub what it knows of a person's authorization. Like the
// reset and the end of one, it stands in for an older operation that carried the
// token in the path (applications/{client_id}/tokens/{access_token}), which
// GitHub withdrew
// (https://developer.github.com/changes/2020-02-14-deprecating-oauth-app-endpoint/). The
// error is ErrLogInAgain where it knows none.
func (u *UserClient) Authorization(ctx context.Context) (Authorization, error) {
	var answer authorization
	err := u.withToken(ctx, func(token db.StoredToken) (err error) {
		answer, err = u.g.askAboutToken(ctx, http.MethodPost, token.Access)
		return err
	})
	if err != nil {
		return Authorization{}, err
	}
	return u.g.convertAuthorization(answer), nil
}

// withToken sends a request about the user's token. Where GitHub doesn't know the
// token, it is sent again: with the same one while that is new, and once with its
// successor after it has ended.
func (u *UserClient) withToken(ctx context.Context, do func(db.StoredToken) error) error {
	token, err := u.liveToken(ctx)
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
		return err // what GitHub doesn't know is not the token
	case !errors.Is(check, ErrNotFound):
		return check
	case young:
		return u.refuse(ctx, token, "")
	}
	return u.afterEnd(ctx, token, do)
}

// tokenPath is the address of what concerns the App's tokens. GitHub withdrew
// the older ones, which had the token in the path
// (https://developer.github.com/changes/2020-02-14-deprecating-oauth-app-endpoint/).
func (g *GitHub) tokenPath(what string) string {
	return "applications/" + url.PathEscape(g.app().ClientID) + "/" + what
}

// tokenBody names a token to GitHub.
type tokenBody struct {
	AccessToken string `json:"access_token"`
}

// askAboutToken checks a token (POST) or resets it (PATCH).
func (g *GitHub) askAboutToken(ctx context.Context, method, token string) (authorization, error) {
	var answer authorization
	if _, err := g.asOwner().send(ctx, method, g.tokenPath("token"), tokenBody{token}, &answer); err != nil {
		return authorization{}, unknownToken(err)
	}
	if answer.ID <= 0 || method == http.MethodPatch && answer.Token == "" {
		return authorization{}, malformed("the authorization")
	}
	return answer, nil
}

// endToken has GitHub forget a token, or with it the whole grant. One that
// GitHub doesn't know is ErrNotFound.
func (g *GitHub) endToken(ctx context.Context, what, token string) error {
	_, err := g.asOwner().send(ctx, http.MethodDelete, g.tokenPath(what), tokenBody{token}, nil)
	return unknownToken(err)
}

// unknownToken joins the two answers about a token that GitHub doesn't know:
// 404 and, to what deletes, 422.
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
