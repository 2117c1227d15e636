package openapi

import (
	"net/http"
	"strconv"

	"neptun/db"
)

var app = Group{"App", "The app as a whole, for operators: accounts, states and counts, but no repository names."}

var appInstallations = Group{"App installations", "All installations of the app, for operators: accounts, states and counts, but no repository names."}

const (
	appPath             = "/api/app"
	appInstallationPath = appPath + "/installations/{github_installation_id}"
)

var noSuchInstallation = Error{http.StatusNotFound, "GitHub has no such installation of the app"}

// GetApp returns the app.
var GetApp = Operation{
	Group: app, Method: http.MethodGet, Path: appPath, ID: "getApp", Summary: "Get the app",
	Description: "Returns what GitHub says about the app.",
	Caching:     Stored,
	Responses:   returns[App](http.StatusOK, "The app"),
	Errors:      []Error{{http.StatusServiceUnavailable, "GitHub hasn't returned the app yet"}},
}

// App is the app as GitHub knows it.
type App struct {
	ID                int64             `json:"id" doc:"GitHub's id of the app"`
	Slug              *string           `json:"slug" doc:"The slug; null where GitHub does not say" example:"neptun"`
	Name              string            `json:"name" doc:"The name" example:"Neptun"`
	Description       *string           `json:"description" doc:"The description"`
	OwnerLogin        *string           `json:"owner_login" doc:"The owner's login; null where GitHub does not say" example:"octo-org"`
	OwnerType         *string           `json:"owner_type" doc:"The owner's type; null where GitHub does not say" enum:"User,Organization,Enterprise"`
	URL               *URL              `json:"url" doc:"The app's page on GitHub"`
	HomepageURL       *URL              `json:"homepage_url" doc:"The app's homepage"`
	SettingsURL       *URL              `json:"settings_url" doc:"The app's settings on GitHub"`
	InstallURL        *URL              `json:"install_url" doc:"Where the app is installed"`
	Visibility        *string           `json:"visibility" doc:"Public or Private; null if GitHub didn't say" example:"Public"`
	Permissions       map[string]string `json:"permissions" doc:"The requested permissions" example:"{\"metadata\":\"read\"}"`
	Events            []string          `json:"events" doc:"The subscribed events" example:"repository"`
	InstallationCount *int64            `json:"installation_count" doc:"How many installations the app has; null where GitHub does not say" example:"3"`
	ReadAt            *Time             `json:"read_at" doc:"When GitHub said so"`
}

// TestApp tests the app's configuration.
var TestApp = Operation{
	Group: app, Method: http.MethodGet, Path: appPath + "/self-test", ID: "testApp", Summary: "Run the self-test",
	Description: "Checks that the app's settings on GitHub and this server's configuration fit together, and whether an older `NEPTUN_SECRET` is still needed.",
	AsksGitHub:  true,
	Responses:   returns[SelfTest](http.StatusOK, "The result of each check"),
}

// SelfTest is the result of the self-test.
type SelfTest struct {
	OK          bool    `json:"ok" doc:"Whether no check failed" example:"true"`
	Checks      []check `json:"checks" doc:"The checks"`
	CallbackURL URL     `json:"callback_url" doc:"The callback URL for the app's settings" example:"https://neptun.example/auth/github/callback"`
	SetupURL    URL     `json:"setup_url" doc:"The setup URL for the app's settings" example:"https://neptun.example/auth/github/setup"`
	WebhookURL  URL     `json:"webhook_url" doc:"The payload URL for the app's settings" example:"https://neptun.example/webhooks/github"`
}

type check struct {
	Name    string  `json:"name" doc:"The check" example:"private_key"`
	Result  string  `json:"result" doc:"The result" enum:"ok,warning,failed,skipped"`
	Message string  `json:"message" doc:"What was found" example:"An RSA key of 2048 bits."`
	Advice  *string `json:"advice" doc:"What to do"`
}

// Add adds a check.
func (t *SelfTest) Add(name, result, message, advice string) {
	t.Checks = append(t.Checks, check{name, result, message, OrNull(advice)})
}

// ListAppInstallations lists all installations of the app.
var ListAppInstallations = Operation{
	Group: appInstallations, Method: http.MethodGet, Path: appPath + "/installations", ID: "listAppInstallations", Summary: "List all installations",
	Description: wholeList,
	Caching:     Stored,
	Parameters:  list(queryOf[AppInstallationFilter](), "id", "account"),
	Responses:   lists[AppInstallation]("The installations"),
}

// GetFindings returns what syncs left open.
var GetFindings = Operation{
	Group: app, Method: http.MethodGet, Path: appPath + "/findings", ID: "getFindings", Summary: "Get sync findings",
	Description: "Returns how many rows of GitHub's lists the latest finished syncs could not use, and why.",
	Caching:     Stored,
	Responses:   returns[Findings](http.StatusOK, "The findings"),
}

// Findings are what the latest finished syncs left open.
type Findings struct {
	SyncCount  int64            `json:"sync_count" doc:"How many syncs of users skipped rows, or could not tell something for sure" example:"1"`
	Skipped    int64            `json:"skipped" doc:"How many rows of users' lists were skipped" example:"2"`
	Reasons    map[string]int64 `json:"reasons" doc:"How many of them for each reason: null, no_id, no_name, owner_type or unknown" example:"{\"no_id\":2}"`
	AppSkipped int64            `json:"app_skipped" doc:"How many installations of the app's list were skipped" example:"0"`
	AppReasons map[string]int64 `json:"app_reasons" doc:"How many of them for each reason: null, no_id or no_account" example:"{}"`
}

// ToFindings converts findings.
func ToFindings(f db.Findings) Findings {
	return Findings{
		SyncCount: f.Syncs, Skipped: f.Users.Total(), Reasons: f.Users.Plus(nil), AppSkipped: f.App.Total(), AppReasons: f.App.Plus(nil),
	}
}

// GetAppInstallation returns one installation of the app.
var GetAppInstallation = Operation{
	Group: appInstallations, Method: http.MethodGet, Path: appInstallationPath, ID: "getAppInstallation", Summary: "Get an installation of the app",
	Description: "Returns one installation of the app, by GitHub's id.",
	Caching:     Stored,
	Responses:   returns[AppInstallation](http.StatusOK, "The installation"),
	Errors:      []Error{noSuchInstallation},
}

// AppInstallation is an installation of the app.
type AppInstallation struct {
	GitHubInstallationID   string            `json:"github_installation_id" doc:"GitHub's id of the installation, as a string" example:"12345678"`
	GitHubAccountLogin     string            `json:"github_account_login" doc:"The account's login" example:"octo-org"`
	GitHubAccountType      string            `json:"github_account_type" doc:"The account's type" enum:"User,Organization,Enterprise"`
	GitHubAccountAvatarURL *URL              `json:"github_account_avatar_url" doc:"The account's avatar"`
	URL                    *URL              `json:"url" doc:"The installation's page on GitHub"`
	RepositorySelection    *string           `json:"repository_selection" doc:"Whether the app can access all repositories or only select ones; null where GitHub does not say" enum:"all,selected"`
	Permissions            map[string]string `json:"permissions" doc:"The granted permissions" example:"{\"metadata\":\"read\"}"`
	Events                 []string          `json:"events" doc:"The subscribed events" example:"repository"`
	SuspendedAt            *Time             `json:"suspended_at" doc:"When it was suspended; null if it is active" example:"null"`
	SuspendedBy            *string           `json:"suspended_by" doc:"Who suspended it"`
	InstalledAt            *Time             `json:"installed_at" doc:"When the app was installed"`
	UpdatedAt              *Time             `json:"updated_at" doc:"When GitHub last updated the installation"`
	InstalledByLogin       *string           `json:"installed_by_login" doc:"Who installed it; null where no webhook said" example:"octocat"`
	AppSlug                *string           `json:"app_slug" doc:"The app's slug" example:"neptun"`
	SingleFileName         *string           `json:"single_file_name" doc:"The file that the permission single_file is for" example:"null"`
	SingleFilePaths        []string          `json:"single_file_paths" doc:"The files that the permission single_file is for" example:".github/neptun.yml"`
	PeopleCount            int64             `json:"people_count" doc:"How many users of this server have access" example:"5"`
	Drift                  drift             `json:"drift" doc:"What the app requests and the account hasn't granted"`
}

type drift struct {
	Permissions []permissionDrift `json:"permissions" doc:"The permissions"`
	Events      []string          `json:"events" doc:"The events"`
}

type permissionDrift struct {
	Name      string  `json:"name" doc:"The permission" example:"contents"`
	Requested string  `json:"asked" doc:"The requested level" example:"read"`
	Accepted  *string `json:"accepted" doc:"The granted level"`
}

// ToAppInstallation converts an installation of the app.
func ToAppInstallation(i db.AppInstallation, missing db.Drift) AppInstallation {
	return AppInstallation{
		GitHubInstallationID:   strconv.FormatInt(i.GitHubID, 10),
		GitHubAccountLogin:     i.Account.Login,
		GitHubAccountType:      i.Account.Kind,
		GitHubAccountAvatarURL: URLOrNull(i.Account.AvatarURL),
		URL:                    URLOrNull(i.HTMLURL),
		RepositorySelection:    OrNull(i.RepositorySelection),
		Permissions:            Permissions(i.Permissions),
		Events:                 NotNil(i.Events),
		SuspendedAt:            TimeOrNull(i.SuspendedAt),
		SuspendedBy:            OrNull(i.SuspendedBy),
		InstalledAt:            TimeOrNull(i.InstalledAt),
		UpdatedAt:              TimeOrNull(i.UpdatedAt),
		InstalledByLogin:       OrNull(i.InstalledBy),
		AppSlug:                OrNull(i.AppSlug),
		SingleFileName:         OrNull(i.SingleFileName),
		SingleFilePaths:        NotNil(i.SingleFilePaths),
		PeopleCount:            i.Users,
		Drift: drift{
			Permissions: Each(missing.Permissions, func(d db.PermissionDrift) permissionDrift {
				return permissionDrift{d.Name, d.Requested, OrNull(d.Granted)}
			}),
			Events: NotNil(missing.Events),
		},
	}
}

// CountRepositories counts what an installation can access.
var CountRepositories = Operation{
	Group: appInstallations, Method: http.MethodGet, Path: appInstallationPath + "/reach", ID: "countRepositories", Summary: "Count an installation's repositories",
	Description: "Returns how many repositories an installation can access, as GitHub says now.",
	AsksGitHub:  true,
	Responses:   returns[RepositoryCount](http.StatusOK, "The counts"),
	Errors:      []Error{noSuchInstallation},
}

// RepositoryCount is how many repositories an installation can access, and how
// many of them the operator sees.
type RepositoryCount struct {
	RepositoryCount int64  `json:"repository_count" doc:"How many repositories the installation can access" example:"42"`
	InstallationID  *int64 `json:"installation_id" doc:"The id of the operator's own record of it; null if they have none"`
	VisibleCount    int64  `json:"visible_count" doc:"How many of them the operator can see" example:"12"`
}

// FindAppInstallation looks an installation up on GitHub.
var FindAppInstallation = Operation{
	Group: appInstallations, Method: http.MethodGet, Path: appPath + "/installation", ID: "findAppInstallation", Summary: "Find an installation on GitHub",
	Description: "Looks up the installation on an organization, on a user, or with access to a repository. Give one of the three.",
	AsksGitHub:  true,
	Parameters: []Parameter{
		query("org", "An organization's login", text().like("octo-org")),
		query("user", "A user's login", text().like("octocat")),
		query("repository", "`owner/name`", text().like("octocat/my-project")),
	},
	Responses: returns[AppInstallation](http.StatusOK, "The installation"),
	Errors:    []Error{{http.StatusNotFound, "The app isn't installed there"}},
}

// GetAppSync returns the state of the sync of all installations.
var GetAppSync = Operation{
	Group: appInstallations, Method: http.MethodGet, Path: appPath + "/readings", ID: "getAppSync", Summary: "Get sync status of all installations",
	Description: "Returns the state of the current or last sync of the list of all installations.",
	Caching:     Stored,
	Responses:   returns[AppSync](http.StatusOK, "The sync"),
}

// StartAppSync starts a sync of all installations.
var StartAppSync = Operation{
	Group: appInstallations, Method: http.MethodPost, Path: appPath + "/readings", ID: "startAppSync", Summary: "Start a sync of all installations",
	Description: "Starts a sync of the list of all installations, or joins the one that is running.",
	Responses:   returns[AppSync](http.StatusAccepted, "The sync"),
}

// AppSync is the state of a sync of all installations.
type AppSync struct {
	State      db.SyncState `json:"state" doc:"The state" enum:"idle,queued,running,waiting,failed"`
	StartedAt  *Time        `json:"started_at" doc:"When the sync started"`
	FinishedAt *Time        `json:"finished_at" doc:"When the sync finished"`
	ReadAt     *Time        `json:"read_at" doc:"When the last complete sync ended"`
	RetryAt    *Time        `json:"retry_at" doc:"When a waiting sync continues" example:"null"`
	Message    *string      `json:"message" doc:"Why the sync waits or failed"`
}

// ToAppSync converts a sync of all installations.
func ToAppSync(s db.SyncStatus) AppSync {
	return AppSync{
		State:      s.State,
		StartedAt:  TimeOrNull(s.StartedAt),
		FinishedAt: TimeOrNull(s.FinishedAt),
		ReadAt:     TimeOrNull(s.SyncedAt),
		RetryAt:    TimeOrNull(s.RetryAt),
		Message:    OrNull(s.Message),
	}
}

// ListInstallRequests lists requests to install the app.
var ListInstallRequests = Operation{
	Group: appInstallations, Method: http.MethodGet, Path: appPath + "/installation-requests", ID: "listInstallRequests", Summary: "List installation requests",
	Description: "Returns who asked an account's owners to install the app, and the outcome.",
	Caching:     Stored,
	Responses:   returns[[]InstallRequest](http.StatusOK, "The requests"),
}

// InstallRequest is a request to install the app.
type InstallRequest struct {
	ID                     int64           `json:"id" doc:"The id of the request"`
	State                  db.RequestState `json:"state" doc:"The state" enum:"pending,ready,gone"`
	GitHubAccountID        int64           `json:"github_account_id" doc:"GitHub's id of the account" example:"583231"`
	GitHubAccountLogin     string          `json:"github_account_login" doc:"The account's login" example:"octo-org"`
	GitHubAccountType      string          `json:"github_account_type" doc:"The account's type" enum:"User,Organization,Enterprise"`
	GitHubAccountAvatarURL *URL            `json:"github_account_avatar_url" doc:"The account's avatar"`
	RequesterID            *int64          `json:"requester_github_id" doc:"GitHub's id of the requester; null where GitHub does not say" example:"583231"`
	RequesterLogin         *string         `json:"requester_github_login" doc:"The requester's login; null where GitHub does not say" example:"octocat"`
	CreatedAt              *Time           `json:"created_at" doc:"When it was requested"`
	SettledAt              *Time           `json:"settled_at" doc:"When it was approved or denied" example:"null"`
}

// ToInstallRequest converts a request to install the app.
func ToInstallRequest(r db.InstallRequest) InstallRequest {
	return InstallRequest{
		ID:                     r.ID,
		State:                  r.State,
		GitHubAccountID:        r.Account.GitHubID,
		GitHubAccountLogin:     r.Account.Login,
		GitHubAccountType:      r.Account.Kind,
		GitHubAccountAvatarURL: URLOrNull(r.Account.AvatarURL),
		RequesterID:            OrNull(r.RequesterID),
		RequesterLogin:         OrNull(r.RequesterLogin),
		CreatedAt:              TimeOrNull(r.RequestedAt),
		SettledAt:              TimeOrNull(r.ResolvedAt),
	}
}
