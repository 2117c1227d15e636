package db

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"neptun/db/sqlcgen"
)

// Repository holds GitHub's facts about a repository. Empty fields have the zero value.
type Repository struct {
	// ID is GitHub's, and the only key: owner and name can change.
	ID            int64
	Owner         string
	Name          string
	HTMLURL       string
	Description   string
	Language      string
	License       string // SPDX identifier
	SizeKB        int64
	WebsiteURL    string
	DefaultBranch string
	Topics        []string
	Visibility    string // public, private or internal
	IsPrivate     bool
	IsFork        bool
	IsTemplate    bool
	IsArchived    bool
	PushedAt      time.Time
	CloneURL      string
	SSHURL        string
	NodeID        string
	// Stars, Forks, OpenIssues and IsDisabled are nil if GitHub didn't send them.
	Stars, Forks, OpenIssues *int64
	IsDisabled               *bool
	GitHubCreatedAt          time.Time
	GitHubUpdatedAt          time.Time
	// CustomProperties is a JSON object, nil if GitHub didn't send it.
	CustomProperties json.RawMessage
}

// FullName is how GitHub writes a repository: owner/name.
func (r Repository) FullName() string { return r.Owner + "/" + r.Name }

// Available is a repository that a user may import.
type Available struct {
	Repository
	// InstallationID is the installation record's id.
	InstallationID int64
	// Permission is the highest that GitHub gives this user: admin, maintain, push, triage
	// or pull.
	Permission string
	// ImportID is zero while it is not imported.
	ImportID int64
}

// Import is a repository that a user selected.
type Import struct {
	ID             int64
	InstallationID int64
	Repository
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Filter filters a list of repositories. The zero value matches all.
type Filter struct {
	// Query is searched in name, description and topics, ignoring case.
	Query      string
	Imported   Choice
	Visibility string // public, private, internal, or empty for any
	Language   string // NoLanguage for those without one
	Archived   Choice
	Fork       Choice
	Topic      string
	// Account is the account's login, ignoring case, for lists over all installations.
	Account string
	// Repository is a full name, owner/name, ignoring case.
	Repository string
	License    string // SPDX identifier, ignoring case
	Template   Choice
	// Permission is the user's highest permission, compared exactly.
	Permission string
	// PushedSince excludes repositories last pushed to before it, PushedBefore those last
	// pushed to at that time or later, or never; zero for no limit.
	PushedSince, PushedBefore time.Time
	// PropertyName is the name of a custom property, and PropertyValue its value, or one of
	// its values; an empty PropertyValue matches any.
	PropertyName, PropertyValue string
	// RepositoryID is GitHub's, ImportID the import's own; 0 for any.
	RepositoryID, ImportID int64
	// Restriction excludes, from a list over all installations, those that an API token has
	// no access to.
	Restriction Restriction
	// among are the ids given to Among, encoded by idsJSON.
	among string
}

// NoLanguage is the Filter.Language of repositories without a language.
const NoLanguage = "none"

// Property returns the custom property as name:value, or only its name for any value.
func (f Filter) Property() string { return propertyText(f.PropertyName, f.PropertyValue) }

func propertyText(name, value string) string {
	if value == "" {
		return name
	}
	return name + ":" + value
}

// Among restricts the filter to these repositories.
func (f Filter) Among(repositoryIDs []int64) Filter {
	f.among = idsJSON(repositoryIDs)
	return f
}

// Choice is a filter by a boolean: yes, no, or any.
type Choice string

// The values of Choice, as in a URL.
const (
	Any Choice = ""
	Yes Choice = "true"
	No  Choice = "false"
)

// Sort names the order of a list of repositories; a leading "-" means descending.
type Sort string

// The orders a list of repositories can have.
const (
	SortID         Sort = "id" // of the import; only for lists of imports
	SortIDDesc     Sort = "-id"
	SortName       Sort = "name"
	SortNameDesc   Sort = "-name"
	SortPushed     Sort = "pushed_at"
	SortPushedDesc Sort = "-pushed_at"
	SortSize       Sort = "size_kb"
	SortSizeDesc   Sort = "-size_kb"
)

// HasAccess reports whether GitHub showed a user a repository through one of
// their installations.
func (d *DB) HasAccess(ctx context.Context, userID string, repositoryID int64) (bool, error) {
	has, err := d.read.HasAccess(ctx, sqlcgen.HasAccessParams{UserID: userID, RepositoryID: repositoryID})
	if err != nil {
		return false, fmt.Errorf("db: look for access: %w", err)
	}
	return has, nil
}
