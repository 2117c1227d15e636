package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// The kinds of account that can install a GitHub App.
const (
	KindUser         = "User"
	KindOrganization = "Organization"
	KindEnterprise   = "Enterprise"
)

// The values of RepositorySelection.
const (
	SelectionAll      = "all"
	SelectionSelected = "selected"
)

// Account is a GitHub user, organization or enterprise.
type Account struct {
	Kind      string
	GitHubID  int64
	Login     string // for an enterprise its slug
	AvatarURL string
	HTMLURL   string
}

// InstallationRecord is the App on one account as one user sees it.
type InstallationRecord struct {
	// ID is the record's own. It survives a reinstallation; GitHubID doesn't.
	ID       int64
	UserID   string
	GitHubID int64
	Account  Account
	// RepositorySelection is SelectionAll or SelectionSelected.
	RepositorySelection string
	// HTMLURL is GitHub's page to configure the installation.
	HTMLURL string
	// SuspendedAt is zero while the installation works.
	SuspendedAt time.Time
	// SuspendedBy is a login, "" if unknown.
	SuspendedBy string
	// SuspendedThrough is the GitHub id of the user who suspended it through Neptun, so that only
	// the App can unsuspend it; 0 if it was suspended elsewhere.
	SuspendedThrough int64
	// SuspendedThroughLogin is that user's login at that time.
	SuspendedThroughLogin string
	// Permissions are those that the account granted, as the stored JSON object, since
	// few callers need them decoded. See MissingPermissions.
	Permissions string
	// InstalledAt is when the App was installed, InstalledBy is a login, and AppSlug the App's
	// slug; zero if unknown.
	InstalledAt time.Time
	InstalledBy string
	AppSlug     string
	// SingleFileName and SingleFilePaths are the files that the permission single_file
	// is for.
	SingleFileName  string
	SingleFilePaths []string
	// AutoImport is how much is imported automatically.
	AutoImport ImportMode
	// RepositoryCount and ImportCount count the repositories and imports that this user sees here.
	RepositoryCount int64
	ImportCount     int64
	// SyncedAt is the time of the last complete listing of the repositories; zero before the first.
	SyncedAt  time.Time
	CreatedAt time.Time
	UpdatedAt time.Time
	// Sync is the latest sync of the repositories.
	Sync Sync
	// RecordVersion changes with the user's access and imports, AccountVersion with GitHub's
	// facts about the account.
	RecordVersion  int64
	AccountVersion int64

	accountID int64
}

// Suspended reports whether the installation is suspended.
func (i InstallationRecord) Suspended() bool { return !i.SuspendedAt.IsZero() }

// InstallationOrder names the order of a list of installations; a leading "-"
// means descending.
type InstallationOrder string

// The orders a list of installations can have.
const (
	OrderByID        InstallationOrder = "id"
	OrderByIDDesc    InstallationOrder = "-id"
	OrderByLogin     InstallationOrder = "account"
	OrderByLoginDesc InstallationOrder = "-account"
)

// installationOrders are the orders of a list of a user's installations.
var installationOrders = map[InstallationOrder]listOrder{
	OrderByID:        {"", "ir.id", false},
	OrderByIDDesc:    {"", "ir.id", true},
	OrderByLogin:     {"LOWER(o.login)", "ir.id", false},
	OrderByLoginDesc: {"LOWER(o.login)", "ir.id", true},
}

// Cursor is the After of the page that follows this installation.
func (i InstallationRecord) Cursor(order InstallationOrder) string {
	return installationCursor(order, i.ID, i.Account)
}

func installationCursor(order InstallationOrder, id int64, account Account) string {
	c := cursor{Sort: Sort(order), ID: id}
	if order == OrderByLogin || order == OrderByLoginDesc {
		c.Text = strings.ToLower(account.Login)
	}
	return c.String()
}

// installationsOrder orders a list of installations and restricts it to a page.
func (q *listQuery) installationsOrder(orders map[InstallationOrder]listOrder, order InstallationOrder, page Page) error {
	by, ok := orders[order]
	if !ok {
		return fmt.Errorf("db: no order %q", order)
	}
	if err := q.after(page, Sort(order), by); err != nil {
		return err
	}
	q.order(by.clause(), page)
	return nil
}

// InstallationFilter filters a list of installations. The zero value matches
// all.
type InstallationFilter struct {
	// Query is searched in the account's login, ignoring case.
	Query string
	// Account is the login, ignoring case like GitHub.
	Account   string
	Suspended Choice
	// GitHubID is GitHub's id of the installation; 0 for any.
	GitHubID int64
	// Since excludes installations that GitHub last updated before it; zero for no limit.
	Since time.Time
	// Restriction excludes installations that an API token has no access to.
	Restriction Restriction
}

const selectInstallations = `
SELECT
    ir.id,
    ir.user_id,
    ir.account_id,
    ir.repository_count,
    ir.import_count,
    ir.synced_at,
    ir.created_at,
    ir.updated_at,
    ir.version,
    ir.auto_import,
    o.version,
    i.id,
    i.repository_selection,
    i.html_url,
    i.suspended_at,
    i.suspended_by,
    i.suspended_through,
    i.suspended_through_login,
    i.permissions,
    i.installed_at,
    i.installed_by,
    i.app_slug,
    i.single_file_name,
    i.single_file_paths,
    o.kind,
    o.github_id,
    o.login,
    o.avatar_url,
    o.html_url,
    COALESCE(s.state, ''),
    COALESCE(s.message, ''),
    COALESCE(s.pages_done, 0),
    COALESCE(s.pages_total, 0),
    COALESCE(s.repositories_seen, 0),
    COALESCE(s.started_at, 0),
    COALESCE(s.finished_at, 0),
    COALESCE(s.retry_at, 0),
    COALESCE(s.skipped, 0),
    COALESCE(s.note, '')
FROM installation_records AS ir
JOIN installations AS i ON i.id = ir.installation_id
JOIN accounts AS o ON o.id = ir.account_id
LEFT JOIN sync_runs AS s ON s.id = (SELECT MAX(latest.id) FROM sync_runs AS latest WHERE latest.record_id = ir.id)
WHERE ir.user_id = $1
  AND ir.hidden_at = 0`

const fromInstallations = `
FROM installation_records AS ir
JOIN installations AS i ON i.id = ir.installation_id
JOIN accounts AS o ON o.id = ir.account_id
WHERE ir.user_id = $1
  AND ir.hidden_at = 0`

// ListAllInstallations lists all of a user's installations.
func (d *DB) ListAllInstallations(ctx context.Context, userID string, order InstallationOrder, page Page) ([]InstallationRecord, error) {
	return d.ListInstallations(ctx, userID, InstallationFilter{}, order, page)
}

// ListInstallations lists a user's installations that match a
// filter.
func (d *DB) ListInstallations(ctx context.Context, userID string, filter InstallationFilter, order InstallationOrder, page Page) ([]InstallationRecord, error) {
	q := newListQuery(selectInstallations, userID)
	q.installations(filter)
	if err := q.installationsOrder(installationOrders, order, page); err != nil {
		return nil, err
	}
	return collect(ctx, d.reader, scanInstallation, q.sql.String(), q.args...)
}

// CountInstallations counts the installations that ListInstallations lists.
func (d *DB) CountInstallations(ctx context.Context, userID string, filter InstallationFilter) (int64, error) {
	return countInstallations(ctx, d.reader, userID, filter)
}

func countInstallations(ctx context.Context, on queryer, userID string, filter InstallationFilter) (int64, error) {
	q := newListQuery("SELECT COUNT(*)"+fromInstallations, userID)
	q.installations(filter)
	return q.count(ctx, on)
}

func (q *listQuery) installations(f InstallationFilter) {
	q.within(f.Restriction)
	if needle := strings.TrimSpace(f.Query); needle != "" {
		q.and(`LOWER(o.login COLLATE "C") LIKE ? ESCAPE '\'`, "%"+escapeLike(strings.ToLower(needle))+"%")
	}
	if f.Account != "" {
		q.and("LOWER(o.login COLLATE \"C\") = ?", strings.ToLower(f.Account))
	}
	if f.GitHubID != 0 {
		q.and("i.id = ?", f.GitHubID)
	}
	if !f.Since.IsZero() {
		// An installation without a time from GitHub may be newer.
		q.and("(i.github_updated_at = 0 OR i.github_updated_at >= ?)", millis(f.Since))
	}
	switch f.Suspended {
	case Yes:
		q.and("i.suspended_at > 0")
	case No:
		q.and("i.suspended_at = 0")
	}
}

// GetInstallation returns one of a user's installation records. The error is ErrNotFound if
// it doesn't exist or is another user's.
func (d *DB) GetInstallation(ctx context.Context, userID string, id int64) (InstallationRecord, error) {
	return installation(ctx, d.reader, userID, id)
}

// FindInstallation is GetInstallation under a restriction, which makes other records look as
// if they didn't exist.
func (d *DB) FindInstallation(ctx context.Context, userID string, restriction Restriction, id int64) (InstallationRecord, error) {
	return installationWithin(ctx, d.reader, userID, restriction, id)
}

func installationWithin(ctx context.Context, q queryer, userID string, restriction Restriction, id int64) (InstallationRecord, error) {
	if restriction == 0 {
		return installation(ctx, q, userID, id)
	}
	return oneInstallation(ctx, q, "\n  AND ir.id = $2\n  AND "+reachedBy("$3"), userID, id, int64(restriction))
}

// reachedBy is the condition that a restricted token has access to the record ir.
func reachedBy(placeholder string) string {
	return "EXISTS (SELECT 1 FROM api_token_installations AS x WHERE x.token_id = " + placeholder + " AND x.record_id = ir.id)"
}

func installation(ctx context.Context, q queryer, userID string, id int64) (InstallationRecord, error) {
	return oneInstallation(ctx, q, "\n  AND ir.id = $2", userID, id)
}

func oneInstallation(ctx context.Context, q queryer, condition string, args ...any) (InstallationRecord, error) {
	list, err := collect(ctx, q, scanInstallation, selectInstallations+condition, args...)
	if err != nil {
		return InstallationRecord{}, err
	}
	if len(list) == 0 {
		return InstallationRecord{}, ErrNotFound
	}
	return list[0], nil
}

// FindInstallationByGitHubID returns a user's record of the installation with this GitHub
// id. The error is ErrNotFound if GitHub doesn't show it to them.
func (d *DB) FindInstallationByGitHubID(ctx context.Context, userID string, gitHubID int64) (InstallationRecord, error) {
	return oneInstallation(ctx, d.reader, "\n  AND i.id = $2", userID, gitHubID)
}

// parsePaths reads a stored JSON array, nil for an empty one.
func parsePaths(stored string) (paths []string, err error) {
	if stored == noTopics {
		return nil, nil
	}
	if err := json.Unmarshal([]byte(stored), &paths); err != nil {
		return nil, fmt.Errorf("db: read paths: %w", err)
	}
	return paths, nil
}

func scanInstallation(rows *sql.Rows) (InstallationRecord, error) {
	var (
		i                                    InstallationRecord
		state, paths                         string
		suspended, synced, created, updated  int64
		installed                            int64
		syncStarted, syncFinished, syncRetry int64
	)
	err := rows.Scan(
		&i.ID, &i.UserID, &i.accountID, &i.RepositoryCount, &i.ImportCount, &synced, &created, &updated,
		&i.RecordVersion, &i.AutoImport, &i.AccountVersion,
		&i.GitHubID, &i.RepositorySelection, &i.HTMLURL, &suspended, &i.SuspendedBy,
		&i.SuspendedThrough, &i.SuspendedThroughLogin, &i.Permissions, &installed, &i.InstalledBy, &i.AppSlug, &i.SingleFileName, &paths,
		&i.Account.Kind, &i.Account.GitHubID, &i.Account.Login, &i.Account.AvatarURL, &i.Account.HTMLURL,
		&state, &i.Sync.Message, &i.Sync.PagesDone, &i.Sync.PagesTotal, &i.Sync.RepositoriesSeen,
		&syncStarted, &syncFinished, &syncRetry, &i.Sync.Skipped, &i.Sync.Note,
	)
	i.SyncedAt, i.CreatedAt, i.UpdatedAt = fromMillis(synced), fromMillis(created), fromMillis(updated)
	i.SuspendedAt, i.InstalledAt = fromMillis(suspended), fromMillis(installed)
	i.Sync.State = syncState(state)
	i.Sync.StartedAt, i.Sync.FinishedAt, i.Sync.RetryAt = fromMillis(syncStarted), fromMillis(syncFinished), fromMillis(syncRetry)
	if err != nil {
		return i, err
	}
	i.SingleFilePaths, err = parsePaths(paths)
	return i, err
}
