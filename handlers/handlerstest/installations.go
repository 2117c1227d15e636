package handlerstest

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"neptun/db"
	"neptun/views/ui"
)

// ImportedNames are the names of a user's imports.
func (v *Visitor) ImportedNames() []string {
	v.Stage.T.Helper()
	var names []string
	for _, item := range v.Get("/api/users/me/imports").List() {
		names = append(names, item["repository_name"].(string))
	}
	slices.Sort(names)
	return names
}

// Sync syncs an installation's repositories.
func (v *Visitor) Sync(account string) {
	v.Stage.T.Helper()
	v.Post(v.Installation(account)+"/sync", nil).Status(http.StatusSeeOther)
	v.Settle()
}

// Installation is the page of a visitor's installation on an account.
func (v *Visitor) Installation(account string) string {
	v.Stage.T.Helper()
	return ui.InstallationPath(v.InstalledOn(account).ID)
}

// InstalledOn returns a visitor's installation on an account.
func (v *Visitor) InstalledOn(account string) db.InstallationRecord {
	v.Stage.T.Helper()
	list, err := v.Stage.DB.ListAllInstallations(context.Background(), v.Me(), db.OrderByID, db.Page{})
	Must(v.Stage.T, err)
	for _, installation := range list {
		if installation.Account.Login == account {
			return installation
		}
	}
	v.Stage.T.Fatalf("no installation on %s", account)
	return db.InstallationRecord{}
}

// Record is the id of a visitor's installation record on an account.
func (v *Visitor) Record(login string) string {
	v.Stage.T.Helper()
	for _, item := range v.Get("/api/users/me/installations").Status(http.StatusOK).List() {
		if item["github_account_login"] == login {
			return strconv.FormatInt(int64(item["id"].(float64)), 10)
		}
	}
	v.Stage.T.Fatalf("no installation on %s", login)
	return ""
}

// Confirm confirms the preview that an action of a page redirects to.
func (v *Visitor) Confirm(form Answer) Answer {
	v.Stage.T.Helper()
	preview := form.Status(http.StatusSeeOther).Header.Get("Location")
	confirm, ok := v.Get(preview).Status(http.StatusOK).Page().Find("form:has(#confirm)").Attr("action")
	if !ok {
		v.Stage.T.Fatalf("%s has nothing to confirm", preview)
	}
	return v.Post(confirm, Form()).Status(http.StatusSeeOther)
}

// Change adds or removes a repository with a personal token.
func (v *Visitor) Change(method, repository, token string) Answer {
	v.Stage.T.Helper()
	header := http.Header{}
	if token != "" {
		header.Set("X-GitHub-Token", token)
	}
	return v.Do(method, "/api/users/me/installations/"+v.Record("workshop")+"/repositories/"+repository, "", "", header)
}

// SyncAll syncs all installations of a visitor.
func (v *Visitor) SyncAll() {
	v.Stage.T.Helper()
	v.Post("/installations/sync", nil).Status(http.StatusSeeOther)
	v.Settle()
}

// Imported imports everything on an account, and returns the record and the ids of the imports.
func (v *Visitor) Imported(login string) (record string, imports string) {
	v.Stage.T.Helper()
	record = v.Record(login)
	v.PostJSON("/api/users/me/installations/"+record+"/imports", `{"filter":{}}`).Status(http.StatusOK)
	return record, v.ImportsOf(record)
}

// ImportsOf are the ids of an installation's imports.
func (v *Visitor) ImportsOf(record string) string {
	v.Stage.T.Helper()
	ids := ""
	for _, item := range v.Get("/api/users/me/installations/" + record + "/imports").Status(http.StatusOK).List() {
		ids += Digits(item["id"]) + " "
	}
	return ids
}
