package auth

import (
	"errors"
	"net/http"

	"neptun/db"
	"neptun/handlers/openapi"
	"neptun/handlers/web"
	"neptun/views/ui"
)

// The errors of unauthorized requests.
var (
	ErrSignedOut            = &web.Error{Code: "unauthorized", Status: http.StatusUnauthorized, Message: "Sign in to continue"}
	ErrUnconfirmed          = &web.Error{Code: "access_not_confirmed", Status: http.StatusUnauthorized, Message: "Sign in again: GitHub no longer confirms your access"}
	ErrAccountSuspended     = &web.Error{Status: http.StatusUnauthorized, Message: "GitHub has suspended your account. Once GitHub has restored it, sign in again"}
	ErrWholeOnly            = &web.Error{Code: "unrestricted_token_required", Status: http.StatusForbidden, Message: "This requires a token with access to all installations"}
	ErrInstallationNotFound = &web.Error{Code: "installation_not_found", Status: http.StatusNotFound, Message: "Installation not found", Link: ui.Link{Text: "Go to installations", URL: "/installations"}}

	errUserNotFound  = &web.Error{Code: "user_not_found", Status: http.StatusNotFound, Message: "User not found"}
	errOperatorsOnly = &web.Error{Code: "operators_only", Status: http.StatusForbidden, Message: "This is for the operators of this server"}
	errSessionOnly   = &web.Error{Code: "session_required", Status: http.StatusForbidden, Message: "This requires a browser session"}
	// errScope is for a token whose scope doesn't include what a route requires.
	errScope = map[openapi.Right]*web.Error{
		openapi.Write:        {Code: "insufficient_scope", Status: http.StatusForbidden, Message: "This requires a token with write permission"},
		openapi.AccessTokens: {Code: "insufficient_scope", Status: http.StatusForbidden, Message: "This requires a token with permission to create access tokens"},
	}
)

// IsSignedOut reports whether an error means that the user has to sign in, for the first time
// or again.
func IsSignedOut(err error) bool {
	return errors.Is(err, ErrSignedOut) || IsUnconfirmed(err)
}

// IsUnconfirmed reports whether an error means that GitHub no longer confirms a user's access.
func IsUnconfirmed(err error) bool {
	return errors.Is(err, ErrUnconfirmed) || errors.Is(err, ErrAccountSuspended)
}

// unconfirmed returns the error for a user whose access GitHub no longer confirms.
func unconfirmed(why db.Refusal) *web.Error {
	if why == db.AccountSuspended {
		return ErrAccountSuspended
	}
	return ErrUnconfirmed
}
