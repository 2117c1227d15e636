package sandbox

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// challengeLength is the length of a SHA-256 hash in base64 without padding (RFC 7636).
const challengeLength = 43

// oauthError is a failed exchange. GitHub returns it with status 200
// (https://docs.github.com/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors).
type oauthError struct{ code, description string }

func (e *oauthError) Error() string { return e.description }

var (
	errClientCredentials = &oauthError{"incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect."}
	errVerificationCode  = &oauthError{"bad_verification_code", "The code passed is incorrect or expired."}
	errRedirectURI       = &oauthError{"redirect_uri_mismatch", "The redirect_uri MUST match the registered callback URL for this application."}
	errRefreshToken      = &oauthError{"bad_refresh_token", "The refresh token passed is incorrect or expired."}
	errGrantType         = &oauthError{"unsupported_grant_type", "The grant_type must be authorization_code or refresh_token."}
)

// oauthErrors are the errors that GitHub documents for the authorize page and the exchange, with their descriptions.
var oauthErrors = map[string]string{
	"access_denied":                "The user has denied your application access.",
	"application_suspended":        "Your application has been suspended. Contact GitHub support.",
	"bad_refresh_token":            errRefreshToken.description,
	"bad_verification_code":        errVerificationCode.description,
	"incorrect_client_credentials": errClientCredentials.description,
	"redirect_uri_mismatch":        errRedirectURI.description,
	"unsupported_grant_type":       errGrantType.description,
	"unverified_user_email":        "The user must have a verified primary email.",
}

// oauthErrorNamed is the error with that code. GitHub may send codes that it doesn't document.
func oauthErrorNamed(code string) *oauthError {
	return &oauthError{code, cmp.Or(oauthErrors[code], "Something went wrong.")}
}

const docsExchange = "https://docs.github.com/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors/"

// exchange issues tokens for a code or a refresh token.
func (s *oauth) exchange(w http.ResponseWriter, r *http.Request) {
	if !s.countTokenRequest(w) {
		return
	}
	form, err := exchangeForm(w, r)
	if err != nil {
		http.Error(w, "Bad Request", http.StatusBadRequest)
		return
	}
	token, err := s.tokenFor(form)
	if err != nil {
		var refused *oauthError
		if !errors.As(err, &refused) {
			panic(err) // tokenFor returns no other errors
		}
		writeExchange(w, r, object{
			"error":             refused.code,
			"error_description": refused.description,
			"error_uri":         docsExchange + "#" + strings.ReplaceAll(refused.code, "_", "-"),
		})
		return
	}
	body := object{"access_token": token.access, "scope": "", "token_type": "bearer"}
	if token.refresh != "" {
		body["expires_in"] = int(token.expires.Sub(token.createdAt).Seconds())
		body["refresh_token"] = token.refresh
		body["refresh_token_expires_in"] = int(refreshLifetime.Seconds())
	}
	writeExchange(w, r, body)
}

func (s *oauth) tokenFor(form url.Values) (*userAccessToken, error) {
	s.world.mu.RLock()
	of := s.world.Apps.byClientID(form.Get("client_id"))
	s.world.mu.RUnlock()
	if of == nil || !sameSecret(form.Get("client_secret"), of.ClientSecret) {
		return nil, errClientCredentials
	}
	behavior := s.behavior.Load()
	switch form.Get("grant_type") {
	case "", "authorization_code":
		if behavior.CodeError != "" {
			return nil, oauthErrorNamed(behavior.CodeError)
		}
		return s.tokenForCode(of, form)
	case "refresh_token":
		if behavior.RefreshError != "" {
			return nil, oauthErrorNamed(behavior.RefreshError)
		}
		if token := s.auth.rotate(of, form.Get("refresh_token"), s.now()); token != nil {
			return token, nil
		}
		return nil, errRefreshToken
	}
	return nil, errGrantType
}

func (s *oauth) tokenForCode(of *app, form url.Values) (*userAccessToken, error) {
	code := s.auth.redeem(form.Get("code"), s.now())
	if code == nil || code.app != of || !verifies(form.Get("code_verifier"), code.challenge) {
		return nil, errVerificationCode
	}
	if redirectURI := form.Get("redirect_uri"); redirectURI != "" && redirectURI != code.redirectURI {
		return nil, errRedirectURI
	}
	return s.auth.issue(of, code.user, s.now()), nil
}

// verifies checks PKCE. A verifier for a code that was requested without a challenge is invalid, like a missing one.
func verifies(verifier, challenge string) bool {
	if challenge == "" || verifier == "" {
		return challenge == verifier
	}
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:]) == challenge
}

// exchangeForm reads parameters from the query, and from a body that is a form or JSON.
func exchangeForm(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		err := r.ParseForm()
		return r.Form, err
	}
	var fields map[string]any
	if err := json.NewDecoder(r.Body).Decode(&fields); err != nil {
		return nil, err
	}
	form := r.URL.Query()
	for name, value := range fields {
		form.Set(name, fmt.Sprint(value))
	}
	return form, nil
}

// writeExchange responds with a form, or with JSON if the client accepts it.
func writeExchange(w http.ResponseWriter, r *http.Request, fields object) {
	w.Header().Set("Cache-Control", "no-store")
	if strings.Contains(r.Header.Get("Accept"), "json") {
		writeJSON(w, http.StatusOK, encode(fields))
		return
	}
	form := url.Values{}
	for name, value := range fields {
		form.Set(name, fmt.Sprint(value))
	}
	body := form.Encode()
	w.Header().Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	fmt.Fprint(w, body)
}
