package github

import (
	"context"
	"net/url"
	"strings"

	"neptun/db"
)

// OrganizationInstallation returns the App's installation on an organization
// (https://docs.github.com/rest/apps/apps#get-an-organization-installation-for-the-authenticated-app).
// The error is ErrNotFound if there is none.
func (a *AppClient) OrganizationInstallation(ctx context.Context, login string) (db.Installation, error) {
	return a.lookUp(ctx, "orgs", login)
}

// UserInstallation returns the App's installation on a user's account
// (https://docs.github.com/rest/apps/apps#get-a-user-installation-for-the-authenticated-app).
// The error is ErrNotFound if there is none.
func (a *AppClient) UserInstallation(ctx context.Context, login string) (db.Installation, error) {
	return a.lookUp(ctx, "users", login)
}

// RepositoryInstallation returns the App's installation that has access to a repository,
// also by an earlier name: GitHub redirects it
// (https://docs.github.com/rest/apps/apps#get-a-repository-installation-for-the-authenticated-app).
// The error is ErrNotFound if there is none.
func (a *AppClient) RepositoryInstallation(ctx context.Context, owner, name string) (db.Installation, error) {
	return a.lookUp(ctx, "repos", owner, name)
}

// lookUp stores what it finds, since the stored list may be older.
func (a *AppClient) lookUp(ctx context.Context, parts ...string) (db.Installation, error) {
	app, err := a.client()
	if err != nil {
		return db.Installation{}, err
	}
	for i, part := range parts {
		parts[i] = url.PathEscape(part)
	}
	revision, err := a.g.db.LatestRevision(ctx)
	if err != nil {
		return db.Installation{}, err
	}
	var answer installation
	if _, err := app.get(ctx, strings.Join(parts, "/")+"/installation", &answer); err != nil {
		return db.Installation{}, err
	}
	if answer.ID <= 0 {
		return db.Installation{}, malformed("the installation")
	}
	found := convertInstallation(answer)
	// A look-up changes nothing: like a sync, it only finds out what changed on GitHub.
	ctx = db.WithCause(ctx, db.Cause{Kind: db.BySync})
	return found, a.g.db.PutInstallationAt(ctx, found, revision)
}
