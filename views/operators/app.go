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

// AppFacts is what GitHub says of the App.
type AppFacts struct {
	Name, Slug, Description string
	Owner                   db.Account
	HTMLURL, HomepageURL    string
	// SettingsURL is GitHub's page on which the owner edits the App, and
	// InstallURL the one that installs it.
	SettingsURL, InstallURL string
	// Visibility is public, private, or empty where GitHub didn't tell.
	Visibility    string
	Permissions   map[string]string
	Events        []string
	Installations *int64 // nil where GitHub doesn't say
	ReadAt        time.Time
}

// permissions are the App's, as words in a fixed order.
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

// Check is one line of the self-test.
type Check struct {
	Title string
	// Result is ok, warning, failed or skipped.
	Result, Message, Advice string
}

// badge is how a result looks, and word what it is called.
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

// Hook is how GitHub sends the App's webhooks.
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

// driftSummary tells in one line what an account hasn't accepted.
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
