package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"neptun/db/sqlcgen"
)

// ErrSuspended is the answer to an import through a suspended installation.
var ErrSuspended = errors.New("db: the installation is suspended")

// ImportStatus tells what became of one repository of an import.
type ImportStatus string

// What can become of a repository that is to be imported.
const (
	Imported        ImportStatus = "imported"
	AlreadyImported ImportStatus = "already_imported"
	ImportNotFound  ImportStatus = "not_found" // not there, or not the person's to see
)

// ImportResult is what became of one repository.
type ImportResult struct {
	RepositoryID int64
	Status       ImportStatus
	Import       Import // the zero value for ImportNotFound
}

// ImportRepositories imports the repositories with these ids through an
// installation, and answers for each in their order. A repository imported
// before keeps its import and its id. The error is ErrSuspended while GitHub
// suspends the installation.
func (d *DB) ImportRepositories(ctx context.Context, through InstallationRecord, ids []int64) ([]ImportResult, error) {
	if through.Suspended() {
		return nil, ErrSuspended
	}
	results := make([]ImportResult, 0, len(ids))
	err := d.writeTx(ctx, func(tx *sql.Tx, q *sqlcgen.Queries) error {
		results = results[:0]
		imported := false
		for chunk := range slices.Chunk(ids, bulkSize) {
			chunkResults, err := importChunk(ctx, tx, q, through, chunk, millis(d.now()))
			if err != nil {
				return err
			}
			results = append(results, chunkResults...)
			imported = imported || slices.ContainsFunc(chunkResults, func(r ImportResult) bool { return r.Status == Imported })
		}
		if !imported {
			return nil
		}
		return recount(ctx, q, through.accountID, through.UserID, millis(d.now()))
	})
	return results, err
}

func importChunk(ctx context.Context, tx *sql.Tx, q *sqlcgen.Queries, through InstallationRecord, ids []int64, now int64) ([]ImportResult, error) {
	encoded := idsJSON(ids)
	chosen, err := q.ListChosen(ctx, sqlcgen.ListChosenParams{IDs: encoded, UserID: through.UserID, AccountID: through.accountID})
	if err != nil {
		return nil, fmt.Errorf("db: list chosen: %w", err)
	}
	before := make(map[int64]bool, len(chosen))
	for _, row := range chosen {
		before[row.RepositoryID] = row.ImportID > 0
	}
	if _, err := q.InsertImports(ctx, sqlcgen.InsertImportsParams{
		Now: now, IDs: encoded, UserID: through.UserID, AccountID: through.accountID,
	}); err != nil {
		return nil, fmt.Errorf("db: insert imports: %w", err)
	}
	if _, err := q.LiftExclusions(ctx, sqlcgen.LiftExclusionsParams{UserID: through.UserID, IDs: encoded, AccountID: through.accountID}); err != nil {
		return nil, fmt.Errorf("db: lift exclusions: %w", err)
	}
	list, err := collect(ctx, tx, through.scanImport, selectImportsThrough+`
  AND i.repository_id IN (SELECT CAST(j.key AS BIGINT) FROM json_each($3) AS j)`,
		through.UserID, through.accountID, encoded)
	if err != nil {
		return nil, err
	}
	imports := make(map[int64]Import, len(list))
	for _, item := range list {
		imports[item.Repository.ID] = item
	}

	results := make([]ImportResult, 0, len(ids))
	for _, id := range ids {
		result := ImportResult{RepositoryID: id, Status: ImportNotFound}
		if item, ok := imports[id]; ok {
			result.Status, result.Import = Imported, item
			if before[id] {
				result.Status = AlreadyImported
			}
			before[id] = true // should it be asked for twice
		}
		results = append(results, result)
	}
	return results, nil
}

// ImportMatching imports everything that a filter lets through, in the order
// of the names.
func (d *DB) ImportMatching(ctx context.Context, through InstallationRecord, filter Filter) ([]ImportResult, error) {
	q := newListQuery("SELECT r.id"+fromAvailable, through.UserID, through.accountID)
	q.filter(through.filter(filter))
	if err := q.page(SortName, Page{}); err != nil {
		return nil, err
	}
	ids, err := collect(ctx, d.reader, func(rows *sql.Rows) (id int64, err error) {
		err = rows.Scan(&id)
		return id, err
	}, q.sql.String(), q.args...)
	if err != nil {
		return nil, err
	}
	return d.ImportRepositories(ctx, through, ids)
}

// RemoveImport takes one import away, and keeps it from coming back by itself.
// The error is ErrNotFound for one that is not the person's, or not of this
// installation.
func (d *DB) RemoveImport(ctx context.Context, through InstallationRecord, id int64) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		now := millis(d.now())
		if err := q.ExcludeImport(ctx, sqlcgen.ExcludeImportParams{Now: now, ID: id, UserID: through.UserID, AccountID: through.accountID}); err != nil {
			return fmt.Errorf("db: exclude import: %w", err)
		}
		rows, err := q.DeleteImport(ctx, sqlcgen.DeleteImportParams{ID: id, UserID: through.UserID, AccountID: through.accountID})
		if err != nil {
			return fmt.Errorf("db: delete import: %w", err)
		}
		if rows == 0 {
			return ErrNotFound
		}
		return recount(ctx, q, through.accountID, through.UserID, now)
	})
}

// RemoveImports takes a person's imports of these repositories away, whatever
// the installation, keeps them from coming back by themselves, and tells how
// many there were.
func (d *DB) RemoveImports(ctx context.Context, userID string, repositoryIDs []int64) (removed int, err error) {
	err = d.withTx(ctx, func(q *sqlcgen.Queries) error {
		removed = 0
		now := millis(d.now())
		touched := map[int64]bool{}
		for chunk := range slices.Chunk(repositoryIDs, bulkSize) {
			ids := idsJSON(chunk)
			if err := q.ExcludeImportsOfRepositories(ctx, sqlcgen.ExcludeImportsOfRepositoriesParams{Now: now, IDs: ids, UserID: userID}); err != nil {
				return fmt.Errorf("db: exclude imports: %w", err)
			}
			accounts, err := q.DeleteImportsOfRepositories(ctx, sqlcgen.DeleteImportsOfRepositoriesParams{UserID: userID, IDs: ids})
			if err != nil {
				return fmt.Errorf("db: delete imports: %w", err)
			}
			removed += len(accounts)
			for _, account := range accounts {
				touched[account] = true
			}
		}
		for _, account := range slices.Sorted(maps.Keys(touched)) {
			if err := recount(ctx, q, account, userID, now); err != nil {
				return err
			}
		}
		return nil
	})
	return removed, err
}

// recount tells the counts of a person's record on an account anew, and with
// everybody those of all records there.
func recount(ctx context.Context, q *sqlcgen.Queries, accountID int64, userID string, now int64) error {
	if err := q.BumpRecords(ctx, sqlcgen.BumpRecordsParams{Now: now, AccountID: accountID, UserID: userID}); err != nil {
		return fmt.Errorf("db: bump records: %w", err)
	}
	if err := q.RecountRecords(ctx, sqlcgen.RecountRecordsParams{AccountID: accountID, UserID: userID}); err != nil {
		return fmt.Errorf("db: recount: %w", err)
	}
	return nil
}

// everybody stands for the person where a count concerns all of them.
const everybody = ""
