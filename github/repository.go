package github

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"neptun/db"
)

// repository is the part of a repository that Neptun uses. go-github's type fails on
// custom properties with several values.
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
	Private       optional[bool]  `json:"private"`
	Fork          bool            `json:"fork"`
	IsTemplate    bool            `json:"is_template"`
	Archived      bool            `json:"archived"`
	PushedAt      moment          `json:"pushed_at"`
	Permissions   map[string]bool `json:"permissions"`

	CloneURL         string          `json:"clone_url"`
	SSHURL           string          `json:"ssh_url"`
	NodeID           string          `json:"node_id"`
	Stars            optional[int64] `json:"stargazers_count"`
	Forks            optional[int64] `json:"forks_count"`
	OpenIssues       optional[int64] `json:"open_issues_count"`
	Disabled         optional[bool]  `json:"disabled"`
	CreatedAt        moment          `json:"created_at"`
	UpdatedAt        moment          `json:"updated_at"`
	CustomProperties properties      `json:"custom_properties"`
}

type license struct {
	SPDXID string `json:"spdx_id"`
}

// topics decodes a malformed list as an empty one.
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

// repositoriesPath is the path of a page of the repositories that an installation has
// access to and GitHub shows to a user
// (https://docs.github.com/rest/apps/installations#list-repositories-accessible-to-the-user-access-token).
func repositoriesPath(installationID, number int64) string {
	return fmt.Sprintf("user/installations/%d/repositories?per_page=%d&page=%d", installationID, PerPage, number)
}

// RepositoriesPage is a page of the repositories of an installation.
type RepositoriesPage struct {
	Fetched
	Total int64 // on all pages, or UnknownTotal
	Items int64 // rows on this page, including skipped ones
	Next  int64 // number of the next page, 0 for none

	Repositories []db.ListedRepository
	Skipped      []Skipped
	// OddFields describes the fields that were ignored.
	OddFields []string
}

// FetchRepositories requests a page of the repositories that an installation has
// access to and GitHub shows to the user. A repository without an owner, or whose owner
// has no type, belongs to the installation's account.
func (u *UserClient) FetchRepositories(ctx context.Context, installationID, number int64, account db.Account, known ETagOf) (RepositoriesPage, error) {
	fetched, list, err := fetch[repository](ctx, u, repositoriesPath(installationID, number), "repositories", number == 1, known)
	if err != nil || fetched.Unchanged {
		return RepositoriesPage{Fetched: fetched}, err
	}
	page := RepositoriesPage{
		Fetched: fetched, Total: total(list.total), Items: int64(len(list.rows.items)), Next: int64(fetched.next),
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

// unusable returns the reason why a row can't be used, "" if it can.
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
			IsPrivate:     private(r),
			IsFork:        r.Fork,
			IsTemplate:    r.IsTemplate,
			IsArchived:    r.Archived,

			CloneURL: link(r.CloneURL), SSHURL: Clean(r.SSHURL), NodeID: Clean(r.NodeID),
			Stars: natural(r.Stars.value), Forks: natural(r.Forks.value), OpenIssues: natural(r.OpenIssues.value), IsDisabled: r.Disabled.value,
			GitHubCreatedAt: r.CreatedAt.Time, GitHubUpdatedAt: r.UpdatedAt.Time,
			CustomProperties: json.RawMessage(r.CustomProperties),
		},
		Permission: strongest(r.Permissions),
	}
	if r.Owner != nil {
		facts.OwnerAccount = r.Owner.Convert("")
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
// (https://docs.github.com/rest/repos/custom-properties). Anything but an object is empty.
type properties json.RawMessage

// UnmarshalJSON never fails.
func (p *properties) UnmarshalJSON(data []byte) error {
	*p = nil
	var values map[string]any
	if json.Unmarshal(data, &values) != nil || values == nil {
		return nil //nolint:nilerr // anything but an object is empty
	}
	if encoded, err := json.Marshal(values); err == nil && !bytes.Contains(encoded, []byte(`\u0000`)) {
		*p = encoded
	}
	return nil
}

// natural returns a count, nil if it is negative.
func natural(count *int64) *int64 {
	if count == nil || *count < 0 {
		return nil
	}
	return count
}

// visibility returns GitHub's value or, if that is missing or unknown, derives it from
// private.
func visibility(r repository) string {
	switch r.Visibility {
	case "public", "private", "internal":
		return r.Visibility
	}
	if r.Private.value != nil && !*r.Private.value {
		return "public"
	}
	return "private"
}

// private returns GitHub's value or, if that is missing, derives it from the visibility.
func private(r repository) bool {
	if r.Private.value != nil {
		return *r.Private.value
	}
	return visibility(r) != "public"
}

// strongest returns the highest of the permissions. A user who is shown a repository can
// at least read it.
func strongest(permissions map[string]bool) string {
	for _, permission := range []string{"admin", "maintain", "push", "triage"} {
		if permissions[permission] {
			return permission
		}
	}
	return "pull"
}
