package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"neptun/db"

	"golang.org/x/oauth2"
)

// oauth is the App's web application flow
// (https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app).
// GitHub answers errors with 200, from which oauth2 can't find out where the
// secret goes: a refresh that fails would be sent twice.
func (g *GitHub) oauth(redirectURL string) *oauth2.Config {
	app := g.app()
	return &oauth2.Config{
		ClientID:     app.ClientID,
		ClientSecret: app.ClientSecret,
		RedirectURL:  redirectURL,
		Endpoint: oauth2.Endpoint{
			AuthURL:   g.host.webPage("login/oauth/authorize"),
			TokenURL:  g.host.webPage("login/oauth/access_token"),
			AuthStyle: oauth2.AuthStyleInParams,
		},
	}
}

// AuthorizeURL is where a login starts on GitHub, which then sends the person
// to redirectURL with state and a code.
func (g *GitHub) AuthorizeURL(state, verifier, redirectURL string) string {
	return g.oauth(redirectURL).AuthCodeURL(state, oauth2.S256ChallengeOption(verifier))
}

// Exchange gives the code of a login for a token. The error is ErrBadCode,
// ErrAppCredentials, ErrRedirectURI, a *RateLimitError or ErrUnavailable.
func (g *GitHub) Exchange(ctx context.Context, code, verifier, redirectURL string) (db.Token, error) {
	ctx = context.WithValue(ctx, oauth2.HTTPClient, g.interactive)
	token, err := g.oauth(redirectURL).Exchange(ctx, code, oauth2.VerifierOption(verifier))
	if err != nil {
		return db.Token{}, classifyOAuth(err, g.now())
	}
	return convertToken(token, g.now()), nil
}

// refreshed gives a refresh token, which is good for one use, for a new token.
func (g *GitHub) refreshed(ctx context.Context, refreshToken string) (db.Token, error) {
	ctx = context.WithValue(ctx, oauth2.HTTPClient, g.interactive)
	token, err := g.oauth("").TokenSource(ctx, &oauth2.Token{RefreshToken: refreshToken}).Token()
	if err != nil {
		return db.Token{}, classifyOAuth(err, g.now())
	}
	return convertToken(token, g.now()), nil
}

// classifyOAuth tells apart the errors of the token endpoint
// (https://docs.github.com/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors).
// What the endpoint sent stays out of the error: it could hold a token.
func classifyOAuth(err error, now time.Time) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	var answer *oauth2.RetrieveError
	if !errors.As(err, &answer) {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	switch answer.ErrorCode {
	case "bad_verification_code":
		return ErrBadCode
	case "bad_refresh_token":
		return ErrLogInAgain
	case "incorrect_client_credentials":
		return ErrAppCredentials
	case "redirect_uri_mismatch":
		return ErrRedirectURI
	}
	status := answer.Response.StatusCode
	if limit := limited(status, answer.Response.Header, "", now); limit != nil {
		return limit
	}
	if status == http.StatusNotFound && answer.ErrorCode != "" {
		return ErrAppCredentials // GitHub knows no App of this client id
	}
	return fmt.Errorf("%w: the token endpoint answered %d %q", ErrUnavailable, status, answer.ErrorCode)
}

func convertToken(token *oauth2.Token, now time.Time) db.Token {
	return db.Token{
		Access:           token.AccessToken,
		AccessExpiresAt:  expiry(token, "expires_in", now),
		Refresh:          token.RefreshToken,
		RefreshExpiresAt: expiry(token, "refresh_token_expires_in", now),
	}
}

// expiry reads a lifetime in seconds, which is a float64 where GitHub answered
// in JSON and an int64 where it answered with a form. Zero is for ever.
func expiry(token *oauth2.Token, field string, now time.Time) time.Time {
	var seconds time.Duration
	switch value := token.Extra(field).(type) {
	case float64:
		seconds = time.Duration(value)
	case int64:
		seconds = time.Duration(value)
	}
	if seconds <= 0 {
		return time.Time{}
	}
	return now.Add(seconds * time.Second)
}
