package openapi

import (
	"encoding/json"
	"io"
	"iter"
	"net/http"

	"neptun/db"
)

var imports = Group{"Imports", "The repositories the user has imported."}

// ListImports lists the imports of an installation.
var ListImports = Operation{
	Group: imports, Method: http.MethodGet, Path: record + "/imports", ID: "listImports", Summary: "List an installation's imports",
	Description: wholeList,
	Caching:     Versioned, Table: true,
	Parameters: list(append(queryOf[Filter](), ownID("import")), "id", "name", "pushed_at", "size_kb"),
	Responses:  lists[Import]("The imports"),
}

// ListAllImports lists a user's imports across all installations.
var ListAllImports = Operation{
	Group: imports, Method: http.MethodGet, Path: user + "/imports", ID: "listAllImports", Summary: "List all imports",
	Description: wholeList,
	Caching:     Versioned, Table: true,
	Parameters: list(append(queryOf[AllFilter](), ownID("import")), "id", "name", "pushed_at", "size_kb"),
	Responses:  lists[Import]("The imports"),
}

// CreateImports imports repositories.
var CreateImports = Operation{
	Group: imports, Method: http.MethodPost, Path: record + "/imports", ID: "createImports", Summary: "Import repositories",
	Description: "Imports repositories by id, or all that match a filter. Give one of the two.",
	Body:        body[ImportBody](`{"repository_ids":[1296269]}`),
	Responses:   returns[ImportResults](http.StatusOK, "One result for each repository, in the order of the ids"),
	Errors:      []Error{{http.StatusConflict, "The installation is suspended"}},
}

// DeleteImport removes an import.
var DeleteImport = Operation{
	Group: imports, Method: http.MethodDelete, Path: record + "/imports/{import_id}", ID: "deleteImport", Summary: "Remove an import",
	Description: "Removes an import. The repository on GitHub isn't affected.",
	Responses:   returnsNothing("The import is removed"),
	Errors:      []Error{{http.StatusNotFound, "Import not found"}},
}

// Import is a repository the user has imported.
type Import struct {
	ID                         int64            `json:"id" doc:"The id of the import"`
	GitHubAppInstallationID    int64            `json:"github_app_installation_id" doc:"The id of the installation record" example:"12345"`
	RepositoryName             string           `json:"repository_name" doc:"The repository's name" example:"my-project"`
	RepositoryOwner            string           `json:"repository_owner" doc:"The owner's login" example:"octocat"`
	RepositoryURL              URL              `json:"repository_url" doc:"The repository's page on GitHub" example:"https://github.com/octocat/my-project"`
	CreatedAt                  Time             `json:"created_at" doc:"When the repository was imported"`
	UpdatedAt                  Time             `json:"updated_at" doc:"When the import or what it shows of the repository last changed"`
	RepositoryID               int64            `json:"repository_id" doc:"GitHub's id of the repository" example:"1296269"`
	RepositoryDescription      *string          `json:"repository_description" doc:"The description" example:"My first project"`
	RepositoryLanguage         *string          `json:"repository_language" doc:"The main language" example:"Go"`
	RepositoryLicense          *string          `json:"repository_license" doc:"The license's SPDX id" example:"MIT"`
	RepositorySizeKB           int64            `json:"repository_size_kb" doc:"The size in kilobytes" example:"108"`
	RepositoryWebsiteURL       *URL             `json:"repository_website_url" doc:"The website"`
	RepositoryDefaultBranch    *string          `json:"repository_default_branch" doc:"The default branch" example:"main"`
	RepositoryTopics           []string         `json:"repository_topics" doc:"The topics" example:"octocat"`
	RepositoryVisibility       string           `json:"repository_visibility" doc:"The visibility" enum:"public,private,internal"`
	RepositoryIsPrivate        bool             `json:"repository_is_private" doc:"Whether it isn't public"`
	RepositoryIsFork           bool             `json:"repository_is_fork" doc:"Whether it is a fork"`
	RepositoryIsTemplate       bool             `json:"repository_is_template" doc:"Whether it is a template"`
	RepositoryIsArchived       bool             `json:"repository_is_archived" doc:"Whether it is archived"`
	RepositoryPushedAt         *Time            `json:"repository_pushed_at" doc:"When it was last pushed to"`
	RepositoryCloneURL         *URL             `json:"repository_clone_url" doc:"The URL to clone it by HTTPS" example:"https://github.com/octocat/my-project.git"`
	RepositorySSHURL           *string          `json:"repository_ssh_url" doc:"The URL to clone it by SSH" example:"git@github.com:octocat/my-project.git"`
	RepositoryNodeID           *string          `json:"repository_node_id" doc:"GitHub's global node id" example:"MDEwOlJlcG9zaXRvcnkxMjk2MjY5"`
	RepositoryStars            *int64           `json:"repository_stars" doc:"How many users have starred it" example:"80"`
	RepositoryForks            *int64           `json:"repository_forks" doc:"How many forks it has" example:"9"`
	RepositoryOpenIssues       *int64           `json:"repository_open_issues" doc:"How many issues and pull requests are open" example:"3"`
	RepositoryIsDisabled       *bool            `json:"repository_is_disabled" doc:"Whether GitHub has disabled it"`
	RepositoryCreatedAt        *Time            `json:"repository_created_at" doc:"When it was created on GitHub"`
	RepositoryUpdatedAt        *Time            `json:"repository_updated_at" doc:"When it last changed on GitHub"`
	RepositoryCustomProperties *json.RawMessage `json:"repository_custom_properties" doc:"The organization's custom properties of it"`
}

// ToImport converts an import.
func ToImport(i db.Import) Import {
	return Import{
		ID:                         i.ID,
		GitHubAppInstallationID:    i.InstallationID,
		RepositoryName:             i.Repository.Name,
		RepositoryOwner:            i.Repository.Owner,
		RepositoryURL:              WebURL(i.Repository.HTMLURL),
		CreatedAt:                  TimeOf(i.CreatedAt),
		UpdatedAt:                  TimeOf(i.UpdatedAt),
		RepositoryID:               i.Repository.ID,
		RepositoryDescription:      OrNull(i.Repository.Description),
		RepositoryLanguage:         OrNull(i.Repository.Language),
		RepositoryLicense:          OrNull(i.Repository.License),
		RepositorySizeKB:           i.Repository.SizeKB,
		RepositoryWebsiteURL:       URLOrNull(i.Repository.WebsiteURL),
		RepositoryDefaultBranch:    OrNull(i.Repository.DefaultBranch),
		RepositoryTopics:           NotNil(i.Repository.Topics),
		RepositoryVisibility:       i.Repository.Visibility,
		RepositoryIsPrivate:        i.Repository.IsPrivate,
		RepositoryIsFork:           i.Repository.IsFork,
		RepositoryIsTemplate:       i.Repository.IsTemplate,
		RepositoryIsArchived:       i.Repository.IsArchived,
		RepositoryPushedAt:         TimeOrNull(i.Repository.PushedAt),
		RepositoryCloneURL:         URLOrNull(i.Repository.CloneURL),
		RepositorySSHURL:           OrNull(i.Repository.SSHURL),
		RepositoryNodeID:           OrNull(i.Repository.NodeID),
		RepositoryStars:            i.Repository.Stars,
		RepositoryForks:            i.Repository.Forks,
		RepositoryOpenIssues:       i.Repository.OpenIssues,
		RepositoryIsDisabled:       i.Repository.IsDisabled,
		RepositoryCreatedAt:        TimeOrNull(i.Repository.GitHubCreatedAt),
		RepositoryUpdatedAt:        TimeOrNull(i.Repository.GitHubUpdatedAt),
		RepositoryCustomProperties: PropertiesOrNull(i.Repository.CustomProperties),
	}
}

// ImportBody says what to import: ids or a filter.
type ImportBody struct {
	RepositoryIDs *[]int64 `json:"repository_ids,omitempty" doc:"GitHub's ids of the repositories" example:"1296269"`
	Filter        *Filter  `json:"filter,omitempty"`
}

// ImportResults are the results of an import.
type ImportResults struct {
	Results []ImportResult `json:"results" doc:"One result for each repository"`
}

// ImportResult is the result for one repository.
type ImportResult struct {
	RepositoryID int64           `json:"repository_id" doc:"GitHub's id of the repository" example:"1296269"`
	Status       db.ImportStatus `json:"status" doc:"What happened; not_found also for a repository the user can't see" enum:"imported,already_imported,not_found"`
	Import       *Import         `json:"import,omitempty"`
}

// WriteImportResults writes ImportResults as encoding/json does, one by one, with what was
// imported for each result.
func WriteImportResults(w io.Writer, results []db.ImportResult, imports iter.Seq2[*db.Import, error]) error {
	before, i := `{"results":[`, 0
	for item, err := range imports {
		if err != nil {
			return err
		}
		result := ImportResult{RepositoryID: results[i].RepositoryID, Status: results[i].Status}
		if item != nil {
			imported := ToImport(*item)
			result.Import = &imported
		}
		encoded, err := json.Marshal(result)
		if err != nil {
			return err
		}
		if _, err := w.Write(append([]byte(before), encoded...)); err != nil {
			return err
		}
		before, i = ",", i+1
	}
	if i == 0 {
		_, err := io.WriteString(w, before+"]}\n")
		return err
	}
	_, err := io.WriteString(w, "]}\n")
	return err
}
