package github

// AppPermission is a permission that the setup offers beside those that Neptun needs,
// in GitHub's words
// (https://docs.github.com/rest/authentication/permissions-required-for-github-apps).
type AppPermission struct {
	Name, Label, Description string
	// Levels are those that it can have.
	Levels []string
	// Events are what GitHub sends webhooks of to an App with this permission.
	Events []string
}

// AppPermissions are the permissions that the setup offers.
var AppPermissions = []AppPermission{
	{"contents", "Contents", "Repository contents, commits, branches, downloads, releases, and merges", readOrWrite, []string{"push", "release"}},
	{"issues", "Issues", "Issues and related comments, assignees, labels, and milestones", readOrWrite, []string{"issues", "issue_comment"}},
	{"pull_requests", "Pull requests", "Pull requests and related comments, assignees, labels, milestones, and merges", readOrWrite, []string{"pull_request", "pull_request_review"}},
	{"actions", "Actions", "Workflows, workflow runs and artifacts", readOrWrite, []string{"workflow_run"}},
	{"checks", "Checks", "Checks on code", readOrWrite, []string{"check_run"}},
	{"statuses", "Commit statuses", "Commit statuses", readOrWrite, []string{"status"}},
	{"deployments", "Deployments", "Deployments and deployment statuses", readOrWrite, []string{"deployment"}},
	{"workflows", "Workflows", "Update GitHub Actions workflow files", []string{"write"}, nil},
}

var readOrWrite = []string{"read", "write"}

// TokenPermissions are those with which users can create GitHub tokens for everyday
// work on repositories.
func TokenPermissions() map[string]string {
	return map[string]string{"contents": "write", "issues": "write", "pull_requests": "write"}
}

// PermissionOf is the permission without which GitHub refuses an event; empty for an
// event that isn't offered.
func PermissionOf(event string) string {
	for _, p := range AppPermissions {
		for _, its := range p.Events {
			if its == event {
				return p.Name
			}
		}
	}
	return ""
}
