package openapi

import (
	"encoding/json"
	"net/http"

	"neptun/db"
)

var repositories = Group{"Repositories", "The repositories that can be imported through an installation."}

// ListRepositories lists what can be imported through an installation.
var ListRepositories = Operation{
	Group: repositories, Method: http.MethodGet, Path: record + "/repositories", ID: "listRepositories", Summary: "List repositories",
	Description: "Returns a page of 100 repositories unless `per_page` says otherwise, sorted by name unless `sort` does. As a file, as CSV and as NDJSON, returns the whole list unless a page is asked for.",
	Caching:     Stored, Table: true,
	Parameters: list(append(queryOf[Filter](), ownID("repository")), "name", "pushed_at", "size_kb"),
	Responses:  lists[Repository]("The repositories"),
}

// ListAllRepositories lists what can be imported through all installations.
var ListAllRepositories = Operation{
	Group: repositories, Method: http.MethodGet, Path: user + "/repositories", ID: "listAllRepositories", Summary: "List all repositories",
	Description: "Returns the repositories of all installations: a page of 100 unless `per_page` says otherwise, sorted by name unless `sort` does. As a file, as CSV and as NDJSON, returns the whole list unless a page is asked for.",
	Caching:     Versioned, Table: true,
	Parameters: list(append(queryOf[AllFilter](), ownID("repository")), "name", "pushed_at", "size_kb"),
	Responses:  lists[Repository]("The repositories"),
}

// AddToInstallation adds a repository to an installation.
var AddToInstallation = changeRepositories(http.MethodPut, "addToInstallation", "Add a repository to an installation")

// RemoveFromInstallation removes a repository from an installation.
var RemoveFromInstallation = changeRepositories(http.MethodDelete, "removeFromInstallation", "Remove a repository from an installation")

func changeRepositories(method, id, summary string) Operation {
	return Operation{
		Group: repositories, Method: method, Path: record + "/repositories/{repository_id}", ID: id, Summary: summary,
		Description: "Changes on GitHub which repositories the installation can access. GitHub accepts only a classic personal access token for this, which is used once and never stored. Disabled unless this server allows it.",
		AsksGitHub:  true,
		Parameters: []Parameter{{
			Name: "X-GitHub-Token", In: "header", Required: true,
			Description: "A classic personal access token with the `repo` scope", Schema: text().like("ghp_…"),
		}},
		Responses: returnsNothing("The repository is added or removed; a sync follows"),
		Errors: []Error{
			{http.StatusNotFound, "Repository not found"},
			{http.StatusConflict, "The installation is suspended"},
			{http.StatusUnprocessableEntity, "The token is missing, GitHub doesn't accept it, or the installation can access all repositories"},
		},
	}
}

// Repository is a repository that can be imported.
type Repository struct {
	ID               int64            `json:"id" doc:"GitHub's id of the repository" example:"1296269"`
	Name             string           `json:"name" doc:"The name" example:"my-project"`
	Owner            string           `json:"owner" doc:"The owner's login" example:"octocat"`
	FullName         string           `json:"full_name" doc:"The owner and the name" example:"octocat/my-project"`
	URL              URL              `json:"url" doc:"The repository's page on GitHub" example:"https://github.com/octocat/my-project"`
	Description      *string          `json:"description" doc:"The description" example:"My first project"`
	Language         *string          `json:"language" doc:"The main language" example:"Go"`
	License          *string          `json:"license" doc:"The license's SPDX id" example:"MIT"`
	SizeKB           int64            `json:"size_kb" doc:"The size in kilobytes" example:"108"`
	WebsiteURL       *URL             `json:"website_url" doc:"The website"`
	DefaultBranch    *string          `json:"default_branch" doc:"The default branch" example:"main"`
	Topics           []string         `json:"topics" doc:"The topics" example:"octocat"`
	Visibility       string           `json:"visibility" doc:"The visibility" enum:"public,private,internal"`
	IsPrivate        bool             `json:"is_private" doc:"Whether it isn't public"`
	IsFork           bool             `json:"is_fork" doc:"Whether it is a fork"`
	IsTemplate       bool             `json:"is_template" doc:"Whether it is a template"`
	IsArchived       bool             `json:"is_archived" doc:"Whether it is archived"`
	PushedAt         *Time            `json:"pushed_at" doc:"When it was last pushed to"`
	CloneURL         *URL             `json:"clone_url" doc:"The URL to clone it by HTTPS" example:"https://github.com/octocat/my-project.git"`
	SSHURL           *string          `json:"ssh_url" doc:"The URL to clone it by SSH" example:"git@github.com:octocat/my-project.git"`
	NodeID           *string          `json:"node_id" doc:"GitHub's global node id" example:"MDEwOlJlcG9zaXRvcnkxMjk2MjY5"`
	Stars            *int64           `json:"stars" doc:"How many users have starred it" example:"80"`
	Forks            *int64           `json:"forks" doc:"How many forks it has" example:"9"`
	OpenIssues       *int64           `json:"open_issues" doc:"How many issues and pull requests are open" example:"3"`
	IsDisabled       *bool            `json:"is_disabled" doc:"Whether GitHub has disabled it"`
	GitHubCreatedAt  *Time            `json:"created_at" doc:"When it was created on GitHub"`
	GitHubUpdatedAt  *Time            `json:"updated_at" doc:"When it last changed on GitHub"`
	CustomProperties *json.RawMessage `json:"custom_properties" doc:"The organization's custom properties of it"`
	Permission       string           `json:"permission" doc:"The user's permission on GitHub" enum:"admin,maintain,push,triage,pull"`
	ImportID         *int64           `json:"import_id" doc:"The id of the user's import; null if it isn't imported"`
	InstallationID   int64            `json:"installation_id" doc:"The id of the installation record" example:"12345"`
}

// ToRepository converts a repository that can be imported.
func ToRepository(a db.Available) Repository {
	return Repository{
		ID:               a.ID,
		Name:             a.Name,
		Owner:            a.Owner,
		FullName:         a.FullName(),
		URL:              WebURL(a.HTMLURL),
		Description:      OrNull(a.Description),
		Language:         OrNull(a.Language),
		License:          OrNull(a.License),
		SizeKB:           a.SizeKB,
		WebsiteURL:       URLOrNull(a.WebsiteURL),
		DefaultBranch:    OrNull(a.DefaultBranch),
		Topics:           NotNil(a.Topics),
		Visibility:       a.Visibility,
		IsPrivate:        a.IsPrivate,
		IsFork:           a.IsFork,
		IsTemplate:       a.IsTemplate,
		IsArchived:       a.IsArchived,
		PushedAt:         TimeOrNull(a.PushedAt),
		CloneURL:         URLOrNull(a.CloneURL),
		SSHURL:           OrNull(a.SSHURL),
		NodeID:           OrNull(a.NodeID),
		Stars:            a.Stars,
		Forks:            a.Forks,
		OpenIssues:       a.OpenIssues,
		IsDisabled:       a.IsDisabled,
		GitHubCreatedAt:  TimeOrNull(a.GitHubCreatedAt),
		GitHubUpdatedAt:  TimeOrNull(a.GitHubUpdatedAt),
		CustomProperties: PropertiesOrNull(a.CustomProperties),
		Permission:       a.Permission,
		ImportID:         OrNull(a.ImportID),
		InstallationID:   a.InstallationID,
	}
}

// RepositoryName is a repository by its names alone.
type RepositoryName struct {
	Name     string `json:"name" doc:"The name" example:"my-project"`
	Owner    string `json:"owner" doc:"The owner's login" example:"octocat"`
	FullName string `json:"full_name" doc:"The owner and the name" example:"octocat/my-project"`
	URL      URL    `json:"url" doc:"The repository's page on GitHub" example:"https://github.com/octocat/my-project"`
}

// ToRepositoryName converts a repository's names.
func ToRepositoryName(r db.Repository) RepositoryName {
	return RepositoryName{Name: r.Name, Owner: r.Owner, FullName: r.FullName(), URL: WebURL(r.HTMLURL)}
}
