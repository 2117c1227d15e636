package handlers

import (
	"strconv"
	"strings"
	"time"

	"neptun/db"
)

// What may be null is a pointer: encoding/json writes one at half the cost of a
// type with a MarshalJSON, whose every word it checks again.

// moment is a time as the contract writes it: RFC 3339, UTC, whole seconds. The
// zero time is null.
func moment(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	written := t.UTC().Format(time.RFC3339)
	return &written
}

// text is a string whose absence is null.
func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// webURL is a URL that may be linked to: an absolute one of http or https, and
// null for any other, such as javascript:, which somebody else may have set.
func webURL(s string) *string {
	if !isWebURL(s) {
		return nil
	}
	return &s
}

// requiredURL is webURL for a field that is never null.
func requiredURL(s string) string {
	if !isWebURL(s) {
		return ""
	}
	return s
}

// isWebURL costs less than parsing, which lists do for each row.
func isWebURL(s string) bool {
	scheme, rest, ok := strings.Cut(s, "://")
	return ok && (strings.EqualFold(scheme, "https") || strings.EqualFold(scheme, "http")) && rest != "" && rest[0] != '/' &&
		!strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '\\' })
}

// id is a number whose absence is null.
func id(n int64) *int64 {
	if n == 0 {
		return nil
	}
	return &n
}

type personJSON struct {
	ID          string  `json:"id"`
	GitHubID    int64   `json:"github_id"`
	GitHubLogin string  `json:"github_login"`
	Name        *string `json:"name"`
	AvatarURL   *string `json:"avatar_url"`
	CreatedAt   *string `json:"created_at"`
	UpdatedAt   *string `json:"updated_at"`
}

func toPersonJSON(p db.User) personJSON {
	return personJSON{
		ID:          p.ID,
		GitHubID:    p.GitHubID,
		GitHubLogin: p.Login,
		Name:        text(p.Name),
		AvatarURL:   webURL(p.AvatarURL),
		CreatedAt:   moment(p.CreatedAt),
		UpdatedAt:   moment(p.UpdatedAt),
	}
}

type installationJSON struct {
	ID                     int64   `json:"id"`
	NeptunUserID           string  `json:"neptun_user_id"`
	GitHubInstallationID   string  `json:"github_installation_id"`
	CreatedAt              *string `json:"created_at"`
	UpdatedAt              *string `json:"updated_at"`
	GitHubAccountLogin     string  `json:"github_account_login"`
	GitHubAccountType      string  `json:"github_account_type"`
	GitHubAccountAvatarURL *string `json:"github_account_avatar_url"`
	RepositorySelection    string  `json:"repository_selection"`
	SuspendedAt            *string `json:"suspended_at"`
	SyncedAt               *string `json:"synced_at"`
	RepositoryCount        int64   `json:"repository_count"`
	ImportCount            int64   `json:"import_count"`
}

func toInstallationJSON(i db.InstallationRecord) installationJSON {
	return installationJSON{
		ID:                     i.ID,
		NeptunUserID:           i.UserID,
		GitHubInstallationID:   strconv.FormatInt(i.GitHubID, 10),
		CreatedAt:              moment(i.CreatedAt),
		UpdatedAt:              moment(i.UpdatedAt),
		GitHubAccountLogin:     i.Account.Login,
		GitHubAccountType:      i.Account.Kind,
		GitHubAccountAvatarURL: webURL(i.Account.AvatarURL),
		RepositorySelection:    i.RepositorySelection,
		SuspendedAt:            moment(i.SuspendedAt),
		SyncedAt:               moment(i.SyncedAt),
		RepositoryCount:        i.RepositoryCount,
		ImportCount:            i.ImportCount,
	}
}

type importJSON struct {
	ID                      int64    `json:"id"`
	GitHubAppInstallationID int64    `json:"github_app_installation_id"`
	RepositoryName          string   `json:"repository_name"`
	RepositoryOwner         string   `json:"repository_owner"`
	RepositoryURL           string   `json:"repository_url"`
	CreatedAt               *string  `json:"created_at"`
	UpdatedAt               *string  `json:"updated_at"`
	RepositoryID            int64    `json:"repository_id"`
	RepositoryDescription   *string  `json:"repository_description"`
	RepositoryLanguage      *string  `json:"repository_language"`
	RepositoryLicense       *string  `json:"repository_license"`
	RepositorySizeKB        int64    `json:"repository_size_kb"`
	RepositoryWebsiteURL    *string  `json:"repository_website_url"`
	RepositoryDefaultBranch *string  `json:"repository_default_branch"`
	RepositoryTopics        []string `json:"repository_topics"`
	RepositoryVisibility    string   `json:"repository_visibility"`
	RepositoryIsPrivate     bool     `json:"repository_is_private"`
	RepositoryIsFork        bool     `json:"repository_is_fork"`
	RepositoryIsTemplate    bool     `json:"repository_is_template"`
	RepositoryIsArchived    bool     `json:"repository_is_archived"`
	RepositoryPushedAt      *string  `json:"repository_pushed_at"`
}

func toImportJSON(i db.Import) importJSON {
	return importJSON{
		ID:                      i.ID,
		GitHubAppInstallationID: i.InstallationID,
		RepositoryName:          i.Repository.Name,
		RepositoryOwner:         i.Repository.Owner,
		RepositoryURL:           requiredURL(i.Repository.HTMLURL),
		CreatedAt:               moment(i.CreatedAt),
		UpdatedAt:               moment(i.UpdatedAt),
		RepositoryID:            i.Repository.ID,
		RepositoryDescription:   text(i.Repository.Description),
		RepositoryLanguage:      text(i.Repository.Language),
		RepositoryLicense:       text(i.Repository.License),
		RepositorySizeKB:        i.Repository.SizeKB,
		RepositoryWebsiteURL:    webURL(i.Repository.WebsiteURL),
		RepositoryDefaultBranch: text(i.Repository.DefaultBranch),
		RepositoryTopics:        topics(i.Repository),
		RepositoryVisibility:    i.Repository.Visibility,
		RepositoryIsPrivate:     i.Repository.IsPrivate,
		RepositoryIsFork:        i.Repository.IsFork,
		RepositoryIsTemplate:    i.Repository.IsTemplate,
		RepositoryIsArchived:    i.Repository.IsArchived,
		RepositoryPushedAt:      moment(i.Repository.PushedAt),
	}
}

type availableJSON struct {
	ID            int64    `json:"id"`
	Name          string   `json:"name"`
	Owner         string   `json:"owner"`
	FullName      string   `json:"full_name"`
	URL           string   `json:"url"`
	Description   *string  `json:"description"`
	Language      *string  `json:"language"`
	License       *string  `json:"license"`
	SizeKB        int64    `json:"size_kb"`
	WebsiteURL    *string  `json:"website_url"`
	DefaultBranch *string  `json:"default_branch"`
	Topics        []string `json:"topics"`
	Visibility    string   `json:"visibility"`
	IsPrivate     bool     `json:"is_private"`
	IsFork        bool     `json:"is_fork"`
	IsTemplate    bool     `json:"is_template"`
	IsArchived    bool     `json:"is_archived"`
	PushedAt      *string  `json:"pushed_at"`
	Permission    string   `json:"permission"`
	ImportID      *int64   `json:"import_id"`
}

func toAvailableJSON(a db.Available) availableJSON {
	return availableJSON{
		ID:            a.ID,
		Name:          a.Name,
		Owner:         a.Owner,
		FullName:      a.FullName(),
		URL:           requiredURL(a.HTMLURL),
		Description:   text(a.Description),
		Language:      text(a.Language),
		License:       text(a.License),
		SizeKB:        a.SizeKB,
		WebsiteURL:    webURL(a.WebsiteURL),
		DefaultBranch: text(a.DefaultBranch),
		Topics:        topics(a.Repository),
		Visibility:    a.Visibility,
		IsPrivate:     a.IsPrivate,
		IsFork:        a.IsFork,
		IsTemplate:    a.IsTemplate,
		IsArchived:    a.IsArchived,
		PushedAt:      moment(a.PushedAt),
		Permission:    a.Permission,
		ImportID:      id(a.ImportID),
	}
}

// topics is the list of topics, never null.
func topics(r db.Repository) []string {
	if r.Topics == nil {
		return []string{}
	}
	return r.Topics
}

type syncJSON struct {
	State            db.SyncState `json:"state"`
	StartedAt        *string      `json:"started_at"`
	FinishedAt       *string      `json:"finished_at"`
	PagesDone        int64        `json:"pages_done"`
	PagesTotal       int64        `json:"pages_total"`
	RepositoriesSeen int64        `json:"repositories_seen"`
	RetryAt          *string      `json:"retry_at"`
	Message          *string      `json:"message"`
}

func toSyncJSON(s db.Sync) syncJSON {
	return syncJSON{
		State:            s.State,
		StartedAt:        moment(s.StartedAt),
		FinishedAt:       moment(s.FinishedAt),
		PagesDone:        s.PagesDone,
		PagesTotal:       s.PagesTotal,
		RepositoriesSeen: s.RepositoriesSeen,
		RetryAt:          moment(s.RetryAt),
		Message:          text(s.Message),
	}
}

// each converts a list. The result is never null in JSON.
func each[From, To any](list []From, convert func(From) To) []To {
	converted := make([]To, 0, len(list))
	for _, item := range list {
		converted = append(converted, convert(item))
	}
	return converted
}
