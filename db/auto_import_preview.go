package db

import (
	"context"
	"database/sql"
	"fmt"

	"neptun/db/sqlcgen"
)

// ImportPreview is what an auto-import setting would do to the existing repositories.
type ImportPreview struct {
	// WouldImport is the number of repositories that it would import immediately, and
	// Repositories the first of them by name.
	WouldImport  int64
	Repositories []Available
	// Imported and Excluded count the repositories that it matches but leaves unchanged:
	// already imported, or excluded.
	Imported int64
	Excluded int64
}

// PreviewAutoImport returns what a setting would import through a record, without
// changing anything.
func (d *DB) PreviewAutoImport(ctx context.Context, through InstallationRecord, set AutoImport, page Page) (preview ImportPreview, err error) {
	q, err := queryAvailable(ctx, d.reader, through, narrowing{apply: func(q *listQuery) { q.importable(set) }}, SortName, page)
	if err != nil {
		return ImportPreview{}, err
	}
	if preview.Repositories, err = collect(ctx, d.reader, through.scanAvailable(page), q.sql.String(), q.args...); err != nil {
		return ImportPreview{}, err
	}
	for _, count := range []struct {
		into  *int64
		which func(*listQuery)
	}{
		{&preview.WouldImport, func(q *listQuery) { q.importable(set) }},
		{&preview.Imported, func(q *listQuery) {
			q.matching(set)
			q.filter(Filter{Imported: Yes})
		}},
		{&preview.Excluded, func(q *listQuery) {
			q.matching(set)
			q.filter(Filter{Imported: No})
			q.and("EXISTS (SELECT 1 " + fromExclusionOfIt + ")")
		}},
	} {
		if *count.into, err = countAvailable(ctx, d.reader, through, narrowing{apply: count.which}); err != nil {
			return ImportPreview{}, err
		}
	}
	return preview, nil
}

// ListExclusions lists the excluded repositories that a user can still see through a record,
// by name, and returns how many there are.
func (d *DB) ListExclusions(ctx context.Context, through InstallationRecord, page Page) (list []Exclusion, total int64, err error) {
	rows, err := d.read.ListExclusions(ctx, sqlcgen.ListExclusionsParams{
		UserID: through.UserID, AccountID: through.accountID, RowLimit: page.sqlLimit(), Skipped: int64(page.Offset),
	})
	if err != nil {
		return nil, 0, fmt.Errorf("db: list exclusions: %w", err)
	}
	list = make([]Exclusion, 0, len(rows))
	for _, row := range rows {
		list = append(list, Exclusion{
			Repository: Repository{ID: row.ID, Owner: row.Owner, Name: row.Name, HTMLURL: row.HTMLURL},
			Since:      fromMillis(row.CreatedAt),
		})
	}
	total, err = d.read.CountExclusions(ctx, sqlcgen.CountExclusionsParams{UserID: through.UserID, AccountID: through.accountID})
	if err != nil {
		return nil, 0, fmt.Errorf("db: count exclusions: %w", err)
	}
	return list, total, nil
}

// RemoveExclusion removes an exclusion, so that the repository can be imported automatically
// again, which happens immediately if the setting matches it; imported reports whether it
// did. The error is ErrNotFound if it isn't excluded, or the user can't see it.
func (d *DB) RemoveExclusion(ctx context.Context, through InstallationRecord, repositoryID int64) (imported bool, err error) {
	err = d.writeTx(ctx, func(tx *sql.Tx, q *sqlcgen.Queries) error {
		only := idsJSON([]int64{repositoryID})
		lifted, err := q.LiftExclusions(ctx, sqlcgen.LiftExclusionsParams{UserID: through.UserID, IDs: only, AccountID: through.accountID})
		if err != nil {
			return fmt.Errorf("db: lift exclusion: %w", err)
		}
		if lifted == 0 {
			return ErrNotFound
		}
		ids, err := importAutomatically(ctx, tx, q, through.accountID, through.UserID, only, millis(d.now()))
		imported = len(ids) > 0
		return err
	})
	return imported, err
}
