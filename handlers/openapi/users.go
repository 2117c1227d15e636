package openapi

import (
	"encoding/json"
	"net/http"

	"neptun/db"
)

var users = Group{"Users", "The signed-in user and what they can access."}

// GetDocument returns the OpenAPI document.
var GetDocument = Operation{
	Group: users, Method: http.MethodGet, Path: "/api/openapi.json", ID: "getDocument", Summary: "Get the OpenAPI document",
	Description: "Returns this description of the API, in OpenAPI 3.1.",
	Caching:     Stored,
	Responses:   returns[json.RawMessage](http.StatusOK, "The OpenAPI document"),
}

// CheckAuthentication reports whether a credential is valid.
var CheckAuthentication = Operation{
	Group: users, Method: http.MethodHead, Path: "/api/auth/check", ID: "checkAuthentication", Summary: "Check authentication",
	Description: "Tells whether the credential is valid.",
	Responses:   returnsNothing("The credential is valid"),
}

// GetUser returns the signed-in user.
var GetUser = Operation{
	Group: users, Method: http.MethodGet, Path: user, ID: "getUser", Summary: "Get a user",
	Description: "Returns the user the credential belongs to.",
	Caching:     Stored,
	Responses:   returns[User](http.StatusOK, "The user"),
}

// ExportUser returns everything that is stored of the user.
var ExportUser = Operation{
	Group: users, Method: http.MethodGet, Path: user + "/export", ID: "exportUser", Summary: "Export a user's data",
	Description: "Returns everything this server stores about the user, by table and column. Secrets aren't included.",
	Responses:   returns[json.RawMessage](http.StatusOK, "Lists of rows by name"),
}

// DeleteUser deletes the user.
var DeleteUser = Operation{
	Group: users, Method: http.MethodDelete, Path: user, ID: "deleteUser", Summary: "Delete a user",
	Description: "Revokes the authorization on GitHub and deletes everything this server stores about the user: sessions, tokens, imports, settings and history. " +
		"Audit log entries are kept as those of a deleted user, without address. The user's login in the body confirms it.",
	AsksGitHub: true,
	Body:       body[UninstallBody](`{"account":"octocat"}`),
	Responses:  returnsNothing("The user is deleted"),
}

// User is a user of this server.
type User struct {
	ID          string  `json:"id" doc:"The user's id, which paths take as user_id" example:"01JQ8V6Z3N5T7X9B1D3F5H7K9M"`
	GitHubID    int64   `json:"github_id" doc:"GitHub's id of the user" example:"583231"`
	GitHubLogin string  `json:"github_login" doc:"The user's login on GitHub" example:"octocat"`
	Name        *string `json:"name" doc:"The user's name on GitHub" example:"The Octocat"`
	AvatarURL   *URL    `json:"avatar_url" doc:"The user's avatar"`
	CreatedAt   Time    `json:"created_at" doc:"When the user first signed in"`
	UpdatedAt   Time    `json:"updated_at" doc:"When the user last changed"`

	WithheldOrganizations []WithheldOrganization `json:"withheld_organizations" doc:"The organizations whose installations GitHub leaves out of the user's list until they sign in with single sign-on and authorize the app again"`
}

// WithheldOrganization is an organization that requires single sign-on.
type WithheldOrganization struct {
	GitHubID int64   `json:"github_id" doc:"GitHub's id of the organization" example:"21955855"`
	Login    *string `json:"login" doc:"The organization's login; null where this server doesn't know it" example:"octo-org"`
	SSOURL   *URL    `json:"sso_url" doc:"GitHub's page to sign in with single sign-on" example:"https://github.com/orgs/octo-org/sso"`
}

// ToUser converts a user, whose organizations' page to sign in is ssoURL's.
func ToUser(u db.User, withheld []db.WithheldOrganization, ssoURL func(db.WithheldOrganization) string) User {
	return User{
		ID: u.ID, GitHubID: u.GitHubID, GitHubLogin: u.Login, Name: OrNull(u.Name), AvatarURL: URLOrNull(u.AvatarURL),
		CreatedAt: TimeOf(u.CreatedAt), UpdatedAt: TimeOf(u.UpdatedAt),
		WithheldOrganizations: Each(withheld, func(o db.WithheldOrganization) WithheldOrganization {
			return WithheldOrganization{GitHubID: o.GitHubID, Login: OrNull(o.Login), SSOURL: URLOrNull(ssoURL(o))}
		}),
	}
}

// CheckAccess tells why the user can or can't see a repository.
var CheckAccess = Operation{
	Group: users, Method: http.MethodGet, Path: user + "/doctor", ID: "checkAccess", Summary: "Check repository access",
	Description: "Explains why the user can or can't see a repository, and links to where that can be changed.",
	AsksGitHub:  true,
	Parameters: []Parameter{{
		Name: "repository", In: "query", Required: true,
		Description: "`owner/name`, or the URL of the repository's page", Schema: text().like("octocat/my-project"),
	}},
	Responses: returns[AccessCheck](http.StatusOK, "The verdict, possible reasons, and a link to fix it"),
}

// AccessCheck is why a user can or can't see a repository.
type AccessCheck struct {
	Verdict    string   `json:"verdict" doc:"The outcome" enum:"fine,archived,renamed,suspended,awaiting_approval,not_visible,not_reachable,ip_allow_list,managed_user,blocked,unavailable"`
	Repository string   `json:"repository" doc:"The repository as it was asked for" example:"octocat/my-project"`
	RenamedTo  string   `json:"renamed_to,omitempty" doc:"The repository's current name, if it was renamed" example:"octocat/our-project"`
	Message    string   `json:"message" doc:"The outcome in a sentence" example:"You can see this repository, and the app has access to it."`
	Reasons    []string `json:"reasons" doc:"Possible reasons, the most likely first"`
	Link       struct {
		Text string `json:"text" doc:"What the link leads to" example:"Your installations"`
		URL  string `json:"url" doc:"A URL, or a path on this server" example:"/installations"`
	} `json:"link" doc:"Where to fix it"`
}

// GetRateLimit returns the user's rate limit on GitHub.
var GetRateLimit = Operation{
	Group: users, Method: http.MethodGet, Path: user + "/rate_limit", ID: "getRateLimit", Summary: "Get rate limit status",
	Description: "Returns how many requests the user has left on GitHub, and how many of them a sync of everything takes.",
	AsksGitHub:  true,
	Responses:   returns[RateLimit](http.StatusOK, "The rate limit and the cost of a sync"),
}

// GetInstallationRateLimit is GetRateLimit for one installation.
var GetInstallationRateLimit = Operation{
	Group: users, Method: http.MethodGet, Path: record + "/rate_limit", ID: "getInstallationRateLimit", Summary: "Get rate limit status for an installation",
	Description: "Returns how many requests the user has left on GitHub, and how many of them a sync of this installation takes.",
	AsksGitHub:  true,
	Responses:   returns[RateLimit](http.StatusOK, "The rate limit and the cost of a sync"),
}

// RateLimit is a user's rate limit on GitHub.
type RateLimit struct {
	Limit     *int64  `json:"limit" doc:"Requests per hour; null if GitHub sets no limit" example:"5000"`
	Used      *int64  `json:"used" doc:"Requests used in this hour" example:"12"`
	Remaining *int64  `json:"remaining" doc:"Requests left in this hour" example:"4988"`
	ResetAt   *Time   `json:"reset_at" doc:"When the limit resets"`
	SyncCost  int64   `json:"sync_cost" doc:"Requests that a sync takes" example:"4"`
	Message   *string `json:"message" doc:"Why there are no numbers"`
}
