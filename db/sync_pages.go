package db

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"neptun/db/sqlcgen"
)

// SyncPage is a page of the repositories that an installation reaches, as
// GitHub gave it to a pass.
type SyncPage struct {
	PageSummary
	// ETag names this state of the page to GitHub, for the token of this version.
	ETag         string
	TokenVersion int64
	Repositories []ListedRepository
	// Unchanged is the page as it was read before, where GitHub said that it is
	// still so; then Repositories is empty.
	Unchanged *CachedPage
}

// CachedPage is a page that was read before, and is stored as it was then.
type CachedPage struct {
	PageSummary
	ETag string

	ids string
}

// pageRow is all that a page says of one repository. Its owner is told by
// GitHub's id, so that the row is known before it is stored.
type pageRow struct {
	repositoryRow
	OwnerKind   string `json:"owner_kind"`
	OwnerID     int64  `json:"owner_id"`
	OwnerLogin  string `json:"owner_login"`
	OwnerAvatar string `json:"owner_avatar"`
	OwnerPage   string `json:"owner_page"`
}

// digest tells pages with different contents apart.
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

// FindCachedPage is a page that GitHub can be asked about with its ETag: read with
// this version of the user's token, and stored to the letter as it was read.
// Whatever changed since by other ways, such as a webhook, makes it ErrNotFound:
// an answer of "not modified" would leave that standing.
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

// PutPages stores pages of the repositories that GitHub shows a user, met by
// this reading, and notes them as done. It returns how many repositories on them
// the reading hadn't met before.
func (d *DB) PutPages(ctx context.Context, target SyncTarget, pass Pass, pages []SyncPage) (fresh int64, err error) {
	digests := make([]string, len(pages))
	for i, page := range pages {
		if page.Unchanged == nil {
			if digests[i], err = page.digest(); err != nil {
				return 0, err
			}
		}
	}
	err = d.heldTx(ctx, func(q *sqlcgen.Queries) error {
		fresh = 0
		var changed []ListedRepository
		for i, page := range pages {
			ids, count := page.ids()
			met, err := q.CountSeenAmong(ctx, sqlcgen.CountSeenAmongParams{UserID: target.UserID, Generation: pass.generation(), IDs: ids})
			if err != nil {
				return fmt.Errorf("db: count what was met: %w", err)
			}
			fresh += count - met
			if page.Unchanged != nil {
				if err := markPage(ctx, q, target, pass, page); err != nil {
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

// ids are the page's repositories for json_each, and how many they are.
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

// markPage notes a page and what is on it as met.
func markPage(ctx context.Context, q *sqlcgen.Queries, target SyncTarget, pass Pass, page SyncPage) error {
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
