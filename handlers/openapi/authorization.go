package openapi

import "net/http"

var authorization = Group{"Authorization", "What the user has authorized the app to do on GitHub. Responses never contain a token."}

const authorizationPath = user + "/authorization"

// GetAuthorization returns the user's authorization.
var GetAuthorization = Operation{
	Group: authorization, Method: http.MethodGet, Path: authorizationPath, ID: "getAuthorization", Summary: "Get the authorization",
	Description: "Returns what GitHub says about the user's authorization of the app.",
	AsksGitHub:  true,
	Responses:   returns[Authorization](http.StatusOK, "The authorization"),
}

// ResetAuthorization replaces the user's GitHub token.
var ResetAuthorization = Operation{
	Group: authorization, Method: http.MethodPost, Path: authorizationPath, ID: "resetAuthorization", Summary: "Reset the token",
	Description: "Has GitHub replace the token that Neptun uses for the user. The old token is revoked.",
	AsksGitHub:  true,
	Responses:   returns[Authorization](http.StatusOK, "The authorization"),
}

// RevokeAuthorization revokes the user's authorization.
var RevokeAuthorization = Operation{
	Group: authorization, Method: http.MethodDelete, Path: authorizationPath, ID: "revokeAuthorization", Summary: "Revoke the authorization",
	Description: "Revokes the authorization on GitHub and ends all of the user's sessions. Imports are kept.",
	AsksGitHub:  true,
	Responses:   returnsNothing("The authorization is revoked"),
}

// Authorization is a user's authorization of the app.
type Authorization struct {
	ID          int64             `json:"id" doc:"GitHub's id of the authorization"`
	AppName     *string           `json:"app_name" doc:"The app's name" example:"Neptun"`
	AppClientID *string           `json:"app_client_id" doc:"The app's client id" example:"Iv23liAbCdEf"`
	Permissions map[string]string `json:"permissions" doc:"The permissions, by GitHub's names" example:"{\"metadata\":\"read\"}"`
	URL         *URL              `json:"url" doc:"The authorization's page on GitHub"`
	CreatedAt   *Time             `json:"created_at" doc:"When the user authorized the app"`
	UpdatedAt   *Time             `json:"updated_at" doc:"When the authorization last changed"`
	ExpiresAt   *Time             `json:"expires_at" doc:"When the token expires"`
}
