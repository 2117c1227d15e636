package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"neptun/db/sqlcgen"
)

// undoFor is how long an action can be undone, and how long a removed import's id is
// kept for that.
const undoFor = 24 * time.Hour

// ErrUndoExpired is the error for an undo more than 24 hours after the action.
var ErrUndoExpired = errors.New("db: the action can no longer be undone")

// ActionKind is the kind of an action.
type ActionKind string

// The kinds of action.
const (
	ActionImport     ActionKind = "import"
	ActionRemove     ActionKind = "remove"
	ActionAutoImport ActionKind = "auto_import" // the setting changed
)

// Action is a change that a user made to one or more of their imports, on a page or
// through the API.
type Action struct {
	ID   int64
	Kind ActionKind
	At   time.Time
	// InstallationID is the installation record's id; 0 if the action concerned several
	// records, or one that GitHub no longer shows. Account is its login.
	InstallationID int64
	Account        string
	// Count is how many imports it created or removed.
	Count int64
	// UndoableUntil is zero once the action was undone or can no longer be.
	UndoableUntil time.Time
	UndoneAt      time.Time
	// ModeBefore and ModeAfter are those of auto-import, for ActionAutoImport.
	ModeBefore, ModeAfter ImportMode
}

// UndoStatus is the result of an undo for one repository.
type UndoStatus string

// The results of an undo.
const (
	UndoRestored UndoStatus = "restored"
	UndoRemoved  UndoStatus = "removed"
	// UndoChangedSince means that a later action changed it; that change is kept.
	UndoChangedSince UndoStatus = "changed_since"
	UndoNotFound     UndoStatus = "not_found" // deleted, or no longer accessible to the user
)

// UndoResult is the result of an undo for one repository.
type UndoResult struct {
	RepositoryID int64
	Status       UndoStatus
}

// Changed reports whether the undo changed an import.
func (r UndoResult) Changed() bool { return r.Status == UndoRestored || r.Status == UndoRemoved }

// ActionPage selects actions: those before an id, 0 for the newest; up to a limit; of one
// installation record, 0 for all.
type ActionPage struct {
	Before, RecordID int64
	Limit            int
}

// ListActions lists a user's actions, newest first.
func (d *DB) ListActions(ctx context.Context, userID string, page ActionPage) ([]Action, error) {
	if page.Before <= 0 {
		page.Before = math.MaxInt64
	}
	rows, err := d.read.ListActions(ctx, sqlcgen.ListActionsParams{
		UserID: userID, Before: page.Before, RecordID: page.RecordID, RowLimit: int64(page.Limit),
	})
	if err != nil {
		return nil, fmt.Errorf("db: list actions: %w", err)
	}
	now := d.now()
	list := make([]Action, 0, len(rows))
	for _, row := range rows {
		action := Action{
			ID: row.ID, Kind: ActionKind(row.Kind), At: fromMillis(row.At), InstallationID: row.RecordID, Account: row.Login,
			Count: row.Count, UndoneAt: fromMillis(row.UndoneAt),
			ModeBefore: ImportMode(row.ModeBefore), ModeAfter: ImportMode(row.ModeAfter),
		}
		if until := action.At.Add(undoFor); action.UndoneAt.IsZero() && until.After(now) {
			action.UndoableUntil = until
		}
		list = append(list, action)
	}
	return list, nil
}

// UndoAction undoes an action, except where a later action changed the same repository, and
// returns the result for each repository. Imports return under the same ids, hidden if the
// user doesn't see the repository; exclusions and the auto-import setting are restored
// too. The errors are ErrNotFound and ErrUndoExpired.
func (d *DB) UndoAction(ctx context.Context, userID string, id int64) (results []UndoResult, err error) {
	err = d.withTx(ctx, func(q *sqlcgen.Queries) error {
		now := d.now()
		action, err := q.MarkActionUndone(ctx, sqlcgen.MarkActionUndoneParams{Now: millis(now), ID: id, UserID: userID})
		if err != nil {
			return fmt.Errorf("db: undo action: %w", found(err))
		}
		if !fromMillis(action.At).Add(undoFor).After(now) {
			return ErrUndoExpired
		}
		rows, err := q.ListActionImports(ctx, sqlcgen.ListActionImportsParams{ActionID: id, RemovedAfter: removedAfter(millis(now))})
		if err != nil {
			return fmt.Errorf("db: undo action: %w", err)
		}
		undo := undoing{userID: userID, now: millis(now)}
		results = make([]UndoResult, 0, len(rows))
		for _, row := range rows {
			results = append(results, UndoResult{row.RepositoryID, undo.add(ActionKind(action.Kind), row)})
		}
		if err := undo.write(ctx, q); err != nil {
			return err
		}
		if ActionKind(action.Kind) != ActionAutoImport {
			return nil
		}
		if err := q.RestoreAutoImport(ctx, sqlcgen.RestoreAutoImportParams{
			ModeBefore: action.ModeBefore, RulesBefore: action.RulesBefore, ID: action.RecordID.Int64, UserID: userID,
			ModeAfter: action.ModeAfter, RulesAfter: action.RulesAfter,
		}); err != nil {
			return fmt.Errorf("db: restore auto-import: %w", err)
		}
		return nil
	})
	return results, err
}

// undoing collects what an undo writes, by repository id.
type undoing struct {
	userID                    string
	now                       int64
	restore, remove           []int64
	excludeAgain, includeOnce []int64
}

// add decides on one repository of an action.
func (u *undoing) add(kind ActionKind, row sqlcgen.ListActionImportsRow) UndoStatus {
	switch {
	case row.ChangedSince:
		return UndoChangedSince
	case kind == ActionRemove && row.CurrentID != 0:
		return UndoChangedSince // imported again, by auto-import
	case kind == ActionRemove && row.RemovedID == row.ImportID:
		u.restore = append(u.restore, row.RepositoryID)
		if !row.WasExcluded {
			u.includeOnce = append(u.includeOnce, row.RepositoryID)
		}
		return UndoRestored
	case kind != ActionRemove && row.CurrentID == row.ImportID && row.HiddenAt == 0:
		u.remove = append(u.remove, row.RepositoryID)
		if row.WasExcluded {
			u.excludeAgain = append(u.excludeAgain, row.RepositoryID)
		}
		return UndoRemoved
	}
	return UndoNotFound
}

func (u *undoing) write(ctx context.Context, q *sqlcgen.Queries) error {
	touched := map[int64]bool{}
	for ids := range slices.Chunk(u.restore, bulkSize) {
		accounts, err := restoreImports(ctx, q, u.userID, idsJSON(ids), u.now)
		if err != nil {
			return err
		}
		for _, account := range accounts {
			touched[account] = true
		}
	}
	for ids := range slices.Chunk(u.remove, bulkSize) {
		accounts, err := removeImports(ctx, q, u.userID, idsJSON(ids), u.now)
		if err != nil {
			return err
		}
		for _, account := range accounts {
			touched[account] = true
		}
	}
	for ids := range slices.Chunk(u.includeOnce, bulkSize) {
		if err := q.DeleteExclusions(ctx, sqlcgen.DeleteExclusionsParams{UserID: u.userID, IDs: idsJSON(ids)}); err != nil {
			return fmt.Errorf("db: delete exclusions: %w", err)
		}
	}
	for ids := range slices.Chunk(u.excludeAgain, bulkSize) {
		if err := q.ExcludeRepositories(ctx, sqlcgen.ExcludeRepositoriesParams{UserID: u.userID, Now: u.now, IDs: idsJSON(ids)}); err != nil {
			return fmt.Errorf("db: exclude repositories: %w", err)
		}
	}
	return recountEach(ctx, q, touched, u.userID, u.now)
}

// restoreImports restores the removed imports of these repositories, encoded by idsJSON,
// and returns the accounts they are listed under.
func restoreImports(ctx context.Context, q *sqlcgen.Queries, userID, ids string, now int64) ([]int64, error) {
	if err := q.LockAccess(ctx, sqlcgen.LockAccessParams{IDs: ids, UserID: userID}); err != nil {
		return nil, fmt.Errorf("db: lock access: %w", err)
	}
	accounts, err := q.RestoreImports(ctx, sqlcgen.RestoreImportsParams{Now: now, IDs: ids, UserID: userID, RemovedAfter: removedAfter(now)})
	if err != nil {
		return nil, fmt.Errorf("db: restore imports: %w", err)
	}
	if len(accounts) == 0 {
		return nil, nil
	}
	if err := q.DropRestoredImports(ctx, sqlcgen.DropRestoredImportsParams{UserID: userID, IDs: ids}); err != nil {
		return nil, fmt.Errorf("db: restore imports: %w", err)
	}
	return accounts, nil
}

// removeImports removes a user's imports of these repositories, encoded by idsJSON, keeps
// their ids for an undo, and returns the accounts they were listed under.
func removeImports(ctx context.Context, q *sqlcgen.Queries, userID, ids string, now int64) ([]int64, error) {
	if err := q.KeepRemovedImports(ctx, sqlcgen.KeepRemovedImportsParams{Now: now, IDs: ids, UserID: userID}); err != nil {
		return nil, fmt.Errorf("db: keep removed imports: %w", err)
	}
	accounts, err := q.DeleteImports(ctx, sqlcgen.DeleteImportsParams{UserID: userID, IDs: ids})
	if err != nil {
		return nil, fmt.Errorf("db: delete imports: %w", err)
	}
	return accounts, nil
}

// removedAfter returns the time after which a removed import can be restored.
func removedAfter(now int64) int64 { return now - undoFor.Milliseconds() }

// recountEach recounts a user's records on these accounts, always in the same order to
// avoid deadlocks.
func recountEach(ctx context.Context, q *sqlcgen.Queries, accounts map[int64]bool, userID string, now int64) error {
	for _, account := range slices.Sorted(maps.Keys(accounts)) {
		if err := recount(ctx, q, account, userID, now); err != nil {
			return err
		}
	}
	return nil
}

// action is an Action that is being recorded.
type action struct {
	userID        string
	recordID      int64 // 0 for several
	kind          ActionKind
	before, after sqlcgen.GetAutomaticImportRow // of ActionAutoImport
}

func insertAction(ctx context.Context, q *sqlcgen.Queries, a action, now int64) (id int64, err error) {
	id, err = q.InsertAction(ctx, sqlcgen.InsertActionParams{
		UserID: a.userID, RecordID: sql.NullInt64{Int64: a.recordID, Valid: a.recordID != 0}, Kind: string(a.kind), At: now,
		ModeBefore: a.before.AutoImport, RulesBefore: a.before.AutoImportRules,
		ModeAfter: a.after.AutoImport, RulesAfter: a.after.AutoImportRules,
	})
	if err != nil {
		return 0, fmt.Errorf("db: insert action: %w", err)
	}
	return id, nil
}

// insertActionImports records that an action created the imports of these repositories;
// wasExcluded are those that were excluded from auto-import before.
func insertActionImports(ctx context.Context, q *sqlcgen.Queries, id int64, userID string, imported []int64, wasExcluded map[int64]bool) error {
	type before struct {
		WasExcluded int `json:"was_excluded"`
	}
	for ids := range slices.Chunk(imported, bulkSize) {
		rows := make(map[int64]before, len(ids))
		for _, repositoryID := range ids {
			rows[repositoryID] = before{}
			if wasExcluded[repositoryID] {
				rows[repositoryID] = before{1}
			}
		}
		encoded, err := asJSON(rows)
		if err != nil {
			return err
		}
		if err := q.InsertActionImports(ctx, sqlcgen.InsertActionImportsParams{ActionID: id, Imports: encoded, UserID: userID}); err != nil {
			return fmt.Errorf("db: insert action's imports: %w", err)
		}
	}
	if err := q.SetActionCount(ctx, sqlcgen.SetActionCountParams{Count: int64(len(imported)), ID: id}); err != nil {
		return fmt.Errorf("db: count action's imports: %w", err)
	}
	return nil
}
