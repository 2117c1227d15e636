package github

// AppPermission is a permission that the setup page offers beyond those Neptun needs,
// in GitHub's words
// (https://docs.github.com/rest/authentication/permissions-required-for-github-apps).
type AppPermission struct {
	Name, Label, Description string
	// Levels are the available access levels.
	Levels []string
	// Events are the webhook events that require this permission.
	Events []string
}

// AppPermissions are the permissions that the setup page offers.
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

// TokenPermissions returns the permissions that users can choose for GitHub tokens.
func TokenPermissions() map[string]string {
	return map[string]string{"contents": "write", "issues": "write", "pull_requests": "write"}
}

// PermissionOf returns the permission that an event requires, "" for an event that isn't
// offered.
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
