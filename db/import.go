package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"

	"neptun/db/sqlcgen"
)

// ErrSuspended is the error for an import through a suspended installation.
var ErrSuspended = errors.New("db: the installation is suspended")

// ImportStatus is the result of an import for one repository.
type ImportStatus string

// The values of ImportStatus.
const (
	Imported        ImportStatus = "imported"
	AlreadyImported ImportStatus = "already_imported"
	ImportNotFound  ImportStatus = "not_found" // deleted, or not accessible to the user
)

// ImportResult is the result of an import for one repository.
type ImportResult struct {
	RepositoryID int64
	Status       ImportStatus
	ImportID     int64 // 0 for ImportNotFound
}

// ImportRepositories imports the repositories with these ids through an installation, and
// returns a result for each in their order. A repository that was imported before keeps its
// import and its id. The new imports are one action, whose id is 0 if there are none. The
// error is ErrSuspended while the installation is suspended.
func (d *DB) ImportRepositories(ctx context.Context, through InstallationRecord, ids []int64) (results []ImportResult, actionID int64, err error) {
	err = d.withTx(ctx, func(q *sqlcgen.Queries) error {
		// The record may be outdated. The statement that inserts checks this too.
		switch suspended, err := q.IsRecordSuspended(ctx, through.ID); {
		case err != nil:
			return fmt.Errorf("db: read installation: %w", err)
		case suspended:
			return ErrSuspended
		}
		results, actionID, err = importParts(ctx, q, through.UserID, []importPart{{through, ids}}, millis(d.now()))
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	return results, actionID, nil
}

// importPart are the repositories to import through one installation.
type importPart struct {
	through InstallationRecord
	ids     []int64
}

// importParts imports repositories in one action, whose id is 0 if nothing was imported,
// and returns a result for each of them in their order.
func importParts(ctx context.Context, q *sqlcgen.Queries, userID string, parts []importPart, now int64) (results []ImportResult, actionID int64, err error) {
	results = []ImportResult{}
	var (
		imported []int64
		record   int64 // 0 for several
		excluded = map[int64]bool{}
		touched  = map[int64]bool{}
	)
	if len(parts) == 1 {
		record = parts[0].through.ID
	}
	for _, part := range parts {
		for chunk := range slices.Chunk(part.ids, bulkSize) {
			chunkResults, err := importChunk(ctx, q, part.through, chunk, excluded, now)
			if err != nil {
				return nil, 0, err
			}
			results = append(results, chunkResults...)
			for _, result := range chunkResults {
				if result.Status == Imported {
					imported = append(imported, result.RepositoryID)
					touched[part.through.accountID] = true
				}
			}
		}
	}
	if len(imported) == 0 {
		return results, 0, nil
	}
	if actionID, err = insertAction(ctx, q, action{userID: userID, recordID: record, kind: ActionImport}, now); err != nil {
		return nil, 0, err
	}
	if err := insertActionImports(ctx, q, actionID, userID, imported, excluded); err != nil {
		return nil, 0, err
	}
	return results, actionID, recountEach(ctx, q, touched, userID, now)
}

// importChunk adds to excluded the repositories that were excluded from auto-import before.
func importChunk(ctx context.Context, q *sqlcgen.Queries, through InstallationRecord, ids []int64, excluded map[int64]bool, now int64) ([]ImportResult, error) {
	encoded := idsJSON(ids)
	chosen := sqlcgen.ListChosenParams{IDs: encoded, UserID: through.UserID, AccountID: through.accountID}
	rows, err := q.ListChosen(ctx, chosen)
	if err != nil {
		return nil, fmt.Errorf("db: list chosen: %w", err)
	}
	before := make(map[int64]bool, len(rows))
	for _, row := range rows {
		before[row.RepositoryID] = row.ImportID > 0
		if row.IsExcluded {
			excluded[row.RepositoryID] = true
		}
	}
	if err := insertImports(ctx, q, through.UserID, through.accountID, encoded, now); err != nil {
		return nil, err
	}
	if _, err := q.LiftExclusions(ctx, sqlcgen.LiftExclusionsParams{UserID: through.UserID, IDs: encoded, AccountID: through.accountID}); err != nil {
		return nil, fmt.Errorf("db: lift exclusions: %w", err)
	}
	if rows, err = q.ListChosen(ctx, chosen); err != nil {
		return nil, fmt.Errorf("db: list chosen: %w", err)
	}
	imports := make(map[int64]int64, len(rows))
	for _, row := range rows {
		imports[row.RepositoryID] = row.ImportID
	}

	results := make([]ImportResult, 0, len(ids))
	for _, id := range ids {
		result := ImportResult{RepositoryID: id, Status: ImportNotFound}
		if importID := imports[id]; importID > 0 {
			result.Status, result.ImportID = Imported, importID
			if before[id] {
				result.Status = AlreadyImported
			}
			before[id] = true // in case of duplicates
		}
		results = append(results, result)
	}
	return results, nil
}

// StreamImported yields each result of an import with its import: nil for ImportNotFound,
// and for an import that the user no longer sees. It reads some hundreds of them at a time,
// and holds no connection in between.
func (d *DB) StreamImported(ctx context.Context, through InstallationRecord, results []ImportResult) iter.Seq2[*Import, error] {
	return func(yield func(*Import, error) bool) {
		for chunk := range slices.Chunk(results, bulkSize) {
			ids := make([]int64, 0, len(chunk))
			for _, result := range chunk {
				ids = append(ids, result.RepositoryID)
			}
			list, err := collect(ctx, d.reader, through.scanImport(Page{}), selectImportsThrough(Page{})+`
  AND i.repository_id IN (SELECT CAST(j.key AS BIGINT) FROM json_each($3) AS j)`,
				through.UserID, through.accountID, idsJSON(ids))
			if err != nil {
				yield(nil, err)
				return
			}
			imports := make(map[int64]*Import, len(list))
			for i := range list {
				imports[list[i].Repository.ID] = &list[i]
			}
			for _, id := range ids {
				if !yield(imports[id], nil) {
					return
				}
			}
		}
	}
}

// insertImports imports those of these repositories of an account, encoded by idsJSON, that
// the user sees. Imports that were removed within a day are restored.
func insertImports(ctx context.Context, q *sqlcgen.Queries, userID string, accountID int64, ids string, now int64) error {
	if _, err := restoreImports(ctx, q, userID, ids, now); err != nil {
		return err
	}
	if err := q.InsertImports(ctx, sqlcgen.InsertImportsParams{Now: now, IDs: ids, UserID: userID, AccountID: accountID}); err != nil {
		return fmt.Errorf("db: insert imports: %w", err)
	}
	return nil
}

// ImportMatching imports all repositories that match a filter, in the order of
// their names.
func (d *DB) ImportMatching(ctx context.Context, through InstallationRecord, filter Filter) (results []ImportResult, actionID int64, err error) {
	ids, err := d.ListMatching(ctx, through, filter)
	if err != nil {
		return nil, 0, err
	}
	return d.ImportRepositories(ctx, through, ids)
}

// ListMatching lists the ids of the repositories that ListAvailable lists, in the order of the names.
func (d *DB) ListMatching(ctx context.Context, through InstallationRecord, filter Filter) ([]int64, error) {
	q := newListQuery("SELECT a.repository_id"+fromAccess, through.UserID, through.accountID)
	if narrow := through.narrow(filter); narrow != nil {
		narrow(q)
	}
	q.order(repositoryOrders[SortName].clause(), Page{})
	return collect(ctx, d.reader, scanID, q.sql.String(), q.args...)
}

// ListAllMatching is ListMatching for the list that StreamAllAvailable reads.
func (d *DB) ListAllMatching(ctx context.Context, userID string, filter Filter) ([]int64, error) {
	q := newListQuery("SELECT a.repository_id"+fromAllAccess, userID)
	q.filter(filter)
	q.order(repositoryOrders[SortName].clause(), Page{})
	return collect(ctx, d.reader, scanID, q.sql.String(), q.args...)
}

func scanID(rows *sql.Rows) (id int64, err error) {
	err = rows.Scan(&id)
	return id, err
}

// RemoveImport removes one import, and keeps auto-import from bringing it back.
// The error is ErrNotFound if it isn't the user's, or belongs to another
// installation.
func (d *DB) RemoveImport(ctx context.Context, through InstallationRecord, id int64) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		repositoryID, err := q.GetImportedRepository(ctx, sqlcgen.GetImportedRepositoryParams{ID: id, UserID: through.UserID, AccountID: through.accountID})
		if err != nil {
			return fmt.Errorf("db: find import: %w", found(err))
		}
		_, _, err = d.remove(ctx, q, through.UserID, through.ID, []int64{repositoryID})
		return err
	})
}

// RemoveImports removes a user's imports of those of these repositories that they see,
// excludes them from auto-import, and returns how many there were. It is one action, whose
// id is 0 if there were none; recordID is the installation record, 0 for several.
func (d *DB) RemoveImports(ctx context.Context, userID string, recordID int64, repositoryIDs []int64) (removed int, actionID int64, err error) {
	err = d.withTx(ctx, func(q *sqlcgen.Queries) error {
		removed, actionID, err = d.remove(ctx, q, userID, recordID, repositoryIDs)
		return err
	})
	return removed, actionID, err
}

func (d *DB) remove(ctx context.Context, q *sqlcgen.Queries, userID string, recordID int64, repositoryIDs []int64) (removed int, actionID int64, err error) {
	now := millis(d.now())
	if actionID, err = insertAction(ctx, q, action{userID: userID, recordID: recordID, kind: ActionRemove}, now); err != nil {
		return 0, 0, err
	}
	for chunk := range slices.Chunk(repositoryIDs, bulkSize) {
		if err := q.InsertActionRemovals(ctx, sqlcgen.InsertActionRemovalsParams{ActionID: actionID, IDs: idsJSON(chunk), UserID: userID}); err != nil {
			return 0, 0, fmt.Errorf("db: insert action's imports: %w", err)
		}
	}
	ids, err := q.ListActionRepositories(ctx, actionID)
	if err != nil {
		return 0, 0, fmt.Errorf("db: list action's imports: %w", err)
	}
	if len(ids) == 0 {
		if err := q.DeleteAction(ctx, actionID); err != nil {
			return 0, 0, fmt.Errorf("db: delete action: %w", err)
		}
		return 0, 0, nil
	}
	if err := q.SetActionCount(ctx, sqlcgen.SetActionCountParams{Count: int64(len(ids)), ID: actionID}); err != nil {
		return 0, 0, fmt.Errorf("db: count action's imports: %w", err)
	}
	touched := map[int64]bool{}
	for chunk := range slices.Chunk(ids, bulkSize) {
		encoded := idsJSON(chunk)
		if err := q.ExcludeRepositories(ctx, sqlcgen.ExcludeRepositoriesParams{UserID: userID, Now: now, IDs: encoded}); err != nil {
			return 0, 0, fmt.Errorf("db: exclude repositories: %w", err)
		}
		accounts, err := removeImports(ctx, q, userID, encoded, now)
		if err != nil {
			return 0, 0, err
		}
		for _, account := range accounts {
			touched[account] = true
		}
	}
	return len(ids), actionID, recountEach(ctx, q, touched, userID, now)
}

// recount updates the counts of a user's record on an account or, for everybody, of
// all records on it.
func recount(ctx context.Context, q *sqlcgen.Queries, accountID int64, userID string, now int64) error {
	if userID == everybody {
		if err := q.BumpRecordsOfAccount(ctx, sqlcgen.BumpRecordsOfAccountParams{Now: now, AccountID: accountID}); err != nil {
			return fmt.Errorf("db: bump records: %w", err)
		}
		if err := q.RecountRecordsOfAccount(ctx, accountID); err != nil {
			return fmt.Errorf("db: recount: %w", err)
		}
		return nil
	}
	if err := q.BumpRecord(ctx, sqlcgen.BumpRecordParams{Now: now, AccountID: accountID, UserID: userID}); err != nil {
		return fmt.Errorf("db: bump record: %w", err)
	}
	if err := q.RecountRecord(ctx, sqlcgen.RecountRecordParams{AccountID: accountID, UserID: userID}); err != nil {
		return fmt.Errorf("db: recount: %w", err)
	}
	return nil
}

// everybody, in place of a user id, means all users.
const everybody = ""
