package github

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"neptun/db"
)

// repository is what Neptun reads of a repository. go-github's own type fails
// on custom properties with several values.
type repository struct {
	ID            int64           `json:"id"`
	Name          string          `json:"name"`
	Owner         Account         `json:"owner"`
	HTMLURL       string          `json:"html_url"`
	Description   string          `json:"description"`
	Language      string          `json:"language"`
	License       *license        `json:"license"`
	Size          int64           `json:"size"`
	Homepage      string          `json:"homepage"`
	DefaultBranch string          `json:"default_branch"`
	Topics        topics          `json:"topics"`
	Visibility    string          `json:"visibility"`
	Private       bool            `json:"private"`
	Fork          bool            `json:"fork"`
	IsTemplate    bool            `json:"is_template"`
	Archived      bool            `json:"archived"`
	PushedAt      *time.Time      `json:"pushed_at"`
	Permissions   map[string]bool `json:"permissions"`
}

type license struct {
	SPDXID string `json:"spdx_id"`
}

// topics are never worth a page: a malformed list of them is none.
type topics []string

// UnmarshalJSON never fails.
func (t *topics) UnmarshalJSON(data []byte) error {
	var list []string
	if json.Unmarshal(data, &list) != nil {
		list = nil
	}
	*t = list
	return nil
}

// repositoriesPath is where a page is of the repositories that an installation
// reaches and GitHub shows to a person
// (https://docs.github.com/rest/apps/installations#list-repositories-accessible-to-the-user-access-token).
func repositoriesPath(installationID, number int64) string {
	return fmt.Sprintf("user/installations/%d/repositories?per_page=%d&page=%d", installationID, PerPage, number)
}

// FetchRepositories asks for a page of the repositories that an installation
// reaches and GitHub shows to the user.
func (u *UserClient) FetchRepositories(ctx context.Context, installationID, number int64, known ETagOf) (Fetched, error) {
	return u.fetch(ctx, repositoriesPath(installationID, number), known)
}

// RepositoriesPage is a page of the repositories that an installation reaches.
type RepositoriesPage struct {
	Total int64 // on all pages
	Items int64 // on this page
	Next  int64 // number of the next page, 0 for none

	Repositories []db.ListedRepository
}

// Repositories decodes a page of FetchRepositories.
func (f Fetched) Repositories() (RepositoriesPage, error) {
	var answer struct {
		TotalCount   *int64       `json:"total_count"`
		Repositories []repository `json:"repositories"`
	}
	if err := f.decode(&answer); err != nil {
		return RepositoriesPage{}, err
	}
	if answer.TotalCount == nil || *answer.TotalCount < 0 || answer.Repositories == nil {
		return RepositoriesPage{}, malformed("the repositories")
	}
	page := RepositoriesPage{
		Total: *answer.TotalCount, Items: int64(len(answer.Repositories)), Next: int64(f.next),
		Repositories: make([]db.ListedRepository, 0, len(answer.Repositories)),
	}
	for _, r := range answer.Repositories {
		if r.ID <= 0 || r.Name == "" || r.Owner.ID <= 0 {
			return RepositoriesPage{}, malformed("a repository's id, name or owner")
		}
		page.Repositories = append(page.Repositories, convertRepository(r))
	}
	return page, nil
}

func convertRepository(r repository) db.ListedRepository {
	facts := db.ListedRepository{
		Repository: db.Repository{
			ID:            r.ID,
			Owner:         Clean(r.Owner.Login),
			Name:          Clean(r.Name),
			HTMLURL:       link(r.HTMLURL),
			Description:   Clean(r.Description),
			Language:      Clean(r.Language),
			SizeKB:        r.Size,
			WebsiteURL:    Clean(r.Homepage),
			DefaultBranch: Clean(r.DefaultBranch),
			Visibility:    visibility(r),
			IsPrivate:     r.Private,
			IsFork:        r.Fork,
			IsTemplate:    r.IsTemplate,
			IsArchived:    r.Archived,
		},
		OwnerAccount: r.Owner.Convert(r.Owner.Type),
		Permission:   strongest(r.Permissions),
	}
	for _, topic := range r.Topics {
		facts.Topics = append(facts.Topics, Clean(topic))
	}
	if r.License != nil {
		facts.License = Clean(r.License.SPDXID)
	}
	if r.PushedAt != nil {
		facts.PushedAt = *r.PushedAt
	}
	return facts
}

// visibility is what GitHub says, or, from a server too old to say it, what
// follows from private.
func visibility(r repository) string {
	switch {
	case r.Visibility != "":
		return Clean(r.Visibility)
	case r.Private:
		return "private"
	}
	return "public"
}

// strongest is the highest of the permissions given. Who is shown a repository
// may read it at the least.
func strongest(given map[string]bool) string {
	for _, permission := range []string{"admin", "maintain", "push", "triage"} {
		if given[permission] {
			return permission
		}
	}
	return "pull"
}
