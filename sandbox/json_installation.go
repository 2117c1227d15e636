package sandbox

import "fmt"

// installation is an installation of the App ("installation").
func (s *Server) installation(i *installation) object {
	return object{
		"id":                        i.id,
		"client_id":                 s.world.app.ClientID,
		"account":                   s.simpleUser(i.account),
		"repository_selection":      i.selection,
		"access_tokens_url":         s.apiURL("/app/installations/", i.id, "/access_tokens"),
		"repositories_url":          s.apiURL("/installation/repositories"),
		"html_url":                  s.url + i.settingsPath(),
		"app_id":                    s.world.app.ID,
		"app_slug":                  s.world.app.Slug,
		"target_id":                 i.account.id,
		"target_type":               i.account.kind(),
		"permissions":               appPermissions,
		"events":                    appEvents,
		"created_at":                timestamp(i.createdAt),
		"updated_at":                timestamp(i.updatedAt),
		"single_file_name":          nil,
		"has_multiple_single_files": false,
		"single_file_paths":         []string{},
		"suspended_by":              s.simpleUserOrNull(i.suspendedBy),
		"suspended_at":              timestampOrNull(i.suspendedAt),
	}
}

// settingsPath is the page on which the account configures the installation.
func (i *installation) settingsPath() string {
	if i.account.organization {
		return fmt.Sprintf("/organizations/%s/settings/installations/%d", i.account.Login, i.id)
	}
	return fmt.Sprintf("/settings/installations/%d", i.id)
}

// integration is the App as it sees itself ("integration").
func (s *Server) integration() object {
	app := &s.world.app
	return object{
		"id":                  app.ID,
		"slug":                app.Slug,
		"client_id":           app.ClientID,
		"node_id":             nodeID("A", app.ID),
		"owner":               s.simpleUser(app.owner),
		"name":                app.Name,
		"description":         "Lists and imports what its installations reach.",
		"external_url":        s.url,
		"html_url":            s.url + "/apps/" + app.Slug,
		"created_at":          timestamp(app.createdAt),
		"updated_at":          timestamp(app.createdAt),
		"permissions":         appPermissions,
		"events":              appEvents,
		"installations_count": len(s.world.installations),
	}
}
