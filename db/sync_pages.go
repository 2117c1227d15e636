package db

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"neptun/db/sqlcgen"
)

// SyncPage is one page of an installation's repositories, as GitHub returned it
// to a pass.
type SyncPage struct {
	PageSummary
	// ETag is the page's ETag, valid for the token of this version.
	ETag         string
	TokenVersion int64
	Repositories []ListedRepository
	// Unchanged is the cached page if GitHub responded 304 Not Modified;
	// Repositories is empty then.
	Unchanged *CachedPage
}

// CachedPage is a page that an earlier pass read and that is still stored unchanged.
type CachedPage struct {
	PageSummary
	ETag string

	ids string
}

// pageRow has all facts on a page about one repository. The owner is
// identified by GitHub's ID, so the row can be computed before it is stored.
type pageRow struct {
	repositoryRow
	OwnerKind   string `json:"owner_kind"`
	OwnerID     int64  `json:"owner_id"`
	OwnerLogin  string `json:"owner_login"`
	OwnerAvatar string `json:"owner_avatar"`
	OwnerPage   string `json:"owner_page"`
}

// digest is a hash of a page's contents.
func digest(rows map[int64]pageRow) (string, error) {
	encoded, err := json.Marshal(rows)
	if err != nil {
		return "", fmt.Errorf("db: encode page: %w", err)
	}
	sum := sha256.Sum256(encoded)
	return hex.EncodeToString(sum[:]), nil
}

func (p SyncPage) digest() (string, error) {
	rows := make(map[int64]pageRow, len(p.Repositories))
	for _, facts := range p.Repositories {
		row, err := facts.row(0)
		if err != nil {
			return "", err
		}
		owner := facts.OwnerAccount
		rows[facts.ID] = pageRow{row, owner.Kind, owner.GitHubID, owner.Login, owner.AvatarURL, owner.HTMLURL}
	}
	return digest(rows)
}

// FindCachedPage finds a page that can be requested conditionally with its ETag: it
// was read with this version of the user's token, and the stored rows are exactly
// those that were read. If anything else, such as a webhook, changed them since, the error
// is ErrNotFound: after a 304 Not Modified, the rows would keep that change.
func (d *DB) FindCachedPage(ctx context.Context, target SyncTarget, number, tokenVersion int64) (CachedPage, error) {
	page, err := d.read.GetCachedPage(ctx, sqlcgen.GetCachedPageParams{
		RecordID: target.RecordID, Page: number, InstallationID: target.GitHubID, TokenVersion: tokenVersion,
	})
	if err != nil {
		return CachedPage{}, fmt.Errorf("db: read page: %w", found(err))
	}
	stored, err := d.read.ListPageRows(ctx, sqlcgen.ListPageRowsParams{UserID: target.UserID, IDs: page.IDs})
	if err != nil {
		return CachedPage{}, fmt.Errorf("db: read page's rows: %w", err)
	}
	rows := make(map[int64]pageRow, len(stored))
	for _, r := range stored {
		rows[r.ID] = storedPageRow(r)
	}
	now, err := digest(rows)
	if err != nil {
		return CachedPage{}, err
	}
	if now != page.Digest {
		return CachedPage{}, fmt.Errorf("db: the page was changed since: %w", ErrNotFound)
	}
	skipped, err := parseSkipped(page.SkippedReasons, page.Skipped)
	if err != nil {
		return CachedPage{}, err
	}
	return CachedPage{
		PageSummary: PageSummary{Number: page.Page, Total: page.Total, Items: page.Items, More: page.More, Skipped: skipped},
		ETag:        page.Etag,
		ids:         page.IDs,
	}, nil
}

func storedPageRow(r sqlcgen.ListPageRowsRow) pageRow {
	return pageRow{
		repositoryRow: repositoryRow{
			Name:             r.Name,
			NameKey:          nameKey(r.Name),
			Search:           r.Search,
			HTMLURL:          r.HTMLURL,
			Description:      r.Description,
			Language:         r.Language,
			License:          r.License,
			SizeKB:           r.SizeKB,
			WebsiteURL:       r.WebsiteURL,
			DefaultBranch:    r.DefaultBranch,
			Topics:           r.Topics,
			Visibility:       r.Visibility,
			IsPrivate:        r.IsPrivate,
			IsFork:           r.IsFork,
			IsTemplate:       r.IsTemplate,
			IsArchived:       r.IsArchived,
			PushedAt:         r.PushedAt,
			CloneURL:         r.CloneURL,
			SSHURL:           r.SSHURL,
			NodeID:           r.NodeID,
			Stars:            r.Stars,
			Forks:            r.Forks,
			OpenIssues:       r.OpenIssues,
			IsDisabled:       r.IsDisabled,
			GitHubCreatedAt:  r.GitHubCreatedAt,
			GitHubUpdatedAt:  r.GitHubUpdatedAt,
			CustomProperties: r.CustomProperties,
			Permission:       r.Permission,
		},
		OwnerKind:   r.OwnerKind,
		OwnerID:     r.OwnerID,
		OwnerLogin:  r.OwnerLogin,
		OwnerAvatar: r.OwnerAvatar,
		OwnerPage:   r.OwnerPage,
	}
}

// PagesTogether is how many pages of a list are best stored in one transaction. PostgreSQL gets
// more: each statement is a round trip there. SQLite holds the rows of a statement in memory
// several times, as JSON and parsed: two pages at once take 4 MiB less than five, and no more CPU.
func (d *DB) PagesTogether() int {
	if d.dialect == postgres {
		return 5
	}
	return 2
}

// PutPages stores pages of the repositories that a pass saw for a user, and records
// the pages as done. It returns how many repositories on them the pass had not seen
// before.
func (d *DB) PutPages(ctx context.Context, target SyncTarget, pass Pass, pages []SyncPage) (fresh int64, err error) {
	digests := make([]string, len(pages))
	for i, page := range pages {
		if page.Unchanged == nil {
			if digests[i], err = page.digest(); err != nil {
				return 0, err
			}
		}
	}
	err = d.fencedTx(ctx, func(q *sqlcgen.Queries) error {
		fresh = 0
		var changed []ListedRepository
		for i, page := range pages {
			ids, count := page.ids()
			seen, err := q.CountSeenAmong(ctx, sqlcgen.CountSeenAmongParams{UserID: target.UserID, Generation: pass.generation(), IDs: ids})
			if err != nil {
				return fmt.Errorf("db: count seen: %w", err)
			}
			fresh += count - seen
			if page.Unchanged != nil {
				if err := markPageSeen(ctx, q, target, pass, page); err != nil {
					return err
				}
				continue
			}
			changed = append(changed, page.Repositories...)
			if err := q.PutPage(ctx, sqlcgen.PutPageParams{
				RecordID: target.RecordID, Page: page.Number, Generation: pass.generation(), InstallationID: target.GitHubID,
				TokenVersion: page.TokenVersion, Etag: page.ETag, Total: page.Total, Items: page.Items, More: page.More,
				Skipped: page.Skipped.Total(), SkippedReasons: page.Skipped.String(), IDs: ids, Digest: digests[i],
			}); err != nil {
				return fmt.Errorf("db: put page: %w", err)
			}
		}
		revision, err := runRevision(ctx, q, pass.Run, pass.Number)
		if err != nil {
			return err
		}
		_, err = putRepositories(ctx, q, target.UserID, bySync(pass.generation()), changed, revision, millis(d.now()))
		return err
	})
	return fresh, err
}

// ids returns the IDs of the page's repositories, encoded for json_each, and their
// number.
func (p SyncPage) ids() (encoded string, count int64) {
	if p.Unchanged != nil {
		return p.Unchanged.ids, p.Unchanged.Items - p.Unchanged.Skipped.Total()
	}
	ids := make([]int64, 0, len(p.Repositories))
	for _, facts := range p.Repositories {
		ids = append(ids, facts.ID)
	}
	return idsJSON(ids), int64(len(ids))
}

// markPageSeen marks an unchanged page, and the repositories on it, as seen.
func markPageSeen(ctx context.Context, q *sqlcgen.Queries, target SyncTarget, pass Pass, page SyncPage) error {
	if err := q.MarkAccessSeen(ctx, sqlcgen.MarkAccessSeenParams{
		Generation: pass.generation(), UserID: target.UserID, Repositories: page.Unchanged.ids,
	}); err != nil {
		return fmt.Errorf("db: mark access: %w", err)
	}
	if err := q.MarkPage(ctx, sqlcgen.MarkPageParams{Generation: pass.generation(), RecordID: target.RecordID, Page: page.Number}); err != nil {
		return fmt.Errorf("db: mark page: %w", err)
	}
	return nil
}
