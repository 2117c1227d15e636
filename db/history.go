package db

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"neptun/db/sqlcgen"
)

// Change says what happened, in the history of an installation.
type Change string

// What can happen to a user's list of repositories.
const (
	Added             Change = "appeared"    // GitHub shows it to the person now
	AccessLost        Change = "disappeared" // or no longer
	AutoImported      Change = "imported"    // by automatic import
	Renamed           Change = "renamed"     // formerly: the name
	Transferred       Change = "transferred" // formerly: the owner
	Archived          Change = "archived"
	Unarchived        Change = "unarchived"
	VisibilityChanged Change = "visibility_changed" // formerly: public, private, internal
)

// What can happen to an installation itself.
const (
	Reinstalled        Change = "reinstalled"
	Suspended          Change = "suspended"
	Unsuspended        Change = "unsuspended"
	PermissionsChanged Change = "permissions_changed"
	SelectionChanged   Change = "selection_changed"
)

// HistoryEntry is one thing that a sync, a webhook or a user changed.
type HistoryEntry struct {
	ID     int64
	At     time.Time
	Cause  Cause
	Change Change
	// Count counts the repositories it concerns; 0 where it is the installation. Of
	// what concerns others as well, only those count that the user sees now.
	Count int64
	// Repositories are those of them whose names can be told: the first, and only
	// those that the user sees now (rule 1).
	Repositories []HistoryRepository
}

// HistoryRepository is a repository in the history.
type HistoryRepository struct {
	Repository Repository // as it is now: id, owner, name and page alone
	// Previous is what the change did away with; empty where there is no such thing.
	Previous string
}

// ListHistory lists what changed in what a user sees of an account, newest first:
// the latest entries, or those before the one given; at most so many. What went
// to another account is named only to whom the restriction lets reach that one too.
func (d *DB) ListHistory(ctx context.Context, through InstallationRecord, restriction Restriction, before int64, most int) ([]HistoryEntry, error) {
	if before <= 0 {
		before = math.MaxInt64
	}
	rows, err := d.read.ListHistory(ctx, sqlcgen.ListHistoryParams{
		AccountID: through.accountID, UserID: through.UserID, Restriction: int64(restriction), Before: before, Most: int64(most),
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

// historyEntry is an entry that isn't stored yet. user is everybody for what concerns everyone who
// sees the account, or one of the repositories.
type historyEntry struct {
	account int64
	user    string
	change  Change
	count   int64
	// formerly holds what the repositories were, by their ids: historyNames of
	// them at most, and all of them where it concerns everybody, since each person
	// is told how many of those they see.
	formerly map[int64]string
}

// tell writes notes into the history, in the transaction that makes the change.
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
