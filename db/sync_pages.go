package db

import (
	"context"
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
	now, err := digestOfStored(ctx, d.read, stored)
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
			if page.Unchanged != nil {
				marked, err := markPageSeen(ctx, q, target, pass, page)
				if err != nil {
					return err
				}
				fresh += marked
				continue
			}
			ids := page.ids()
			seen, err := q.CountSeenAmong(ctx, sqlcgen.CountSeenAmongParams{UserID: target.UserID, Generation: pass.generation(), IDs: ids})
			if err != nil {
				return fmt.Errorf("db: count seen: %w", err)
			}
			fresh += int64(len(page.Repositories)) - seen
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

// ids returns the IDs of the page's repositories, encoded for json_each.
func (p SyncPage) ids() string {
	ids := make([]int64, 0, len(p.Repositories))
	for _, facts := range p.Repositories {
		ids = append(ids, facts.ID)
	}
	return idsJSON(ids)
}

// markPageSeen marks an unchanged page, and the repositories on it, as seen. It returns how
// many of them the pass had not seen before.
func markPageSeen(ctx context.Context, q *sqlcgen.Queries, target SyncTarget, pass Pass, page SyncPage) (marked int64, err error) {
	if marked, err = q.MarkAccessSeen(ctx, sqlcgen.MarkAccessSeenParams{
		Generation: pass.generation(), UserID: target.UserID, Repositories: page.Unchanged.ids,
	}); err != nil {
		return 0, fmt.Errorf("db: mark access: %w", err)
	}
	if err := q.MarkPage(ctx, sqlcgen.MarkPageParams{Generation: pass.generation(), RecordID: target.RecordID, Page: page.Number}); err != nil {
		return 0, fmt.Errorf("db: mark page: %w", err)
	}
	return marked, nil
}
