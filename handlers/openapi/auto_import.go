package openapi

import (
	"net/http"

	"neptun/db"
)

var autoImport = Group{"Auto-import", "Imports repositories automatically: those that exist now and those that are added later."}

const autoImportPath = record + "/automatic_import"

const rulesExample = `{"mode":"rules","rules":[{"name":"api-*","fork":false}]}`

// GetAutoImport returns an installation's auto-import settings.
var GetAutoImport = Operation{
	Group: autoImport, Method: http.MethodGet, Path: autoImportPath, ID: "getAutomaticImport", Summary: "Get auto-import settings",
	Description: "Returns which repositories of an installation are imported automatically.",
	Caching:     Stored,
	Responses:   returns[AutoImportSettings](http.StatusOK, "The settings"),
}

// SetAutoImport changes an installation's auto-import settings.
var SetAutoImport = Operation{
	Group: autoImport, Method: http.MethodPut, Path: autoImportPath, ID: "setAutomaticImport", Summary: "Set auto-import settings",
	Description: "Changes which repositories are imported automatically, and imports those that match now. Existing imports stay.",
	Guarded:     true,
	Body:        body[RulesBody](rulesExample),
	Responses:   returns[SetAutoImportResult](http.StatusOK, "The settings, and how many repositories were imported"),
}

// PreviewAutoImport tells what settings would import.
var PreviewAutoImport = Operation{
	Group: autoImport, Method: http.MethodPost, Path: autoImportPath + "/preview", ID: "previewAutomaticImport", Summary: "Preview auto-import settings",
	Description: "Returns what settings would import, without changing anything.",
	Body:        body[RulesBody](rulesExample),
	Responses:   returns[AutoImportPreview](http.StatusOK, "The counts and the first 100 repositories"),
}

// ListExclusions lists the repositories that auto-import leaves out.
var ListExclusions = Operation{
	Group: autoImport, Method: http.MethodGet, Path: autoImportPath + "/exclusions", ID: "listExclusions", Summary: "List excluded repositories",
	Description: "Returns the repositories whose imports the user removed, so that auto-import leaves them out: the whole list, or one page with `per_page` or `page`.",
	Caching:     Stored,
	Parameters:  paging(),
	Responses:   lists[Exclusion]("The excluded repositories"),
}

// RemoveExclusion lets auto-import take a repository again.
var RemoveExclusion = Operation{
	Group: autoImport, Method: http.MethodDelete, Path: autoImportPath + "/exclusions/{repository_id}", ID: "removeExclusion", Summary: "Remove an exclusion",
	Description: "Removes an exclusion. If the settings match the repository, it is imported again.",
	Responses:   returnsNothing("The exclusion is removed"),
	Errors:      []Error{{http.StatusNotFound, "Exclusion not found"}},
}

// RulesBody are settings of auto-import.
type RulesBody struct {
	Mode  string     `json:"mode" doc:"Off, all repositories, or repositories matching rules" enum:"off,all,rules"`
	Rules []ruleBody `json:"rules,omitempty" doc:"The rules; a repository is imported if it matches one of them"`
}

type ruleBody struct {
	Name       string `json:"name,omitempty" null:"true" doc:"A pattern for the name" max:"256" example:"api-*"`
	Visibility string `json:"visibility,omitempty" null:"true" doc:"The visibility" enum:"public,private,internal"`
	Language   string `json:"language,omitempty" null:"true" doc:"The main language" max:"256"`
	Archived   Flag   `json:"archived,omitempty" null:"true" doc:"Whether it is archived"`
	Fork       Flag   `json:"fork,omitempty" null:"true" doc:"Whether it is a fork"`
	Topic      string `json:"topic,omitempty" null:"true" doc:"A topic" max:"256"`
	Query      string `json:"q,omitempty" null:"true" doc:"A part of the name, the description or the topics" max:"256"`
	License    string `json:"license,omitempty" null:"true" doc:"The license (SPDX id)" max:"256"`
	Template   Flag   `json:"template,omitempty" null:"true" doc:"Whether it is a template"`
	Permission string `json:"permission,omitempty" null:"true" doc:"The user's permission" enum:"admin,maintain,push,triage,pull"`

	CustomProperty string `json:"custom_property,omitempty" null:"true" doc:"A custom property, as name:value, or as a name for any value" max:"256"`
}

// Rules are settings of auto-import as they are stored.
type rules struct {
	Mode  db.ImportMode `json:"mode" doc:"Off, all repositories, or repositories matching rules" enum:"off,all,rules"`
	Rules []Rule        `json:"rules" doc:"The rules; a repository is imported if it matches one of them"`
}

// Rule is a rule of auto-import. All of its conditions must match.
type Rule struct {
	Name       *string `json:"name" doc:"A pattern for the name" example:"api-*"`
	Visibility *string `json:"visibility" doc:"The visibility"`
	Language   *string `json:"language" doc:"The main language"`
	Archived   *bool   `json:"archived" doc:"Whether it is archived" example:"null"`
	Fork       *bool   `json:"fork" doc:"Whether it is a fork"`
	Topic      *string `json:"topic" doc:"A topic"`
	Query      *string `json:"q" doc:"A part of the name, the description or the topics" example:"null"`
	License    *string `json:"license" doc:"The license (SPDX id)" example:"null"`
	Template   *bool   `json:"template" doc:"Whether it is a template" example:"null"`
	Permission *string `json:"permission" doc:"The user's permission" example:"null"`

	CustomProperty *string `json:"custom_property" doc:"A custom property, as name:value, or as a name for any value" example:"null"`
}

// AutoImportSettings are settings of auto-import and how many repositories are
// excluded.
type AutoImportSettings struct {
	rules
	ExcludedCount int64 `json:"excluded_count" doc:"How many repositories are excluded" example:"0"`
}

// ToAutoImportSettings converts settings of auto-import.
func ToAutoImportSettings(set db.AutoImport, excluded int64) AutoImportSettings {
	return AutoImportSettings{toRules(set), excluded}
}

// SetAutoImportResult are settings of auto-import and how many repositories they
// imported.
type SetAutoImportResult struct {
	rules
	ImportedCount int64 `json:"imported_count" doc:"How many repositories were imported" example:"3"`
}

// ToSetAutoImportResult converts settings of auto-import that were set.
func ToSetAutoImportResult(set db.AutoImport, imported int64) SetAutoImportResult {
	return SetAutoImportResult{toRules(set), imported}
}

func toRules(set db.AutoImport) rules {
	return rules{set.Mode, Each(set.Rules, func(r db.ImportRule) Rule {
		return Rule{
			Name: OrNull(r.Name), Visibility: OrNull(r.Visibility), Language: OrNull(r.Language),
			Archived: boolOrNull(r.Archived), Fork: boolOrNull(r.Fork), Topic: OrNull(r.Topic),
			Query: OrNull(r.Query), License: OrNull(r.License), Template: boolOrNull(r.Template), Permission: OrNull(r.Permission),
			CustomProperty: OrNull(r.Property()),
		}
	})}
}

// boolOrNull is a choice, null where it is none.
func boolOrNull(choice db.Choice) *bool {
	if choice == db.Any {
		return nil
	}
	yes := choice == db.Yes
	return &yes
}

// AutoImportPreview is what settings of auto-import would import.
type AutoImportPreview struct {
	WouldImportCount int64        `json:"would_import_count" doc:"How many repositories would be imported" example:"3"`
	ImportedCount    int64        `json:"imported_count" doc:"How many matching repositories are imported already" example:"0"`
	ExcludedCount    int64        `json:"excluded_count" doc:"How many matching repositories are excluded" example:"0"`
	Repositories     []Repository `json:"repositories" doc:"The first repositories that would be imported"`
}

// ToAutoImportPreview converts a preview.
func ToAutoImportPreview(p db.ImportPreview) AutoImportPreview {
	return AutoImportPreview{
		WouldImportCount: p.WouldImport, ImportedCount: p.Imported, ExcludedCount: p.Excluded, Repositories: Each(p.Repositories, ToRepository),
	}
}

// Exclusion is a repository that auto-import leaves out.
type Exclusion struct {
	RepositoryID int64 `json:"repository_id" doc:"GitHub's id of the repository" example:"1296269"`
	RepositoryName
	ExcludedAt Time `json:"excluded_at" doc:"When its import was removed"`
}

// ToExclusion converts an exclusion.
func ToExclusion(e db.Exclusion) Exclusion {
	return Exclusion{RepositoryID: e.Repository.ID, RepositoryName: ToRepositoryName(e.Repository), ExcludedAt: TimeOf(e.Since)}
}
