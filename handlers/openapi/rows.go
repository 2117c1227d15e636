package openapi

import (
	"strconv"

	"neptun/db"
	"neptun/handlers/rows"
)

// ImportRow is an Import in a list.
func ImportRow(row *rows.Row, i db.Import) {
	row.Int("id", i.ID)
	row.Int("github_app_installation_id", i.InstallationID)
	row.Text("repository_name", i.Name)
	row.Text("repository_owner", i.Owner)
	row.Text("repository_url", string(WebURL(i.HTMLURL)))
	row.Time("created_at", i.CreatedAt)
	row.Time("updated_at", i.UpdatedAt)
	row.Prefix("repository_")
	row.Int("id", i.Repository.ID)
	facts(row, i.Repository)
}

// RepositoryRow is a Repository in a list.
func RepositoryRow(row *rows.Row, a db.Available) {
	row.Int("id", a.ID)
	row.Text("name", a.Name)
	row.Text("owner", a.Owner)
	row.Text("full_name", a.FullName())
	row.Text("url", string(WebURL(a.HTMLURL)))
	facts(row, a.Repository)
	row.Text("permission", a.Permission)
	row.IntOrNull("import_id", OrNull(a.ImportID))
	row.Int("installation_id", a.InstallationID)
}

// facts are what imports and repositories have in common.
func facts(row *rows.Row, r db.Repository) {
	row.TextOrNull("description", r.Description)
	row.TextOrNull("language", r.Language)
	row.TextOrNull("license", r.License)
	row.Int("size_kb", r.SizeKB)
	row.TextOrNull("website_url", string(WebURL(r.WebsiteURL)))
	row.TextOrNull("default_branch", r.DefaultBranch)
	row.Texts("topics", r.Topics)
	row.Text("visibility", r.Visibility)
	row.Bool("is_private", r.IsPrivate)
	row.Bool("is_fork", r.IsFork)
	row.Bool("is_template", r.IsTemplate)
	row.Bool("is_archived", r.IsArchived)
	row.TimeOrNull("pushed_at", r.PushedAt)
	row.TextOrNull("clone_url", string(WebURL(r.CloneURL)))
	row.TextOrNull("ssh_url", r.SSHURL)
	row.TextOrNull("node_id", r.NodeID)
	row.IntOrNull("stars", r.Stars)
	row.IntOrNull("forks", r.Forks)
	row.IntOrNull("open_issues", r.OpenIssues)
	row.BoolOrNull("is_disabled", r.IsDisabled)
	row.TimeOrNull("created_at", r.GitHubCreatedAt)
	row.TimeOrNull("updated_at", r.GitHubUpdatedAt)
	row.JSONOrNull("custom_properties", r.CustomProperties)
}

// InstallationRow is an Installation in a list.
func InstallationRow(row *rows.Row, i db.InstallationRecord) {
	row.Int("id", i.ID)
	row.Text("neptun_user_id", i.UserID)
	row.Text("github_installation_id", strconv.FormatInt(i.GitHubID, 10))
	row.Time("created_at", i.CreatedAt)
	row.Time("updated_at", i.UpdatedAt)
	row.Text("github_account_login", i.Account.Login)
	row.Text("github_account_type", i.Account.Kind)
	row.TextOrNull("github_account_avatar_url", string(WebURL(i.Account.AvatarURL)))
	row.TextOrNull("repository_selection", i.RepositorySelection)
	row.TimeOrNull("suspended_at", i.SuspendedAt)
	row.TimeOrNull("synced_at", i.SyncedAt)
	row.TimeOrNull("installed_at", i.InstalledAt)
	row.TextOrNull("installed_by_login", i.InstalledBy)
	row.TextOrNull("app_slug", i.AppSlug)
	row.TextOrNull("single_file_name", i.SingleFileName)
	row.Texts("single_file_paths", i.SingleFilePaths)
	row.Int("repository_count", i.RepositoryCount)
	row.Int("import_count", i.ImportCount)
}
