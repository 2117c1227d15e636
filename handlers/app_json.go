package handlers

import (
	"strconv"

	"neptun/db"
	"neptun/github"
	"neptun/views"
)

type appJSON struct {
	ID                int64             `json:"id"`
	Slug              string            `json:"slug"`
	Name              string            `json:"name"`
	Description       *string           `json:"description"`
	OwnerLogin        string            `json:"owner_login"`
	OwnerType         string            `json:"owner_type"`
	URL               *string           `json:"url"`
	HomepageURL       *string           `json:"homepage_url"`
	SettingsURL       *string           `json:"settings_url"`
	InstallURL        *string           `json:"install_url"`
	Visibility        *string           `json:"visibility"`
	Permissions       map[string]string `json:"permissions"`
	Events            []string          `json:"events"`
	InstallationCount int64             `json:"installation_count"`
	ReadAt            *string           `json:"read_at"`
}

func toAppJSON(a github.AppFacts, host github.Host) appJSON {
	return appJSON{
		ID:                a.ID,
		Slug:              a.Slug,
		Name:              a.Name,
		Description:       text(a.Description),
		OwnerLogin:        a.Owner.Login,
		OwnerType:         a.Owner.Kind,
		URL:               webURL(a.HTMLURL),
		HomepageURL:       webURL(a.HomepageURL),
		SettingsURL:       webURL(host.AppSettingsURL(a.Owner, a.Slug)),
		InstallURL:        webURL(a.InstallURL()),
		Visibility:        text(a.Visibility),
		Permissions:       filled(a.Permissions),
		Events:            each(a.Events, same),
		InstallationCount: a.Installations,
		ReadAt:            moment(a.ReadAt),
	}
}

// filled is a map that is never null in JSON.
func filled(permissions map[string]string) map[string]string {
	if permissions == nil {
		return map[string]string{}
	}
	return permissions
}

func same(text string) string { return text }

type appInstallationJSON struct {
	GitHubInstallationID   string            `json:"github_installation_id"`
	GitHubAccountLogin     string            `json:"github_account_login"`
	GitHubAccountType      string            `json:"github_account_type"`
	GitHubAccountAvatarURL *string           `json:"github_account_avatar_url"`
	URL                    *string           `json:"url"`
	RepositorySelection    string            `json:"repository_selection"`
	Permissions            map[string]string `json:"permissions"`
	Events                 []string          `json:"events"`
	SuspendedAt            *string           `json:"suspended_at"`
	SuspendedBy            *string           `json:"suspended_by"`
	PeopleCount            int64             `json:"people_count"`
	Drift                  driftJSON         `json:"drift"`
}

// driftJSON is what the App asks for and the account hasn't accepted.
type driftJSON struct {
	Permissions []permissionDriftJSON `json:"permissions"`
	Events      []string              `json:"events"`
}

type permissionDriftJSON struct {
	Name     string  `json:"name"`
	Asked    string  `json:"asked"`
	Accepted *string `json:"accepted"`
}

func toAppInstallationJSON(i db.AppInstallation, drift db.Drift) appInstallationJSON {
	return appInstallationJSON{
		GitHubInstallationID:   strconv.FormatInt(i.GitHubID, 10),
		GitHubAccountLogin:     i.Account.Login,
		GitHubAccountType:      i.Account.Kind,
		GitHubAccountAvatarURL: webURL(i.Account.AvatarURL),
		URL:                    webURL(i.HTMLURL),
		RepositorySelection:    i.RepositorySelection,
		Permissions:            filled(i.Permissions),
		Events:                 each(i.Events, same),
		SuspendedAt:            moment(i.SuspendedAt),
		SuspendedBy:            text(i.SuspendedBy),
		PeopleCount:            i.Users,
		Drift: driftJSON{
			Permissions: each(drift.Permissions, func(d db.PermissionDrift) permissionDriftJSON {
				return permissionDriftJSON{d.Name, d.Requested, text(d.Granted)}
			}),
			Events: each(drift.Events, same),
		},
	}
}

// reachJSON tells how many repositories an installation reaches, and how many of
// them the operator sees, through which record of their own: null for none.
type reachJSON struct {
	RepositoryCount int64  `json:"repository_count"`
	InstallationID  *int64 `json:"installation_id"`
	VisibleCount    int64  `json:"visible_count"`
}

type readingJSON struct {
	State      db.SyncState `json:"state"`
	StartedAt  *string      `json:"started_at"`
	FinishedAt *string      `json:"finished_at"`
	ReadAt     *string      `json:"read_at"` // the end of the last whole one
	RetryAt    *string      `json:"retry_at"`
	Message    *string      `json:"message"`
}

func toReadingJSON(r db.ListSync) readingJSON {
	return readingJSON{
		State:      r.State,
		StartedAt:  moment(r.StartedAt),
		FinishedAt: moment(r.FinishedAt),
		ReadAt:     moment(r.SyncedAt),
		RetryAt:    moment(r.RetryAt),
		Message:    text(r.Message),
	}
}

// hookJSON never holds the secret.
type hookJSON struct {
	URL         string  `json:"url"`
	ContentType *string `json:"content_type"`
	InsecureSSL bool    `json:"insecure_ssl"`
	HasSecret   bool    `json:"has_secret"`
}

func toHookJSON(h github.Hook) hookJSON {
	return hookJSON{URL: h.URL, ContentType: text(h.ContentType), InsecureSSL: h.InsecureSSL, HasSecret: h.HasSecret}
}

type selfTestJSON struct {
	OK          bool        `json:"ok"` // nothing failed
	Checks      []checkJSON `json:"checks"`
	CallbackURL string      `json:"callback_url"`
	SetupURL    string      `json:"setup_url"`
	WebhookURL  string      `json:"webhook_url"`
}

type checkJSON struct {
	Name    string  `json:"name"`
	Result  string  `json:"result"`
	Message string  `json:"message"`
	Advice  *string `json:"advice"`
}

func toSelfTestJSON(checks []github.Check, addresses views.SelfTest) selfTestJSON {
	converted := selfTestJSON{
		OK: true, CallbackURL: addresses.CallbackURL, SetupURL: addresses.SetupURL, WebhookURL: addresses.WebhookURL,
	}
	for _, c := range checks {
		converted.OK = converted.OK && c.Result != github.CheckFailed
		converted.Checks = append(converted.Checks, checkJSON{c.Name, c.Result, c.Message, text(c.Advice)})
	}
	return converted
}
