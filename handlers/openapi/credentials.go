package openapi

import (
	"net/http"

	"neptun/db"
)

var authentication = Group{"Authentication", "The user's API tokens and browser sessions."}

const (
	tokensPath   = user + "/tokens"
	sessionsPath = user + "/sessions"
)

var (
	tokenNotFound = Error{http.StatusNotFound, "Token not found"}
	tooManyTokens = Error{http.StatusConflict, "The user has the maximum number of tokens"}
)

// ListTokens lists the user's API tokens.
var ListTokens = Operation{
	Group: authentication, Method: http.MethodGet, Path: tokensPath, ID: "listTokens", Summary: "List API tokens",
	Description: "Returns the user's API tokens, without their secrets.",
	Caching:     Stored,
	Responses:   returns[[]APIToken](http.StatusOK, "The tokens"),
}

// CreateToken generates an API token.
var CreateToken = Operation{
	Group: authentication, Method: http.MethodPost, Path: tokensPath, ID: "createToken", Summary: "Generate an API token",
	Description: "Generates an API token. Send it as `Authorization: Bearer` or as the cookie `neptun-session`. API tokens can't open pages.",
	Body:        body[TokenBody](`{"name":"ci","scope":"read","expires_in_days":30}`),
	Responses:   returns[CreatedToken](http.StatusCreated, "The token with its secret, which is shown only once"),
	Errors:      []Error{tooManyTokens},
}

// TokenBody says which API token to generate.
type TokenBody struct {
	Name          string `json:"name" doc:"The name, on one line" min:"1" max:"80" example:"ci"`
	ExpiresInDays *int   `json:"expires_in_days,omitempty" doc:"The expiration in days; 30 by default" min:"1" max:"365" example:"30"`
	// ExpiresOn is the last day on which the token is valid, in UTC.
	ExpiresOn string `json:"expires_on,omitempty" doc:"The last day on which it is valid (UTC), such as 2024-03-20, instead of expires_in_days"`
	Scope     string `json:"scope,omitempty" doc:"Read-only, read and write, or creating GitHub tokens; read by default" enum:"read,write,access_tokens"`
	// InstallationIDs are the records that it may access; absent for all.
	InstallationIDs *[]int64 `json:"installation_ids,omitempty" doc:"The ids of the installations it can access; all by default"`
}

// RevokeToken revokes an API token.
var RevokeToken = Operation{
	Group: authentication, Method: http.MethodDelete, Path: tokensPath + "/{token_id}", ID: "revokeToken", Summary: "Revoke an API token",
	Description: "Revokes an API token at once.",
	Responses:   returnsNothing("The token is revoked"),
	Errors:      []Error{tokenNotFound},
}

// RotateToken replaces an API token.
var RotateToken = Operation{
	Group: authentication, Method: http.MethodPost, Path: tokensPath + "/{token_id}/rotation", ID: "rotateToken", Summary: "Rotate an API token",
	Description: "Generates a new API token with the same name, permissions and lifetime. The old token stays valid for a while.",
	Body:        optionalBody[RotationBody](`{"overlap_hours":24}`),
	Responses:   returns[CreatedToken](http.StatusCreated, "The new token with its secret, which is shown only once"),
	Errors:      []Error{tokenNotFound, {http.StatusConflict, "The token was rotated before, or the user has the maximum number of tokens"}},
}

// RotationBody says how long the old token stays valid.
type RotationBody struct {
	OverlapHours int `json:"overlap_hours,omitempty" doc:"How many hours the old token stays valid; 24 by default" max:"168" example:"24"`
}

// APIToken is an API token without its secret.
type APIToken struct {
	ID              int64    `json:"id" doc:"The id of the token"`
	Name            string   `json:"name" doc:"The name" example:"ci"`
	Scope           db.Scope `json:"scope" doc:"Read-only, read and write, or creating GitHub tokens" enum:"read,write,access_tokens"`
	Restricted      bool     `json:"restricted" doc:"Whether it can access only select installations"`
	InstallationIDs []int64  `json:"installation_ids" doc:"The ids of these installations; empty if it isn't restricted"`
	CreatedAt       Time     `json:"created_at" doc:"When it was generated"`
	ExpiresAt       Time     `json:"expires_at" doc:"When it expires"`
	ReplacedBy      *int64   `json:"replaced_by" doc:"The id of the token that replaced it" example:"null"`
	LastUsedAt      *Time    `json:"last_used_at" doc:"When it was last used"`
	LastUsedIP      *string  `json:"last_used_ip" doc:"The address it was last used from" example:"192.0.2.1"`
	LastUsedBy      *string  `json:"last_used_by" doc:"The program that last used it" example:"curl"`
}

// ToAPIToken converts an API token; usedBy is the program that last used it.
func ToAPIToken(t db.APIToken, usedBy string) APIToken {
	return APIToken{
		ID: t.ID, Name: t.Name, Scope: t.Scope, Restricted: t.Restricted,
		InstallationIDs: Each(t.Installations, func(i db.TokenInstallation) int64 { return i.ID }),
		CreatedAt:       TimeOf(t.CreatedAt), ExpiresAt: TimeOf(t.ExpiresAt), ReplacedBy: OrNull(t.ReplacedBy),
		LastUsedAt: TimeOrNull(t.LastUsedAt), LastUsedIP: OrNull(t.LastUsed.IP), LastUsedBy: OrNull(usedBy),
	}
}

// CreatedToken is an API token with its secret, which nothing stores.
type CreatedToken struct {
	Token string `json:"token" doc:"The token's secret" example:"neptun_…"`
	APIToken
}

// ListSessions lists the user's sessions.
var ListSessions = Operation{
	Group: authentication, Method: http.MethodGet, Path: sessionsPath, ID: "listSessions", Summary: "List sessions",
	Description: "Returns the browsers the user is signed in with, the current session first.",
	Responses:   returns[[]BrowserSession](http.StatusOK, "The sessions"),
}

// RevokeOtherSessions ends all sessions but the current one.
var RevokeOtherSessions = Operation{
	Group: authentication, Method: http.MethodDelete, Path: sessionsPath, ID: "revokeOtherSessions", Summary: "Sign out of all other sessions",
	Description: "Signs the user out everywhere else. API tokens stay valid.",
	Responses:   returnsNothing("All other sessions have ended"),
}

// RevokeSession ends one session.
var RevokeSession = Operation{
	Group: authentication, Method: http.MethodDelete, Path: sessionsPath + "/{session_id}", ID: "revokeSession", Summary: "Sign out of a session",
	Description: "Ends one of the user's sessions.",
	Responses:   returnsNothing("The session has ended"),
	Errors:      []Error{{http.StatusNotFound, "Session not found"}},
}

// BrowserSession is a session.
type BrowserSession struct {
	ID         string  `json:"id" doc:"The id of the session" example:"k3JH8x"`
	Current    bool    `json:"current" doc:"Whether it is the session of this request" example:"true"`
	Browser    *string `json:"browser" doc:"The browser" example:"Firefox on Linux"`
	IP         *string `json:"ip" doc:"The address it was last used from" example:"192.0.2.1"`
	CreatedAt  *Time   `json:"created_at" doc:"When the user signed in"`
	LastSeenAt *Time   `json:"last_seen_at" doc:"When it was last used"`
	ExpiresAt  *Time   `json:"expires_at" doc:"When it expires"`
}
