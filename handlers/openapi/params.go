package openapi

import "slices"

// wholeList describes a list that isn't requested in pages.
const wholeList = "Returns the whole list, sorted by `id` unless `sort` says otherwise. With `per_page` or `page`, returns one page."

// Filter narrows a list of repositories or imports: the parameters of a query,
// and an object in a body.
type Filter struct {
	Query      string `json:"q,omitempty" doc:"Matches part of the name, the description or the topics" max:"256" example:"api"`
	Imported   Flag   `json:"imported,omitempty" doc:"Only repositories that are imported, or that aren't"`
	Visibility string `json:"visibility,omitempty" doc:"Only repositories with this visibility" enum:"public,private,internal"`
	Language   string `json:"language,omitempty" doc:"Only repositories in this language; none for those without one" max:"256" example:"Go"`
	Archived   Flag   `json:"archived,omitempty" doc:"Only archived repositories, or none"`
	Fork       Flag   `json:"fork,omitempty" doc:"Only forks, or none"`
	Topic      string `json:"topic,omitempty" doc:"Only repositories with this topic" max:"256" example:"octocat"`
	Repository string `json:"repository,omitempty" doc:"Only the repository with this full name" max:"256" example:"octocat/my-project"`

	RepositoryID int64  `json:"repository_id,omitempty" doc:"Only the repository with this GitHub id" min:"1" example:"1296269"`
	License      string `json:"license,omitempty" doc:"Only repositories with this license (SPDX id)" max:"256" example:"MIT"`
	Template     Flag   `json:"template,omitempty" doc:"Only templates, or none"`
	Permission   string `json:"permission,omitempty" doc:"Only repositories for which the user has this permission" enum:"admin,maintain,push,triage,pull"`
	PushedSince  Time   `json:"pushed_since,omitempty" doc:"Only repositories pushed to at or after this time"`
	PushedBefore Time   `json:"pushed_before,omitempty" doc:"Only repositories last pushed to before this time"`

	CustomProperty string `json:"custom_property,omitempty" doc:"Only repositories with this custom property, as name:value, or as a name for any value; a property with several values matches each of them" max:"256" example:"team:core"`
}

// AllFilter narrows a list over all installations.
type AllFilter struct {
	Filter
	Account string `json:"account,omitempty" doc:"Only repositories of this account" max:"256" example:"octocat"`
}

// ownID is the parameter that finds a row by its own id.
func ownID(of string) Parameter {
	return query("id", "Only the "+of+" with this id", integer().from(1, 1<<53))
}

// AppInstallationFilter narrows the list of all installations of the app.
type AppInstallationFilter struct {
	InstallationFilter
	Outdated Flag `json:"outdated,omitempty" doc:"Only installations that haven't granted all permissions the app requests, or only those that have"`
	Since    Time `json:"since,omitempty" doc:"Only installations that GitHub updated at or after this time, and those for which it reports none"`
	Drift    Flag `json:"drift,omitempty" doc:"Only installations that lack a permission or an event the app requests, or only those that don't"`
}

// InstallationFilter narrows a list of installations.
type InstallationFilter struct {
	Query     string `json:"q,omitempty" doc:"Matches part of the account's name" max:"256" example:"octo"`
	Account   string `json:"account,omitempty" doc:"Only the installation on this account" max:"256" example:"octocat"`
	Suspended Flag   `json:"suspended,omitempty" doc:"Only suspended installations, or none"`
	GitHubID  int64  `json:"github_installation_id,omitempty" doc:"Only the installation with this GitHub id" min:"1" example:"12345678"`
}

func query(name, description string, schema Schema) Parameter {
	return Parameter{Name: name, In: "query", Description: description, Schema: schema}
}

// sort is the parameter that orders a list by one of some fields.
func sort(fields ...string) Parameter {
	var words []string
	for _, field := range fields {
		words = append(words, field, "-"+field)
	}
	return query("sort", "The field to sort by; with `-` in descending order", text().of(words...))
}

// paging are the parameters of a list.
func paging() []Parameter {
	return []Parameter{
		query("per_page", "The number of results on a page; 100 if only `page` is given", integer().from(1, 100).like(100)),
		query("page", "The number of the page", integer().from(1, 1_000_000)),
	}
}

// list are the parameters of a list: its filters, sort and paging.
func list(filter []Parameter, fields ...string) []Parameter {
	return slices.Concat(filter, []Parameter{sort(fields...)}, paging(), []Parameter{
		query("after", "Instead of `page`: the cursor from the `Link` header of the page before, or empty for the first page. Rows that are added or removed meanwhile shift no page", text().from(0, 1024).like("eyJzb3J0IjoibmFtZSIsImlkIjoxfQ")),
	})
}
