package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"neptun/db/sqlcgen"
)

const (
	// keepBulkActions is how long a bulk action can be confirmed or its results be read.
	keepBulkActions = 24 * time.Hour
	// latestBulkActions is how many bulk actions of a user are kept.
	latestBulkActions = 10
)

// BulkStatus is what will happen, or happened, to a repository of a bulk action.
type BulkStatus string

// The values of BulkStatus.
const (
	BulkImport          BulkStatus = "new" // will be imported
	BulkImported        BulkStatus = "imported"
	BulkAlreadyImported BulkStatus = "already_imported"
	BulkSuspended       BulkStatus = "suspended" // its installation is suspended, so it isn't imported
	BulkRemove          BulkStatus = "remove"    // will be removed
	BulkRemoved         BulkStatus = "removed"
	BulkNotImported     BulkStatus = "not_imported"
	BulkNotFound        BulkStatus = "not_found" // deleted, or not accessible to the user
)

// BulkAction imports or removes several repositories. Confirming it applies exactly the
// selection that was shown.
type BulkAction struct {
	ID             int64
	Kind           ActionKind // ActionImport or ActionRemove
	InstallationID int64      // the record's id; 0 for several
	ConfirmedAt    time.Time  // zero before
	Rows           []BulkRow  // in the order of the selection
	// ActionID is 0 if nothing changed.
	ActionID int64
	// Repeated is set by ConfirmBulkAction if it was confirmed before.
	Repeated bool
}

// BulkRow is one repository of a bulk action. If the user doesn't see it, only its id is
// set.
type BulkRow struct {
	RepositoryID         int64
	Owner, Name, HTMLURL string
	InstallationID       int64
	Status               BulkStatus
}

// CreateBulkAction stores a selection of repositories to import or remove, through an
// installation record or, if recordID is 0, through any. Duplicate ids are ignored.
func (d *DB) CreateBulkAction(ctx context.Context, userID string, recordID int64, kind ActionKind, repositoryIDs []int64) (id int64, err error) {
	chosen := make([]int64, 0, len(repositoryIDs))
	seen := make(map[int64]bool, len(repositoryIDs))
	for _, one := range repositoryIDs {
		if !seen[one] {
			chosen = append(chosen, one)
		}
		seen[one] = true
	}
	encoded, err := json.Marshal(chosen)
	if err != nil {
		return 0, fmt.Errorf("db: encode ids: %w", err)
	}
	err = d.withTx(ctx, func(q *sqlcgen.Queries) error {
		if id, err = q.InsertBulkAction(ctx, sqlcgen.InsertBulkActionParams{
			UserID: userID, RecordID: sql.NullInt64{Int64: recordID, Valid: recordID != 0},
			Kind: string(kind), RepositoryIds: string(encoded), Now: millis(d.now()),
		}); err != nil {
			return fmt.Errorf("db: insert bulk action: %w", err)
		}
		if err := q.DeleteOldBulkActionsOfUser(ctx, sqlcgen.DeleteOldBulkActionsOfUserParams{UserID: userID, Kept: latestBulkActions}); err != nil {
			return fmt.Errorf("db: delete old bulk actions: %w", err)
		}
		return nil
	})
	return id, err
}

// GetBulkAction returns a bulk action with what it will do or, after its confirmation, what
// it did. The error is ErrNotFound if the user has no such bulk action.
func (d *DB) GetBulkAction(ctx context.Context, userID string, id int64) (bulk BulkAction, err error) {
	err = d.snapshot(ctx, func(_ *sql.Tx, q *sqlcgen.Queries) error {
		bulk, err = d.bulkAction(ctx, q, userID, id)
		return err
	})
	return bulk, err
}

func (d *DB) bulkAction(ctx context.Context, q *sqlcgen.Queries, userID string, id int64) (BulkAction, error) {
	stored, err := q.GetBulkAction(ctx, sqlcgen.GetBulkActionParams{ID: id, UserID: userID})
	if err != nil {
		return BulkAction{}, fmt.Errorf("db: read bulk action: %w", found(err))
	}
	bulk := BulkAction{
		ID: id, Kind: ActionKind(stored.Kind), InstallationID: stored.RecordID.Int64,
		ConfirmedAt: fromMillis(stored.ConfirmedAt), ActionID: stored.ActionID.Int64,
	}
	if fromMillis(stored.CreatedAt).Add(keepBulkActions).Before(d.now()) {
		return BulkAction{}, fmt.Errorf("db: read bulk action: %w", ErrNotFound)
	}
	var ids []int64
	if err := json.Unmarshal([]byte(stored.RepositoryIds), &ids); err != nil {
		return BulkAction{}, fmt.Errorf("db: decode ids: %w", err)
	}
	var results []BulkStatus
	if stored.Results != "" {
		if err := json.Unmarshal([]byte(stored.Results), &results); err != nil {
			return BulkAction{}, fmt.Errorf("db: decode results: %w", err)
		}
	}
	seen, err := listBulkRepositories(ctx, q, userID, bulk.InstallationID, ids)
	if err != nil {
		return BulkAction{}, err
	}
	for i, id := range ids {
		row, isSeen := seen[id]
		result := BulkRow{RepositoryID: id, Status: BulkNotFound}
		if isSeen {
			result = BulkRow{id, row.Login, row.Name, row.HTMLURL, row.RecordID, bulkStatus(bulk.Kind, row)}
		}
		if results != nil {
			result.Status = results[i]
		}
		bulk.Rows = append(bulk.Rows, result)
	}
	return bulk, nil
}

func listBulkRepositories(ctx context.Context, q *sqlcgen.Queries, userID string, recordID int64, ids []int64) (map[int64]sqlcgen.ListBulkRepositoriesRow, error) {
	seen := make(map[int64]sqlcgen.ListBulkRepositoriesRow, len(ids))
	for chunk := range slices.Chunk(ids, bulkSize) {
		rows, err := q.ListBulkRepositories(ctx, sqlcgen.ListBulkRepositoriesParams{IDs: idsJSON(chunk), UserID: userID, RecordID: recordID})
		if err != nil {
			return nil, fmt.Errorf("db: list repositories of a bulk action: %w", err)
		}
		for _, row := range rows {
			seen[row.RepositoryID] = row
		}
	}
	return seen, nil
}

// bulkStatus returns what will happen to a repository that the user sees.
func bulkStatus(kind ActionKind, row sqlcgen.ListBulkRepositoriesRow) BulkStatus {
	switch {
	case kind == ActionRemove && row.ImportID != 0:
		return BulkRemove
	case kind == ActionRemove:
		return BulkNotImported
	case row.ImportID != 0:
		return BulkAlreadyImported
	case row.Suspended:
		return BulkSuspended
	}
	return BulkImport
}

// ConfirmBulkAction applies a selection once; confirming it again changes nothing. What can't
// be done any more is skipped and reported in the results. The error is ErrNotFound if the
// user has no such bulk action.
func (d *DB) ConfirmBulkAction(ctx context.Context, userID string, id int64) (bulk BulkAction, err error) {
	err = d.withTx(ctx, func(q *sqlcgen.Queries) error {
		if bulk, err = d.bulkAction(ctx, q, userID, id); err != nil {
			return err
		}
		now := millis(d.now())
		switch first, err := q.ConfirmBulkAction(ctx, sqlcgen.ConfirmBulkActionParams{ID: id, Now: now}); {
		case err != nil:
			return fmt.Errorf("db: confirm bulk action: %w", err)
		case first == 0:
			bulk, err = d.bulkAction(ctx, q, userID, id)
			bulk.Repeated = true
			return err
		}
		bulk.ConfirmedAt = fromMillis(now)
		if bulk.Kind == ActionRemove {
			err = d.removeInBulk(ctx, q, userID, &bulk)
		} else {
			err = d.importInBulk(ctx, q, userID, &bulk, now)
		}
		if err != nil {
			return err
		}
		results := make([]BulkStatus, 0, len(bulk.Rows))
		for _, row := range bulk.Rows {
			results = append(results, row.Status)
		}
		encoded, err := json.Marshal(results)
		if err != nil {
			return fmt.Errorf("db: encode results: %w", err)
		}
		if err := q.SetBulkResults(ctx, sqlcgen.SetBulkResultsParams{
			Results: string(encoded), ActionID: sql.NullInt64{Int64: bulk.ActionID, Valid: bulk.ActionID != 0}, ID: id,
		}); err != nil {
			return fmt.Errorf("db: record results: %w", err)
		}
		return nil
	})
	return bulk, err
}

func (d *DB) removeInBulk(ctx context.Context, q *sqlcgen.Queries, userID string, bulk *BulkAction) (err error) {
	var ids []int64
	for i, row := range bulk.Rows {
		if row.Status == BulkRemove {
			ids = append(ids, row.RepositoryID)
			bulk.Rows[i].Status = BulkRemoved
		}
	}
	if len(ids) > 0 {
		_, bulk.ActionID, err = d.remove(ctx, q, userID, bulk.InstallationID, ids)
	}
	return err
}

func (d *DB) importInBulk(ctx context.Context, q *sqlcgen.Queries, userID string, bulk *BulkAction, now int64) error {
	var parts []importPart
	of := map[int64]int{} // indexes of the parts by record
	for _, row := range bulk.Rows {
		if row.Status != BulkImport {
			continue
		}
		n, ok := of[row.InstallationID]
		if !ok {
			n = len(parts)
			of[row.InstallationID] = n
			parts = append(parts, importPart{through: InstallationRecord{ID: row.InstallationID, UserID: userID}})
		}
		parts[n].ids = append(parts[n].ids, row.RepositoryID)
	}
	for i := range parts {
		account, err := q.GetAccountOfRecord(ctx, parts[i].through.ID)
		if err != nil {
			return fmt.Errorf("db: read installation: %w", err)
		}
		parts[i].through.accountID = account
	}
	// Always the same order, to avoid deadlocks.
	slices.SortFunc(parts, func(a, b importPart) int { return int(a.through.accountID - b.through.accountID) })
	results, actionID, err := importParts(ctx, q, userID, parts, now)
	if err != nil {
		return err
	}
	statuses := make(map[int64]ImportStatus, len(results))
	for _, result := range results {
		statuses[result.RepositoryID] = result.Status
	}
	for i, row := range bulk.Rows {
		if status, ok := statuses[row.RepositoryID]; ok {
			bulk.Rows[i].Status = BulkStatus(status)
		}
	}
	bulk.ActionID = actionID
	return nil
}
