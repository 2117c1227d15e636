package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"neptun/db"

	"golang.org/x/oauth2"
)

// oauth returns the App's web application flow
// (https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app).
// GitHub returns OAuth errors with status 200, so oauth2 can't detect where to put the
// client secret, and would send a failed refresh twice.
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

// AuthorizeURL returns the URL on GitHub where a sign-in starts. GitHub redirects to
// redirectURL with state and a code. selectAccount makes GitHub ask for the account even
// if only one is signed in.
func (g *GitHub) AuthorizeURL(state, verifier, redirectURL string, selectAccount bool) string {
	options := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(verifier)}
	if selectAccount {
		options = append(options, oauth2.SetAuthURLParam("prompt", "select_account"))
	}
	return g.oauth(redirectURL).AuthCodeURL(state, options...)
}

// Exchange exchanges the code of a sign-in for a token. The error is ErrBadCode,
// ErrAppCredentials, ErrRedirectURI, a *RateLimitError or ErrUnavailable.
func (g *GitHub) Exchange(ctx context.Context, code, verifier, redirectURL string) (db.Token, error) {
	ctx = context.WithValue(ctx, oauth2.HTTPClient, g.interactive)
	token, err := g.oauth(redirectURL).Exchange(ctx, code, oauth2.VerifierOption(verifier))
	if err != nil {
		return db.Token{}, classifyOAuth(err, g.now())
	}
	return convertToken(token, g.now()), nil
}

// refreshed exchanges a refresh token, which can be used once, for a new token. A code
// that GitHub doesn't accept means, here, that the refresh token expired or was used.
func (g *GitHub) refreshed(ctx context.Context, refreshToken string) (db.Token, error) {
	ctx = context.WithValue(ctx, oauth2.HTTPClient, g.interactive)
	token, err := g.oauth("").TokenSource(ctx, &oauth2.Token{RefreshToken: refreshToken}).Token()
	if err != nil {
		err = classifyOAuth(err, g.now())
		if errors.Is(err, ErrBadCode) {
			err = fmt.Errorf("%w: %w", ErrSignInAgain, err)
		}
		return db.Token{}, err
	}
	return convertToken(token, g.now()), nil
}

// oauthErrors maps the error codes that GitHub documents for the authorize
// page and the token endpoint
// (https://docs.github.com/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-authorization-request-errors,
// https://docs.github.com/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors)
// and those of RFC 6749 for server errors.
var oauthErrors = map[string]error{
	"access_denied":                ErrAccessDenied,
	"application_suspended":        ErrAppSuspended,
	"bad_refresh_token":            ErrSignInAgain,
	"bad_verification_code":        ErrBadCode,
	"incorrect_client_credentials": ErrAppCredentials,
	"redirect_uri_mismatch":        ErrRedirectURI,
	"server_error":                 ErrUnavailable,
	"temporarily_unavailable":      ErrUnavailable,
	"unverified_user_email":        ErrUnverifiedEmail,
}

// OAuthError returns the error for a code with which GitHub ends a sign-in, ErrSignInFailed
// for an unknown one. The error contains the code, for the log.
func OAuthError(code string) error {
	kind := oauthErrors[code]
	if kind == nil {
		kind = ErrSignInFailed
	}
	return fmt.Errorf("%w: %q", kind, oauthCode(code))
}

// oauthCode returns the code if it looks like one, since it is logged.
func oauthCode(code string) string {
	if len(code) > maxOAuthCode || strings.ContainsFunc(code, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') }) {
		return "(not a code)"
	}
	return code
}

const maxOAuthCode = 60

// classifyOAuth classifies the errors of the token endpoint
// (https://docs.github.com/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors).
// The error doesn't contain the response, which may hold a token.
func classifyOAuth(err error, now time.Time) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	var answer *oauth2.RetrieveError
	if !errors.As(err, &answer) {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if oauthErrors[answer.ErrorCode] != nil {
		return OAuthError(answer.ErrorCode)
	}
	status := answer.Response.StatusCode
	if limit := limited(status, answer.Response.Header, "", now); limit != nil {
		return limit
	}
	if status == http.StatusNotFound && answer.ErrorCode != "" {
		return ErrAppCredentials // GitHub doesn't know the client ID
	}
	if answer.ErrorCode != "" && status < http.StatusInternalServerError {
		return OAuthError(answer.ErrorCode)
	}
	return fmt.Errorf("%w: the token endpoint returned %d %q", ErrUnavailable, status, oauthCode(answer.ErrorCode))
}

func convertToken(token *oauth2.Token, now time.Time) db.Token {
	return db.Token{
		Access:           token.AccessToken,
		AccessExpiresAt:  expiry(token, "expires_in", now),
		Refresh:          token.RefreshToken,
		RefreshExpiresAt: expiry(token, "refresh_token_expires_in", now),
	}
}

// expiry returns when a token expires. The lifetime in seconds is a float64 in a JSON
// response, and an int64 in a form. Zero means never.
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
