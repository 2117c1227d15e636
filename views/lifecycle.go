package views

import (
	"net/url"
	"strconv"
	"strings"

	"neptun/db"
	"neptun/views/ui"
)

// AppView is what pages show about the app.
type AppView struct {
	// RequestedPermissions are the permissions that the app requests, by GitHub's names; empty
	// until GitHub reports them.
	RequestedPermissions map[string]string
	// SettingsURL is the page on GitHub that changes them; empty for users who aren't
	// operators.
	SettingsURL string
}

// InstallationsPath is the list of installations.
const InstallationsPath = "/installations"

// RemovalPath is the action that removes an installation record from Neptun.
func RemovalPath(id int64) string { return ui.InstallationPath(id) + "/removal" }

// additionPath is the action that adds a removed installation again, by GitHub's id.
func additionPath(gitHubID int64) string {
	return "/removed-installations/" + strconv.FormatInt(gitHubID, 10) + "/addition"
}

// SSOURL is GitHub's page to sign in with an organization's single sign-on, empty for
// one whose login isn't known.
func SSOURL(gitHubURL string, o db.WithheldOrganization) string {
	if o.Login == "" {
		return ""
	}
	return strings.TrimSuffix(gitHubURL, "/") + "/orgs/" + url.PathEscape(o.Login) + "/sso"
}

// SettingsPath is the page that suspends and uninstalls.
func SettingsPath(id int64) string { return ui.InstallationPath(id) + "/settings" }

// NewInstallationPath is the page that waits for an installation, by GitHub's id.
func NewInstallationPath(gitHubID int64) string {
	return "/installations/new?installation_id=" + strconv.FormatInt(gitHubID, 10)
}

// lifters are the users who can lift a suspension through Neptun.
func lifters(i db.InstallationRecord) string {
	if i.Account.Kind == db.KindUser {
		return i.Account.Login + " and the operators of this server"
	}
	return "you and the operators of this server"
}

// githubPage is a page on GitHub.
func githubPage(f ui.Frame, path string) string {
	return strings.TrimSuffix(f.GitHubURL, "/") + "/" + path
}

// UninstallPath is the action that uninstalls the app of an installation record.
func UninstallPath(id int64) string { return ui.InstallationPath(id) + "/uninstalled" }
