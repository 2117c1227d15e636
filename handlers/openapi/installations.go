package openapi

import (
	"net/http"
	"strconv"

	"neptun/db"
)

var installations = Group{"Installations", "The accounts where the app is installed and the user has access."}

var notManager = Error{http.StatusForbidden, "Only the account's own user, an organization's admins and operators can do this"}

// ListInstallations lists the user's installations.
var ListInstallations = Operation{
	Group: installations, Method: http.MethodGet, Path: user + "/installations", ID: "listInstallations", Summary: "List installations",
	Description: wholeList,
	Caching:     Versioned, Table: true,
	Parameters: list(queryOf[InstallationFilter](), "id", "account"),
	Responses:  lists[Installation]("The installations"),
}

// GetInstallation returns one installation.
var GetInstallation = Operation{
	Group: installations, Method: http.MethodGet, Path: record, ID: "getInstallation", Summary: "Get an installation",
	Description: "Returns one of the user's installations.",
	Caching:     Stored,
	Responses:   returns[Installation](http.StatusOK, "The installation"),
}

// Uninstall uninstalls the app.
var Uninstall = Operation{
	Group: installations, Method: http.MethodDelete, Path: record, ID: "uninstall", Summary: "Uninstall the app",
	Description: "Uninstalls the app from the account on GitHub. If GitHub no longer has the installation, removes its record and imports here.",
	AsksGitHub:  true,
	Body:        body[UninstallBody](`{"account":"octocat"}`),
	Responses:   returnsNothing("The app is uninstalled, or the record removed"),
	Errors:      []Error{notManager},
}

// UninstallBody confirms that the app shall be uninstalled.
type UninstallBody struct {
	Account string `json:"account" doc:"The account's login, to confirm what can't be undone"`
}

const removedPath = user + "/removed-installations"

// RemoveInstallation removes an installation from this server.
var RemoveInstallation = Operation{
	Group: installations, Method: http.MethodPost, Path: record + "/removal", ID: "removeInstallation", Summary: "Remove an installation from this server",
	Description: "Removes the user's record of the installation and its imports from this server. The app stays installed on GitHub. Syncs and webhooks don't bring the installation back until the user adds it again.",
	Responses:   returnsNothing("The record and its imports are removed"),
}

// ListRemovedInstallations lists what a user removed.
var ListRemovedInstallations = Operation{
	Group: installations, Method: http.MethodGet, Path: removedPath, ID: "listRemovedInstallations", Summary: "List removed installations",
	Description: "Returns the installations that the user removed from this server and that GitHub still shows them.",
	Caching:     Stored,
	Responses:   returns[[]RemovedInstallation](http.StatusOK, "The removed installations"),
}

// AddInstallation adds a removed installation again.
var AddInstallation = Operation{
	Group: installations, Method: http.MethodDelete, Path: removedPath + "/{github_installation_id}", ID: "addInstallation", Summary: "Add a removed installation again",
	Description: "Adds an installation again that the user removed. It gets a new record without imports, and a sync of its repositories follows.",
	Responses:   returnsNothing("The installation is added"),
	Errors:      []Error{{http.StatusNotFound, "Installation not found: the user didn't remove it, or GitHub no longer shows it"}},
}

// RemovedInstallation is an installation that a user removed from this server.
type RemovedInstallation struct {
	GitHubInstallationID   string `json:"github_installation_id" doc:"GitHub's id of the installation, as a string" example:"12345678"`
	GitHubAccountLogin     string `json:"github_account_login" doc:"The account's login" example:"octocat"`
	GitHubAccountType      string `json:"github_account_type" doc:"The account's type" enum:"User,Organization,Enterprise"`
	GitHubAccountAvatarURL *URL   `json:"github_account_avatar_url" doc:"The account's avatar"`
	RemovedAt              Time   `json:"removed_at" doc:"When the user removed it"`
}

// ToRemovedInstallation converts a removed installation.
func ToRemovedInstallation(r db.RemovedInstallation) RemovedInstallation {
	return RemovedInstallation{
		GitHubInstallationID:   strconv.FormatInt(r.GitHubID, 10),
		GitHubAccountLogin:     r.Account.Login,
		GitHubAccountType:      r.Account.Kind,
		GitHubAccountAvatarURL: URLOrNull(r.Account.AvatarURL),
		RemovedAt:              TimeOf(r.RemovedAt),
	}
}

// Suspend suspends an installation.
var Suspend = Operation{
	Group: installations, Method: http.MethodPut, Path: record + "/suspended", ID: "suspend", Summary: "Suspend an installation",
	Description: "Suspends the installation as the app. It can then be unsuspended only through Neptun.",
	AsksGitHub:  true,
	Responses:   returnsNothing("The installation is suspended"),
	Errors:      []Error{notManager},
}

// Unsuspend lifts a suspension.
var Unsuspend = Operation{
	Group: installations, Method: http.MethodDelete, Path: record + "/suspended", ID: "unsuspend", Summary: "Unsuspend an installation",
	Description: "Unsuspends an installation that was suspended through Neptun.",
	AsksGitHub:  true,
	Responses:   returnsNothing("The installation is active"),
	Errors:      []Error{notManager, {http.StatusConflict, "The installation was suspended on GitHub and can be unsuspended only there"}},
}

// GetSync returns the state of a sync.
var GetSync = Operation{
	Group: installations, Method: http.MethodGet, Path: record + "/sync", ID: "getSync", Summary: "Get sync status",
	Description: "Returns the state of the current or last sync of an installation's repositories.",
	Caching:     Stored,
	Responses:   returns[Sync](http.StatusOK, "The sync"),
}

// StartSync starts a sync.
var StartSync = Operation{
	Group: installations, Method: http.MethodPost, Path: record + "/sync", ID: "startSync", Summary: "Start a sync",
	Description: "Starts a sync of an installation's repositories, or joins the one that is running.",
	Responses:   returns[Sync](http.StatusAccepted, "The sync"),
	Errors:      []Error{{http.StatusConflict, "The installation is suspended"}},
}

// Installation is a user's record of an installation.
type Installation struct {
	ID                     int64    `json:"id" doc:"The id of the record, which paths take as installation_id"`
	NeptunUserID           string   `json:"neptun_user_id" doc:"The user's id" example:"01JQ8V6Z3N5T7X9B1D3F5H7K9M"`
	GitHubInstallationID   string   `json:"github_installation_id" doc:"GitHub's id of the installation, as a string" example:"12345678"`
	CreatedAt              Time     `json:"created_at" doc:"When the record was created"`
	UpdatedAt              Time     `json:"updated_at" doc:"When the record last changed"`
	GitHubAccountLogin     string   `json:"github_account_login" doc:"The account's login" example:"octocat"`
	GitHubAccountType      string   `json:"github_account_type" doc:"The account's type" enum:"User,Organization,Enterprise"`
	GitHubAccountAvatarURL *URL     `json:"github_account_avatar_url" doc:"The account's avatar"`
	RepositorySelection    *string  `json:"repository_selection" doc:"Whether the app can access all repositories or only select ones; null where GitHub does not say" enum:"all,selected"`
	SuspendedAt            *Time    `json:"suspended_at" doc:"When the installation was suspended; null if it is active" example:"null"`
	SyncedAt               *Time    `json:"synced_at" doc:"When the last complete sync ended"`
	InstalledAt            *Time    `json:"installed_at" doc:"When the app was installed"`
	InstalledByLogin       *string  `json:"installed_by_login" doc:"Who installed it; null where no webhook said" example:"octocat"`
	AppSlug                *string  `json:"app_slug" doc:"The app's slug" example:"neptun"`
	SingleFileName         *string  `json:"single_file_name" doc:"The file that the permission single_file is for" example:"null"`
	SingleFilePaths        []string `json:"single_file_paths" doc:"The files that the permission single_file is for" example:".github/neptun.yml"`
	RepositoryCount        int64    `json:"repository_count" doc:"How many of its repositories the user can see" example:"42"`
	ImportCount            int64    `json:"import_count" doc:"How many of them the user has imported" example:"7"`
}

// ToInstallation converts an installation record.
func ToInstallation(i db.InstallationRecord) Installation {
	return Installation{
		ID:                     i.ID,
		NeptunUserID:           i.UserID,
		GitHubInstallationID:   strconv.FormatInt(i.GitHubID, 10),
		CreatedAt:              TimeOf(i.CreatedAt),
		UpdatedAt:              TimeOf(i.UpdatedAt),
		GitHubAccountLogin:     i.Account.Login,
		GitHubAccountType:      i.Account.Kind,
		GitHubAccountAvatarURL: URLOrNull(i.Account.AvatarURL),
		RepositorySelection:    OrNull(i.RepositorySelection),
		SuspendedAt:            TimeOrNull(i.SuspendedAt),
		SyncedAt:               TimeOrNull(i.SyncedAt),
		InstalledAt:            TimeOrNull(i.InstalledAt),
		InstalledByLogin:       OrNull(i.InstalledBy),
		AppSlug:                OrNull(i.AppSlug),
		SingleFileName:         OrNull(i.SingleFileName),
		SingleFilePaths:        NotNil(i.SingleFilePaths),
		RepositoryCount:        i.RepositoryCount,
		ImportCount:            i.ImportCount,
	}
}

// Sync is the state of a sync.
type Sync struct {
	State            db.SyncState `json:"state" doc:"The state" enum:"idle,queued,running,waiting,failed"`
	StartedAt        *Time        `json:"started_at" doc:"When the sync started"`
	FinishedAt       *Time        `json:"finished_at" doc:"When the sync finished"`
	PagesDone        int64        `json:"pages_done" doc:"Pages of GitHub's list read so far" example:"0"`
	PagesTotal       int64        `json:"pages_total" doc:"Pages of GitHub's list" example:"0"`
	RepositoriesSeen int64        `json:"repositories_seen" doc:"Repositories read so far" example:"0"`
	RetryAt          *Time        `json:"retry_at" doc:"When a waiting sync continues" example:"null"`
	Message          *string      `json:"message" doc:"Why the sync waits or failed"`
	Skipped          int64        `json:"skipped" doc:"Rows of GitHub's list that could not be read" example:"0"`
	Note             *string      `json:"note" doc:"What a finished sync could not tell for sure" example:"null"`
}

// ToSync converts a sync.
func ToSync(s db.Sync) Sync {
	return Sync{
		State:            s.State,
		StartedAt:        TimeOrNull(s.StartedAt),
		FinishedAt:       TimeOrNull(s.FinishedAt),
		PagesDone:        s.PagesDone,
		PagesTotal:       s.PagesTotal,
		RepositoriesSeen: s.RepositoriesSeen,
		RetryAt:          TimeOrNull(s.RetryAt),
		Message:          OrNull(s.Message),
		Skipped:          s.Skipped,
		Note:             OrNull(s.Note),
	}
}
