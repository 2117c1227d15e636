package sandbox

import (
	"cmp"
	"fmt"
)

// installation is an installation of the App ("installation").
func (bs *bodies) installation(i *installation) object {
	return object{
		"id":                        i.id,
		"client_id":                 i.app.ClientID,
		"account":                   bs.simpleUser(i.account),
		"repository_selection":      i.selection,
		"access_tokens_url":         bs.apiURL("/app/installations/", i.id, "/access_tokens"),
		"repositories_url":          bs.apiURL("/installation/repositories"),
		"html_url":                  bs.url + i.settingsPath(),
		"app_id":                    i.app.ID,
		"app_slug":                  i.app.Slug,
		"target_id":                 i.account.id,
		"target_type":               i.account.kind(),
		"permissions":               i.permissions,
		"events":                    i.events,
		"created_at":                timestamp(i.createdAt),
		"updated_at":                timestamp(i.updatedAt),
		"single_file_name":          nil,
		"has_multiple_single_files": false,
		"single_file_paths":         []string{},
		"suspended_by":              bs.simpleUserOrNull(i.suspendedBy),
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

// integration is the App as anyone sees it ("integration").
func (bs *bodies) integration(app *app) object {
	return object{
		"id":           app.ID,
		"slug":         app.Slug,
		"client_id":    app.ClientID,
		"node_id":      nodeID("A", app.ID),
		"owner":        bs.simpleUser(app.owner),
		"name":         app.Name,
		"description":  orNull(app.description),
		"external_url": cmp.Or(app.url, bs.url),
		"html_url":     bs.url + "/apps/" + app.Slug,
		"created_at":   timestamp(app.createdAt),
		"updated_at":   timestamp(app.updatedAt),
		"permissions":  app.permissions,
		"events":       app.events,
	}
}
