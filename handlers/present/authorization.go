package present

import (
	"maps"
	"slices"

	"neptun/github"
	"neptun/handlers/openapi"
	"neptun/views"
)

// ToAuthorization is an authorization in JSON.
func ToAuthorization(a github.Authorization) openapi.Authorization {
	return openapi.Authorization{
		ID:          a.ID,
		AppName:     openapi.OrNull(a.App),
		AppClientID: openapi.OrNull(a.ClientID),
		Permissions: openapi.Permissions(a.Permissions),
		URL:         openapi.URLOrNull(a.PageURL),
		CreatedAt:   openapi.TimeOrNull(a.CreatedAt),
		UpdatedAt:   openapi.TimeOrNull(a.UpdatedAt),
		ExpiresAt:   openapi.TimeOrNull(a.ExpiresAt),
	}
}

// AuthorizationView is an authorization as its page shows it.
func AuthorizationView(a github.Authorization) views.Authorization {
	view := views.Authorization{
		ID: a.ID, App: a.App, URL: a.PageURL, CreatedAt: a.CreatedAt, UpdatedAt: a.UpdatedAt, ExpiresAt: a.ExpiresAt,
	}
	for _, name := range slices.Sorted(maps.Keys(a.Permissions)) {
		view.Permissions = append(view.Permissions, views.Permission{Name: name, Level: a.Permissions[name]})
	}
	return view
}
