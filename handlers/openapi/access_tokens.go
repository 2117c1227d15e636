package openapi

import (
	"net/http"

	"neptun/db"
)

var accessTokens = Group{"GitHub tokens", "Short-lived GitHub tokens for selected repositories, if this server allows them, and content attachments on old GitHub Enterprise Servers."}

const accessTokensPath = record + "/access_tokens"

// CreateAccessToken creates a GitHub token.
var CreateAccessToken = Operation{
	Group: accessTokens, Method: http.MethodPost, Path: accessTokensPath, ID: "createAccessToken", Summary: "Create a GitHub token",
	Description: "Creates a GitHub token for selected repositories. A `user` token acts as the user; an `installation` token acts as the app and requires admin access to the repositories. " +
		"A session must come from a sign-in within the last 15 minutes. A user can create 60 tokens an hour, API tokens included.",
	AsksGitHub: true,
	Body:       body[AccessTokenBody](`{"kind":"user","repository_ids":[1296269],"permissions":{"contents":"read"}}`),
	Responses:  returns[AccessToken](http.StatusCreated, "The token, which is shown only once"),
	Errors: []Error{
		{http.StatusForbidden, "This server doesn't allow GitHub tokens, the user isn't an admin of the repositories, or the sign-in isn't recent (`reauthentication_required`)"},
		{http.StatusConflict, "The installation is suspended"},
	},
}

// AccessTokenBody says which GitHub token to create.
type AccessTokenBody struct {
	Kind          string            `json:"kind,omitempty" doc:"The kind of token; user by default" enum:"user,installation"`
	RepositoryIDs []int64           `json:"repository_ids,omitempty" doc:"GitHub's ids of the repositories" example:"1296269"`
	Repositories  []string          `json:"repositories,omitempty" doc:"The repositories' names without the owner, instead of ids"`
	Permissions   map[string]string `json:"permissions" doc:"The permissions, by GitHub's names, with read, write or admin" example:"{\"contents\":\"read\"}"`
}

// AccessToken is a GitHub token.
type AccessToken struct {
	Token         string            `json:"token" doc:"The token" example:"ghu_…"`
	Kind          string            `json:"kind" doc:"The kind of token" enum:"user,installation"`
	ExpiresAt     *Time             `json:"expires_at" doc:"When it expires"`
	Permissions   map[string]string `json:"permissions" doc:"The permissions, by GitHub's names" example:"{\"contents\":\"read\"}"`
	RepositoryIDs []int64           `json:"repository_ids" doc:"GitHub's ids of the repositories" example:"1296269"`

	RepositorySelection string            `json:"repository_selection" doc:"Whether the token is for all repositories of the installation or for selected ones" enum:"selected,all"`
	Repositories        []TokenRepository `json:"repositories" doc:"The selected repositories"`
}

// TokenRepository is a repository that a token is for.
type TokenRepository struct {
	ID       int64  `json:"id" doc:"GitHub's id of the repository" example:"1296269"`
	Name     string `json:"name" doc:"The name" example:"my-project"`
	Owner    string `json:"owner" doc:"The owner's login" example:"octocat"`
	FullName string `json:"full_name" doc:"The owner and the name" example:"octocat/my-project"`
}

// ToTokenRepositories converts the repositories of a token.
func ToTokenRepositories(list []db.NamedRepository) []TokenRepository {
	return Each(list, func(r db.NamedRepository) TokenRepository {
		return TokenRepository{ID: r.ID, Name: r.Name, Owner: r.Owner, FullName: r.Owner + "/" + r.Name}
	})
}

// CreateAppToken creates an installation token for an operator.
var CreateAppToken = Operation{
	Group: appInstallations, Method: http.MethodPost, Path: appInstallationPath + "/access_tokens", ID: "createAppToken", Summary: "Create an installation token",
	Description: "Creates an installation token for any installation of the app, if this server has `NEPTUN_ALLOW_APP_TOKENS=true`. It expires after an hour. " +
		"The session must come from a sign-in within the last 15 minutes. These tokens count among the 60 that a user can create an hour. Without repositories the token is for all that the installation can access, and without permissions it has all that the account granted. " +
		"The audit log records the permissions and the ids of the repositories.",
	AsksGitHub: true,
	Body:       body[AppTokenBody](`{"repository_ids":[1296269],"permissions":{"contents":"read"}}`),
	Responses:  returns[AppToken](http.StatusCreated, "The token, which is shown only once"),
	Errors: []Error{
		{http.StatusForbidden, "This server doesn't allow it (`app_tokens_disabled`), or the sign-in isn't recent (`reauthentication_required`)"},
		noSuchInstallation,
		{http.StatusConflict, "The installation is suspended"},
	},
}

// AppTokenBody says which installation token to create.
type AppTokenBody struct {
	RepositoryIDs []int64           `json:"repository_ids,omitempty" doc:"GitHub's ids of the repositories; all that the installation can access by default" example:"1296269"`
	Permissions   map[string]string `json:"permissions,omitempty" doc:"The permissions, by GitHub's names, with read, write or admin; all that the account granted by default" example:"{\"contents\":\"read\"}"`
}

// AppToken is an installation token.
type AppToken struct {
	Token               string            `json:"token" doc:"The token" example:"ghs_…"`
	ExpiresAt           *Time             `json:"expires_at" doc:"When it expires"`
	Permissions         map[string]string `json:"permissions" doc:"The permissions, by GitHub's names" example:"{\"contents\":\"read\"}"`
	RepositorySelection *string           `json:"repository_selection" doc:"Whether the token is for all repositories of the installation or for selected ones; null where GitHub does not say" enum:"selected,all"`
	Repositories        []TokenRepository `json:"repositories" doc:"The selected repositories"`
}

// RevokeAccessToken revokes a GitHub token.
var RevokeAccessToken = Operation{
	Group: accessTokens, Method: http.MethodDelete, Path: accessTokensPath, ID: "revokeAccessToken", Summary: "Revoke a GitHub token",
	Description: "Revokes a GitHub token that was created here.",
	AsksGitHub:  true,
	Body:        body[RevokeAccessTokenBody](`{"token":"ghu_…"}`),
	Responses:   returnsNothing("The token is revoked"),
	Errors:      []Error{{http.StatusNotFound, "Access token not found"}},
}

// RevokeAccessTokenBody names the token to revoke.
type RevokeAccessTokenBody struct {
	Token string `json:"token" doc:"The token" example:"ghu_…"`
}

// CreateContentAttachment attaches content to a link.
var CreateContentAttachment = Operation{
	Group: accessTokens, Method: http.MethodPost, Path: record + "/content_attachments", ID: "createContentAttachment", Summary: "Create a content attachment",
	Description: "Attaches content to a link in an issue or a pull request, on GitHub Enterprise Servers that offer it. GitHub accepts an attachment for six hours after the link was posted.",
	AsksGitHub:  true,
	Body:        body[ContentAttachmentBody](`{"repository_id":1296269,"content_reference_id":2,"title":"Build","body":"It passed."}`),
	Responses:   returns[ContentAttachment](http.StatusCreated, "The attachment"),
	Errors: []Error{
		{http.StatusForbidden, "The user can't push to the repository"},
		{http.StatusNotFound, "Repository not found"},
		{http.StatusConflict, "The installation is suspended"},
		{http.StatusGone, "This GitHub no longer offers content attachments"},
	},
}

// ContentAttachmentBody is what to attach.
type ContentAttachmentBody struct {
	RepositoryID       int64  `json:"repository_id" doc:"GitHub's id of the repository" example:"1296269"`
	ContentReferenceID int64  `json:"content_reference_id" doc:"GitHub's id of the content reference" example:"2"`
	Title              string `json:"title" doc:"The title" min:"1" max:"1024" example:"Build"`
	Body               string `json:"body" doc:"The content, in Markdown" min:"1" max:"262144" example:"It passed."`
}

// ContentAttachment is content attached to a link.
type ContentAttachment struct {
	ID    int64  `json:"id" doc:"GitHub's id of the attachment"`
	Title string `json:"title" doc:"The title" example:"Build"`
	Body  string `json:"body" doc:"The content" example:"It passed."`
}
