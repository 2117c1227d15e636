package db

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"neptun/db/sqlcgen"
)

// SyncTarget is the record that a sync is about.
type SyncTarget struct {
	RecordID int64
	UserID   string
	// GitHubID is the installation whose repositories are listed.
	GitHubID int64
	// Gone means that there is nothing to list: GitHub no longer shows the installation to
	// this user.
	Gone bool
	// Account is the record's account.
	Account Account
	// Suspended means that GitHub rejects the request for now.
	Suspended bool

	accountID    int64
	repositories int64 // known before the sync
}

// SyncTarget reads the target of a record's sync. The error is ErrNotFound if the record
// doesn't exist.
func (d *DB) SyncTarget(ctx context.Context, recordID int64) (SyncTarget, error) {
	row, err := d.read.GetSyncTarget(ctx, recordID)
	if err != nil {
		return SyncTarget{}, fmt.Errorf("db: read sync target: %w", found(err))
	}
	return SyncTarget{
		RecordID: row.ID,
		UserID:   row.UserID,
		GitHubID: row.InstallationID,
		Account: Account{
			Kind: row.AccountKind, GitHubID: row.AccountGithubID, Login: row.AccountLogin,
			AvatarURL: row.AccountAvatarUrl, HTMLURL: row.AccountHtmlUrl,
		},
		Gone:         row.Gone,
		Suspended:    row.Suspended,
		accountID:    row.AccountID,
		repositories: row.RepositoryCount,
	}, nil
}

// ListedRepository is a repository as GitHub lists it for a user.
type ListedRepository struct {
	Repository
	// OwnerAccount is the owner's account; Repository.Owner is not stored.
	OwnerAccount Account
	Permission   string
}

// accessRow is a user's access to a repository as encoded for UpsertAccess.
type accessRow struct {
	Permission string `json:"permission"`
}

// comparedRow is what ListRepositoryChanges compares, without the fields that make a page long.
type comparedRow struct {
	AccountID  int64  `json:"account_id"`
	Name       string `json:"name"`
	Visibility string `json:"visibility"`
	IsArchived bool   `json:"is_archived"`
}

// repositoryRow is a repository as encoded for UpsertRepositories, and as compared with a
// cached page.
type repositoryRow struct {
	AccountID        int64  `json:"account_id"`
	Name             string `json:"name"`
	NameKey          string `json:"name_key"`
	Search           string `json:"search"`
	HTMLURL          string `json:"html_url"`
	Description      string `json:"description"`
	Language         string `json:"language"`
	License          string `json:"license"`
	SizeKB           int64  `json:"size_kb"`
	WebsiteURL       string `json:"website_url"`
	DefaultBranch    string `json:"default_branch"`
	Topics           string `json:"topics"`
	Visibility       string `json:"visibility"`
	IsPrivate        bool   `json:"is_private"`
	IsFork           bool   `json:"is_fork"`
	IsTemplate       bool   `json:"is_template"`
	IsArchived       bool   `json:"is_archived"`
	PushedAt         int64  `json:"pushed_at"`
	CloneURL         string `json:"clone_url"`
	SSHURL           string `json:"ssh_url"`
	NodeID           string `json:"node_id"`
	Stars            int64  `json:"stars"`
	Forks            int64  `json:"forks"`
	OpenIssues       int64  `json:"open_issues"`
	IsDisabled       int64  `json:"is_disabled"`
	GitHubCreatedAt  int64  `json:"github_created_at"`
	GitHubUpdatedAt  int64  `json:"github_updated_at"`
	CustomProperties string `json:"custom_properties"`
	Permission       string `json:"permission"`
}

func (f ListedRepository) row(accountID int64) (repositoryRow, error) {
	topics := noTopics
	if len(f.Topics) > 0 {
		encoded, err := json.Marshal(f.Topics)
		if err != nil {
			return repositoryRow{}, fmt.Errorf("db: encode topics: %w", err)
		}
		topics = string(encoded)
	}
	return repositoryRow{
		AccountID:        accountID,
		Name:             f.Name,
		NameKey:          nameKey(f.Name),
		Search:           searchText(f.Repository),
		HTMLURL:          f.HTMLURL,
		Description:      f.Description,
		Language:         f.Language,
		License:          f.License,
		SizeKB:           f.SizeKB,
		WebsiteURL:       f.WebsiteURL,
		DefaultBranch:    f.DefaultBranch,
		Topics:           topics,
		Visibility:       f.Visibility,
		IsPrivate:        f.IsPrivate,
		IsFork:           f.IsFork,
		IsTemplate:       f.IsTemplate,
		IsArchived:       f.IsArchived,
		PushedAt:         millis(f.PushedAt),
		CloneURL:         f.CloneURL,
		SSHURL:           f.SSHURL,
		NodeID:           f.NodeID,
		Stars:            storedCount(f.Stars),
		Forks:            storedCount(f.Forks),
		OpenIssues:       storedCount(f.OpenIssues),
		IsDisabled:       storedFlag(f.IsDisabled),
		GitHubCreatedAt:  millis(f.GitHubCreatedAt),
		GitHubUpdatedAt:  millis(f.GitHubUpdatedAt),
		CustomProperties: string(f.CustomProperties),
		Permission:       f.Permission,
	}, nil
}

// nameKey is the form of a name used for lookups.
func nameKey(name string) string { return strings.ToLower(name) }

// putRepositories stores the repositories that GitHub showed a user, requested at
// revision. It is the only place where access is granted. Access that a later change
// revoked stays revoked. It returns how many grants are new or have another
// permission.
func putRepositories(ctx context.Context, q *sqlcgen.Queries, userID string, seen seenBy, page []ListedRepository, revision Revision, now int64) (granted int64, err error) {
	if len(page) == 0 {
		return 0, nil
	}
	facts, err := putFacts(ctx, q, page, revision, now)
	if err != nil {
		return 0, err
	}
	before, err := accessAmong(ctx, q, userID, facts)
	if err != nil {
		return 0, err
	}
	rows := make(map[int64]accessRow, len(page))
	for _, listed := range page {
		rows[listed.ID] = accessRow{listed.Permission}
	}
	permissions, err := asJSON(rows)
	if err != nil {
		return 0, err
	}
	granted, err = q.UpsertAccess(ctx, sqlcgen.UpsertAccessParams{
		UserID: userID, Generation: seen.generation, GrantedGeneration: seen.granted, Repositories: permissions, Revision: int64(revision), Now: now,
	})
	if err != nil {
		return 0, fmt.Errorf("db: put access: %w", err)
	}
	if len(before) > 0 {
		if _, err := q.MarkAccessSeen(ctx, sqlcgen.MarkAccessSeenParams{Generation: seen.generation, UserID: userID, Repositories: facts.ids}); err != nil {
			return 0, fmt.Errorf("db: mark access: %w", err)
		}
	}
	if granted > 0 {
		if err := addGranted(ctx, q, userID, facts, before, now); err != nil {
			return 0, err
		}
	}
	return granted, recountTransfers(ctx, q, facts.former, facts.owners, now)
}

// accessAmong returns the repositories among facts that the user has access to,
// with their accounts.
func accessAmong(ctx context.Context, q *sqlcgen.Queries, userID string, facts storedFacts) (map[int64]int64, error) {
	rows, err := q.ListAccessAmong(ctx, sqlcgen.ListAccessAmongParams{IDs: facts.ids, UserID: userID})
	if err != nil {
		return nil, fmt.Errorf("db: list access: %w", err)
	}
	accounts := make(map[int64]int64, len(rows))
	for _, row := range rows {
		accounts[row.RepositoryID] = row.AccountID
	}
	return accounts, nil
}

// addGranted unhides the imports of repositories that a user was granted, and adds
// new repositories to the counts: counting the whole list after each of its pages
// would take longer the longer the list is. The locks on the owners' rows, which
// putFacts wrote, keep other transactions from granting and revoking meanwhile.
func addGranted(ctx context.Context, q *sqlcgen.Queries, userID string, facts storedFacts, before map[int64]int64, now int64) error {
	if err := q.ShowImportsOf(ctx, sqlcgen.ShowImportsOfParams{UserID: userID, Repositories: facts.ids}); err != nil {
		return fmt.Errorf("db: show imports: %w", err)
	}
	after, err := accessAmong(ctx, q, userID, facts)
	if err != nil {
		return err
	}
	added := map[int64][]int64{}
	for _, account := range facts.owners {
		added[account] = nil
	}
	for id, account := range after {
		if _, known := before[id]; !known {
			added[account] = append(added[account], id)
		}
	}
	for _, account := range slices.Sorted(maps.Keys(added)) {
		if err := q.BumpRecord(ctx, sqlcgen.BumpRecordParams{Now: now, AccountID: account, UserID: userID}); err != nil {
			return fmt.Errorf("db: bump record: %w", err)
		}
		if len(added[account]) == 0 {
			continue
		}
		imports, err := q.CountImportsAmong(ctx, sqlcgen.CountImportsAmongParams{IDs: idsJSON(added[account]), UserID: userID})
		if err != nil {
			return fmt.Errorf("db: count imports: %w", err)
		}
		if err := q.AddToRecord(ctx, sqlcgen.AddToRecordParams{
			Repositories: int64(len(added[account])), Imports: imports, UserID: userID, AccountID: account,
		}); err != nil {
			return fmt.Errorf("db: add to record: %w", err)
		}
	}
	return nil
}

// seenBy is who saw repositories: generation is the pass they count for; granted is the same
// if new access is still to be recorded in the history.
type seenBy struct{ generation, granted int64 }

func bySync(generation int64) seenBy { return seenBy{generation, generation} }

// storedFacts is the result of putFacts.
type storedFacts struct {
	ids    string               // encoded by idsJSON
	owners map[accountKey]int64 // according to GitHub
	former []int64              // accounts that owned some of them until now
}

// putFacts stores GitHub's facts of repositories, requested at revision, except of
// those that changed since.
func putFacts(ctx context.Context, q *sqlcgen.Queries, page []ListedRepository, revision Revision, now int64) (stored storedFacts, err error) {
	if stored.owners, err = putOwners(ctx, q, page, revision); err != nil {
		return stored, err
	}
	rows := make(map[int64]repositoryRow, len(page))
	for _, facts := range page {
		if rows[facts.ID], err = facts.row(stored.owners[facts.OwnerAccount.key()]); err != nil {
			return stored, err
		}
	}
	stored.ids = idsJSON(slices.Sorted(maps.Keys(rows)))
	changes, err := listChanges(ctx, q, rows, revision)
	if err != nil {
		return stored, err
	}
	var renamed []int64
	for _, before := range changes {
		if before.Name != rows[before.ID].Name {
			renamed = append(renamed, before.ID)
		}
		if before.AccountID != rows[before.ID].AccountID {
			stored.former = append(stored.former, before.AccountID)
		}
	}
	encoded, err := asJSON(rows)
	if err != nil {
		return stored, err
	}
	changed, err := q.UpsertRepositories(ctx, sqlcgen.UpsertRepositoriesParams{Now: now, Repositories: encoded, Revision: int64(revision)})
	if err != nil {
		return stored, fmt.Errorf("db: put repositories: %w", err)
	}
	if len(renamed) > 0 {
		if err := q.UpdateAccessNames(ctx, idsJSON(renamed)); err != nil {
			return stored, fmt.Errorf("db: rename: %w", err)
		}
	}
	if changed > 0 {
		for _, account := range stored.owners {
			if err := q.BumpAccount(ctx, account); err != nil {
				return stored, fmt.Errorf("db: bump account: %w", err)
			}
		}
	}
	return stored, recordHistory(ctx, q, now, repositoryEntries(changes, rows)...)
}

// listChanges returns the stored repositories that rows rename, transfer or otherwise change
// in a way that the history records.
func listChanges(ctx context.Context, q *sqlcgen.Queries, rows map[int64]repositoryRow, revision Revision) ([]sqlcgen.ListRepositoryChangesRow, error) {
	compared := make(map[int64]comparedRow, len(rows))
	for id, row := range rows {
		compared[id] = comparedRow{row.AccountID, row.Name, row.Visibility, row.IsArchived}
	}
	encoded, err := asJSON(compared)
	if err != nil {
		return nil, err
	}
	changes, err := q.ListRepositoryChanges(ctx, sqlcgen.ListRepositoryChangesParams{Repositories: encoded, Revision: int64(revision)})
	if err != nil {
		return nil, fmt.Errorf("db: list changes: %w", err)
	}
	return changes, nil
}

// putOwners stores the owners of a page's repositories: one account, unless
// repositories were transferred while the list was read.
func putOwners(ctx context.Context, q *sqlcgen.Queries, page []ListedRepository, revision Revision) (map[accountKey]int64, error) {
	accounts := make([]Account, 0, len(page))
	for _, facts := range page {
		accounts = append(accounts, facts.OwnerAccount)
	}
	return putAccounts(ctx, q, accounts, revision)
}

// recountTransfers updates the counts of every user who saw a repository that was
// transferred.
func recountTransfers(ctx context.Context, q *sqlcgen.Queries, former []int64, owners map[accountKey]int64, now int64) error {
	if len(former) == 0 {
		return nil
	}
	for _, account := range owners {
		former = append(former, account)
	}
	slices.Sort(former)
	for _, account := range slices.Compact(former) {
		if err := recount(ctx, q, account, everybody, now); err != nil {
			return err
		}
	}
	return nil
}
