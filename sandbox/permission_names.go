package sandbox

import "strings"

// permissionLevels are all permissions that an App can have, with their levels, from GitHub's description of
// "app-permissions".
var permissionLevels = func() map[string][]string {
	all := map[string][]string{}
	for levels, names := range map[string]string{
		"read write": `actions administration artifact_metadata attestations checks code_quality codespaces contents
			custom_properties_for_organizations dependabot_secrets deployments discussions email_addresses
			environments followers git_ssh_keys gpg_keys interaction_limits issues members merge_queues metadata
			organization_administration organization_announcement_banners organization_copilot_agent_settings
			organization_copilot_seat_management organization_custom_org_roles organization_custom_roles
			organization_hooks organization_packages organization_personal_access_token_requests
			organization_personal_access_tokens organization_secrets organization_self_hosted_runners
			organization_user_blocking packages pages pull_requests repository_custom_properties repository_hooks
			secret_scanning_alerts secrets security_events single_file starring statuses vulnerability_alerts`,
		"read write admin": `enterprise_custom_properties_for_organizations organization_custom_properties organization_projects
			repository_projects`,
		"read":  `organization_events organization_plan`,
		"write": `profile workflows`,
	} {
		for name := range strings.FieldsSeq(names) {
			all[name] = strings.Fields(levels)
		}
	}
	return all
}()
