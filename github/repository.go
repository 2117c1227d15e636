package github

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"neptun/db"
)

// repository is what Neptun reads of a repository. go-github's own type fails
// on custom properties with several values.
type repository struct {
	ID            int64           `json:"id"`
	Name          string          `json:"name"`
	Owner         *Account        `json:"owner"`
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
	PushedAt      moment          `json:"pushed_at"`
	Permissions   map[string]bool `json:"permissions"`

	CloneURL         string     `json:"clone_url"`
	SSHURL           string     `json:"ssh_url"`
	NodeID           string     `json:"node_id"`
	Stars            *int64     `json:"stargazers_count"`
	Forks            *int64     `json:"forks_count"`
	OpenIssues       *int64     `json:"open_issues_count"`
	Disabled         *bool      `json:"disabled"`
	CreatedAt        moment     `json:"created_at"`
	UpdatedAt        moment     `json:"updated_at"`
	CustomProperties properties `json:"custom_properties"`
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

// RepositoriesPage is a page of the repositories that an installation reaches.
type RepositoriesPage struct {
	Fetched
	Total int64 // on all pages
	Items int64 // rows on this page, skipped ones included
	Next  int64 // number of the next page, 0 for none

	Repositories []db.ListedRepository
	Skipped      []Skipped
	// OddFields says which fields were left out.
	OddFields []string
}

// FetchRepositories requests a page of the repositories that an installation has
// access to and GitHub shows to the user. A repository without an owner, or with one
// that has no type, belongs to the installation's account.
func (u *UserClient) FetchRepositories(ctx context.Context, installationID, number int64, account db.Account, known ETagOf) (RepositoriesPage, error) {
	fetched, list, err := fetch[repository](ctx, u, repositoriesPath(installationID, number), "repositories", known)
	if err != nil || fetched.Unchanged {
		return RepositoriesPage{Fetched: fetched}, err
	}
	page := RepositoriesPage{
		Fetched: fetched, Total: *list.total, Items: int64(len(list.rows.items)), Next: int64(fetched.next),
		Repositories: make([]db.ListedRepository, 0, len(list.rows.items)),
		OddFields:    list.rows.oddFields(),
	}
	for place, r := range list.rows.items {
		if id, reason := unusable(r); reason != "" {
			page.Skipped = append(page.Skipped, skipped(place, id, reason))
			continue
		}
		listed := convertRepository(*r)
		switch owner := listed.OwnerAccount; {
		case owner.GitHubID <= 0, owner.GitHubID == account.GitHubID:
			listed.OwnerAccount = account
			if owner.Login != "" {
				listed.OwnerAccount.Login, listed.OwnerAccount.AvatarURL, listed.OwnerAccount.HTMLURL = owner.Login, owner.AvatarURL, owner.HTMLURL
			}
			listed.Owner = listed.OwnerAccount.Login
		case owner.Kind == "":
			page.Skipped = append(page.Skipped, skipped(place, r.ID, db.SkippedOwnerType))
			continue
		}
		page.Repositories = append(page.Repositories, listed)
	}
	return page, nil
}

// unusable says why nothing can be done with a row, empty where it can.
func unusable(r *repository) (id int64, reason string) {
	switch {
	case r == nil:
		return 0, db.SkippedNull
	case r.ID <= 0:
		return 0, db.SkippedNoID
	case r.Name == "":
		return r.ID, db.SkippedNoName
	}
	return r.ID, ""
}

func convertRepository(r repository) db.ListedRepository {
	facts := db.ListedRepository{
		Repository: db.Repository{
			ID:            r.ID,
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

			CloneURL: link(r.CloneURL), SSHURL: Clean(r.SSHURL), NodeID: Clean(r.NodeID),
			Stars: natural(r.Stars), Forks: natural(r.Forks), OpenIssues: natural(r.OpenIssues), IsDisabled: r.Disabled,
			GitHubCreatedAt: r.CreatedAt.Time, GitHubUpdatedAt: r.UpdatedAt.Time,
			CustomProperties: json.RawMessage(r.CustomProperties),
		},
		Permission: strongest(r.Permissions),
	}
	if r.Owner != nil {
		facts.OwnerAccount = r.Owner.Convert(r.Owner.Type)
		facts.Owner = facts.OwnerAccount.Login
	}
	for _, topic := range r.Topics {
		facts.Topics = append(facts.Topics, Clean(topic))
	}
	if r.License != nil {
		facts.License = Clean(r.License.SPDXID)
	}
	facts.PushedAt = r.PushedAt.Time
	return facts
}

// properties are the custom properties of a repository, of any type of value
// (https://docs.github.com/rest/repos/custom-properties). What is no object is none.
type properties json.RawMessage

// UnmarshalJSON never fails.
func (p *properties) UnmarshalJSON(data []byte) error {
	*p = nil
	var values map[string]any
	if json.Unmarshal(data, &values) != nil || values == nil {
		return nil //nolint:nilerr // what is no object is none
	}
	if encoded, err := json.Marshal(values); err == nil && !bytes.Contains(encoded, []byte(`\u0000`)) {
		*p = encoded
	}
	return nil
}

// natural is a count, nil for what can't be one.
func natural(count *int64) *int64 {
	if count == nil || *count < 0 {
		return nil
	}
	return count
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
