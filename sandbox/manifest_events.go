package sandbox

import "strings"

// eventPermissions are the events that an App can subscribe to, with the permission that each requires, from "Webhook events
// and payloads" in GitHub's documentation. Events about installations and authorizations are missing: every App
// receives them, and none can subscribe to them.
var eventPermissions = func() map[string]string {
	all := map[string]string{}
	for permission, events := range map[string]string{
		"":                           "meta security_advisory",
		"actions":                    "workflow_dispatch workflow_job workflow_run",
		"administration":             "branch_protection_configuration branch_protection_rule repository_ruleset",
		"checks":                     "check_run check_suite",
		"contents":                   "commit_comment create delete fork gollum push release repository_dispatch",
		"deployments":                "deployment deployment_protection_rule deployment_review deployment_status",
		"discussions":                "discussion discussion_comment",
		"issues":                     "issue_comment issues label milestone sub_issues",
		"members":                    "member membership organization team team_add",
		"merge_queues":               "merge_group",
		"metadata":                   "public repository star watch",
		"organization_projects":      "projects_v2 projects_v2_item",
		"organization_user_blocking": "org_block",
		"packages":                   "package registry_package",
		"pages":                      "page_build",
		"pull_requests":              "pull_request pull_request_review pull_request_review_comment pull_request_review_thread",
		"secret_scanning_alerts":     "secret_scanning_alert secret_scanning_alert_location",
		"security_events":            "code_scanning_alert",
		"statuses":                   "status",
		"vulnerability_alerts":       "dependabot_alert repository_vulnerability_alert",
	} {
		for event := range strings.FieldsSeq(events) {
			all[event] = permission
		}
	}
	return all
}()
