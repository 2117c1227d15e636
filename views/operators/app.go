package operators

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"neptun/db"
	"neptun/views/ui"
)

// AppFacts is GitHub's description of the app.
type AppFacts struct {
	Name, Slug, Description string
	Owner                   db.Account
	HTMLURL, HomepageURL    string
	// SettingsURL is the app's settings page on GitHub, and InstallURL the page to install
	// it.
	SettingsURL, InstallURL string
	// Visibility is public, private, or empty if GitHub doesn't report it.
	Visibility    string
	Permissions   map[string]string
	Events        []string
	Installations *int64 // nil where GitHub doesn't say
	ReadAt        time.Time
}

// permissions are the app's permissions, in a fixed order.
func (f AppFacts) permissions() string { return permissionNames(f.Permissions) }

func permissionNames(permissions map[string]string) string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(permissions)) {
		words = append(words, ui.PermissionName(name)+": "+permissions[name])
	}
	return strings.Join(words, ", ")
}

func visibilityWord(visibility string) string {
	switch visibility {
	case "public":
		return "Public: any account can install it"
	case "private":
		return "Private: only its owner can install it"
	}
	return "Unknown"
}

// Check is a check of the self-test.
type Check struct {
	Title string
	// Result is ok, warning, failed or skipped.
	Result, Message, Advice string
}

// badge is the style of a result, and word its label.
func (c Check) badge() string {
	return map[string]string{"ok": "success", "warning": "warning", "failed": "error"}[c.Result]
}

func (c Check) word() string {
	return map[string]string{"ok": "Passed", "warning": "Warning", "failed": "Failed"}[c.Result]
}

// Lookup is a search for the installation on one account or repository.
type Lookup struct {
	// Kind is org, user or repository.
	Kind  string
	Query string
	// Error says why nothing was found. Found is nil then, and before a search.
	Error string
	Found *db.AppInstallation
}

var lookupKinds = []ui.Option{{Value: "org", Text: "Organization"}, {Value: "user", Text: "User"}, {Value: "repository", Text: "Repository"}}

// AppInstallationPath is the operators' page of the installation with GitHub's id.
func AppInstallationPath(gitHubID int64) string {
	return "/app/installations/" + strconv.FormatInt(gitHubID, 10)
}

// Hook is the configuration of the app's webhook.
type Hook struct {
	URL         string
	ContentType string // json or form
	InsecureSSL bool
	HasSecret   bool
}

func (p AppInstallationsPage) sync() ui.SyncView {
	return ui.SyncView{
		Sync: p.Reading, SyncedAt: p.ReadAt, Action: "/app/readings",
		Page: p.List.URL("/app/installations", p.List.PageNumber()),
	}
}

// driftSummary summarizes what an account hasn't granted.
func driftSummary(d db.Drift) string {
	var parts []string
	if n := len(d.Permissions); n > 0 {
		parts = append(parts, ui.Counted(int64(n), "permission", "permissions"))
	}
	if n := len(d.Events); n > 0 {
		parts = append(parts, ui.Counted(int64(n), "event", "events"))
	}
	return strings.Join(parts, " and ") + " not granted"
}
