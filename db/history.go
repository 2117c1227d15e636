package db

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"neptun/db/sqlcgen"
)

// Change is the kind of an entry in the history of an installation.
type Change string

// The changes of a user's list of repositories.
const (
	Added             Change = "appeared"    // GitHub shows it to the user now
	AccessLost        Change = "disappeared" // GitHub no longer shows it
	AutoImported      Change = "imported"    // by automatic import
	Renamed           Change = "renamed"     // formerly: the name
	Transferred       Change = "transferred" // formerly: the owner
	Archived          Change = "archived"
	Unarchived        Change = "unarchived"
	VisibilityChanged Change = "visibility_changed" // formerly: public, private, internal
)

// The changes of an installation itself.
const (
	Reinstalled        Change = "reinstalled"
	Suspended          Change = "suspended"
	Unsuspended        Change = "unsuspended"
	PermissionsChanged Change = "permissions_changed"
	SelectionChanged   Change = "selection_changed"
)

// HistoryEntry is one change by a sync, a webhook or a user.
type HistoryEntry struct {
	ID     int64
	At     time.Time
	Cause  Cause
	Change Change
	// Count is the number of repositories; 0 for a change of the installation itself. If
	// other users are concerned too, only those that this user sees now count.
	Count int64
	// Repositories are the first of those that the user sees now (rule 1).
	Repositories []HistoryRepository
}

// HistoryRepository is a repository in the history.
type HistoryRepository struct {
	Repository Repository // its current id, owner, name and page
	// Previous is the value before the change, "" if there was none.
	Previous string
}

// ListHistory lists what changed in a user's list of an account, newest first: the latest
// entries, or those before the given one, up to a limit. A repository that moved to another
// account is named only if the restriction includes that account.
func (d *DB) ListHistory(ctx context.Context, through InstallationRecord, restriction Restriction, before int64, limit int) ([]HistoryEntry, error) {
	if before <= 0 {
		before = math.MaxInt64
	}
	rows, err := d.read.ListHistory(ctx, sqlcgen.ListHistoryParams{
		AccountID: through.accountID, UserID: through.UserID, Restriction: int64(restriction), Before: before, RowLimit: int64(limit),
	})
	if err != nil {
		return nil, fmt.Errorf("db: list history: %w", err)
	}
	list := make([]HistoryEntry, 0, len(rows))
	ids := make([]int64, 0, len(rows))
	place := make(map[int64]int, len(rows))
	for i, row := range rows {
		list = append(list, HistoryEntry{
			ID: row.ID, At: fromMillis(row.At), Cause: Cause{Kind: CauseKind(row.Cause), Event: row.Event},
			Change: Change(row.Change), Count: row.Count,
		})
		ids = append(ids, row.ID)
		place[row.ID] = i
	}
	named, err := d.read.ListHistoryRepositories(ctx, sqlcgen.ListHistoryRepositoriesParams{
		IDs: idsJSON(ids), UserID: through.UserID, Restriction: int64(restriction),
	})
	if err != nil {
		return nil, fmt.Errorf("db: list history: %w", err)
	}
	seen := make([]int64, len(list))
	for _, row := range named {
		at := place[row.HistoryID]
		if seen[at]++; seen[at] > historyNames {
			continue
		}
		list[at].Repositories = append(list[at].Repositories, HistoryRepository{
			Repository: Repository{ID: row.ID, Owner: row.Owner, Name: row.Name, HTMLURL: row.HTMLURL},
			Previous:   row.Formerly,
		})
	}
	for i, row := range rows {
		if row.UserID == everybody && row.Count > 0 {
			list[i].Count = seen[i]
		}
	}
	return list, nil
}

// historyNames is how many repositories one entry names at most.
const historyNames = 50

// historyEntry is an entry that isn't stored yet. user is everybody for a change that concerns all
// users who see the account, or one of the repositories.
type historyEntry struct {
	account int64
	user    string
	change  Change
	count   int64
	// formerly holds the previous values of the repositories, by id: up to historyNames of
	// them, or all if the change concerns all users, since each user sees the number of those
	// they can access.
	formerly map[int64]string
}

// recordHistory records changes in the history, in the transaction that makes them.
func recordHistory(ctx context.Context, q *sqlcgen.Queries, now int64, notes ...historyEntry) error {
	cause := causeOf(ctx)
	for _, n := range notes {
		id, err := q.InsertHistory(ctx, sqlcgen.InsertHistoryParams{
			AccountID: n.account, UserID: n.user, At: now, Cause: string(cause.Kind), Event: cause.Event,
			Change: string(n.change), Count: n.count,
		})
		if err != nil {
			return fmt.Errorf("db: record history: %w", err)
		}
		if len(n.formerly) == 0 {
			continue
		}
		type repository struct {
			Formerly string `json:"formerly"`
		}
		rows := make(map[int64]repository, len(n.formerly))
		for repositoryID, formerly := range n.formerly {
			rows[repositoryID] = repository{strings.ToValidUTF8(formerly, "")}
		}
		encoded, err := asJSON(rows)
		if err != nil {
			return err
		}
		if err := q.InsertHistoryRepositories(ctx, sqlcgen.InsertHistoryRepositoriesParams{HistoryID: id, Repositories: encoded}); err != nil {
			return fmt.Errorf("db: record history: %w", err)
		}
	}
	return nil
}
