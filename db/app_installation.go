package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"
)

// AppInstallation is an installation of the App as operators see it, without its
// repositories.
type AppInstallation struct {
	GitHubID int64
	Account  Account
	// RepositorySelection is SelectionAll or SelectionSelected.
	RepositorySelection string
	// Permissions and Events are what the account has accepted.
	Permissions map[string]string
	Events      []string
	// HTMLURL is GitHub's page to configure the installation.
	HTMLURL     string
	SuspendedAt time.Time // zero while it works
	SuspendedBy string    // a login, "" if unknown
	// InstalledAt and UpdatedAt are GitHub's, InstalledBy is a login, AppSlug the App's slug;
	// zero if unknown.
	InstalledAt time.Time
	UpdatedAt   time.Time
	InstalledBy string
	AppSlug     string
	// SingleFileName and SingleFilePaths are the files of the permission single_file.
	SingleFileName  string
	SingleFilePaths []string
	// Users is the number of Neptun's users who see this installation.
	Users int64
}

// Suspended reports whether the installation is suspended.
func (i AppInstallation) Suspended() bool { return !i.SuspendedAt.IsZero() }

const selectAppInstallations = `
SELECT
    i.id,
    i.repository_selection,
    i.permissions,
    i.events,
    i.html_url,
    i.suspended_at,
    i.suspended_by,
    i.installed_at,
    i.github_updated_at,
    i.installed_by,
    i.app_slug,
    i.single_file_name,
    i.single_file_paths,
    o.kind,
    o.github_id,
    o.login,
    o.avatar_url,
    o.html_url,
    (SELECT COUNT(*) FROM installation_records AS ir WHERE ir.installation_id = i.id AND ir.hidden_at = 0)`

const fromAppInstallations = `
FROM installations AS i
JOIN accounts AS o ON o.id = i.account_id
WHERE i.deleted_at = 0`

// appInstallationOrders are the orders of the list of the App's installations.
var appInstallationOrders = map[InstallationOrder]listOrder{
	OrderByID:        {"", "i.id", false},
	OrderByIDDesc:    {"", "i.id", true},
	OrderByLogin:     {"LOWER(o.login)", "i.id", false},
	OrderByLoginDesc: {"LOWER(o.login)", "i.id", true},
}

// Cursor returns the After of the page that follows this installation.
func (i AppInstallation) Cursor(order InstallationOrder) string {
	return installationCursor(order, i.GitHubID, i.Account)
}

// ListAppInstallations lists the App's installations that match a filter, for operators.
// Their ids are GitHub's.
func (d *DB) ListAppInstallations(ctx context.Context, filter InstallationFilter, order InstallationOrder, page Page) ([]AppInstallation, error) {
	q := newListQuery(selectAppInstallations + fromAppInstallations)
	q.installations(filter)
	if err := q.installationsOrder(appInstallationOrders, order, page); err != nil {
		return nil, err
	}
	return collect(ctx, d.reader, scanAppInstallation, q.sql.String(), q.args...)
}

// CountAppInstallations counts the installations that ListAppInstallations lists.
func (d *DB) CountAppInstallations(ctx context.Context, filter InstallationFilter) (int64, error) {
	q := newListQuery("SELECT COUNT(*)" + fromAppInstallations)
	q.installations(filter)
	return q.count(ctx, d.reader)
}

// FindAppInstallation returns the installation with GitHub's id. The error is ErrNotFound
// if it is unknown.
func (d *DB) FindAppInstallation(ctx context.Context, gitHubID int64) (AppInstallation, error) {
	list, err := collect(ctx, d.reader, scanAppInstallation, selectAppInstallations+fromAppInstallations+"\n  AND i.id = $1", gitHubID)
	if err != nil {
		return AppInstallation{}, err
	}
	if len(list) == 0 {
		return AppInstallation{}, ErrNotFound
	}
	return list[0], nil
}

func scanAppInstallation(rows *sql.Rows) (AppInstallation, error) {
	var (
		i                             AppInstallation
		permissions, events, paths    string
		suspended, installed, updated int64
	)
	if err := rows.Scan(
		&i.GitHubID, &i.RepositorySelection, &permissions, &events, &i.HTMLURL, &suspended, &i.SuspendedBy,
		&installed, &updated, &i.InstalledBy, &i.AppSlug, &i.SingleFileName, &paths,
		&i.Account.Kind, &i.Account.GitHubID, &i.Account.Login, &i.Account.AvatarURL, &i.Account.HTMLURL,
		&i.Users,
	); err != nil {
		return i, err
	}
	i.SuspendedAt, i.InstalledAt, i.UpdatedAt = fromMillis(suspended), fromMillis(installed), fromMillis(updated)
	var err error
	if i.SingleFilePaths, err = parsePaths(paths); err != nil {
		return i, err
	}
	if err := json.Unmarshal([]byte(permissions), &i.Permissions); err != nil {
		return i, err
	}
	return i, json.Unmarshal([]byte(events), &i.Events)
}
