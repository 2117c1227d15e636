package db

import (
	"context"
	"fmt"

	"neptun/db/sqlcgen"
)

// recordSyncHistory records the access that a sync granted a user and the access it
// is about to remove.
func recordSyncHistory(ctx context.Context, q *sqlcgen.Queries, target SyncTarget, run sqlcgen.SyncRun, removeUnseen bool, now int64) error {
	appeared := historyEntry{account: target.accountID, user: target.UserID, change: Added}
	var err error
	if appeared.count, err = q.CountUnrecordedAccess(ctx, target.RecordID); err != nil {
		return fmt.Errorf("db: count unrecorded access: %w", err)
	}
	if appeared.count > 0 {
		ids, err := q.ListUnrecordedAccess(ctx, sqlcgen.ListUnrecordedAccessParams{RecordID: target.RecordID, RowLimit: historyNames})
		if err != nil {
			return fmt.Errorf("db: list unrecorded access: %w", err)
		}
		appeared.name(ids)
	}
	if err := q.SetRecordedGeneration(ctx, sqlcgen.SetRecordedGenerationParams{Generation: generation(run.ID, passesPerRun-1), ID: target.RecordID}); err != nil {
		return fmt.Errorf("db: set recorded generation: %w", err)
	}
	disappeared := historyEntry{account: target.accountID, user: target.UserID, change: AccessLost}
	if removeUnseen {
		before, since := generation(run.ID, 0), generation(run.ID, run.WholePass)
		if disappeared.count, err = q.CountUnseenAccess(ctx, sqlcgen.CountUnseenAccessParams{
			UserID: target.UserID, AccountID: target.accountID, Generation: before, Since: since,
		}); err != nil {
			return fmt.Errorf("db: count unseen: %w", err)
		}
		ids, err := q.ListUnseenAccess(ctx, sqlcgen.ListUnseenAccessParams{
			UserID: target.UserID, AccountID: target.accountID, Generation: before, Since: since, RowLimit: historyNames,
		})
		if err != nil {
			return fmt.Errorf("db: list unseen: %w", err)
		}
		disappeared.name(ids)
	}
	for _, n := range []historyEntry{appeared, disappeared} {
		if n.count == 0 {
			continue
		}
		if err := recordHistory(ctx, q, now, n); err != nil {
			return err
		}
	}
	return nil
}

// name adds the first of the repositories to an entry by name.
func (n *historyEntry) name(ids []int64) {
	n.formerly = map[int64]string{}
	for _, id := range ids[:min(len(ids), historyNames)] {
		n.formerly[id] = ""
	}
}

// repositoryEntries returns how repositories changed. The changes concern all users who see
// one of them.
func repositoryEntries(before []sqlcgen.ListRepositoryChangesRow, after map[int64]repositoryRow) []historyEntry {
	type kind struct {
		account int64
		change  Change
	}
	var order []kind
	notes := map[kind]*historyEntry{}
	add := func(account, id int64, change Change, formerly string) {
		of := kind{account, change}
		if notes[of] == nil {
			order = append(order, of)
			notes[of] = &historyEntry{account: account, user: everybody, change: change, formerly: map[int64]string{}}
		}
		notes[of].count++
		notes[of].formerly[id] = formerly
	}
	for _, was := range before {
		is := after[was.ID]
		if was.AccountID != is.AccountID {
			add(is.AccountID, was.ID, Transferred, was.Owner)
		}
		if was.Name != is.Name {
			add(is.AccountID, was.ID, Renamed, was.Name)
		}
		if was.Visibility != is.Visibility {
			add(is.AccountID, was.ID, VisibilityChanged, was.Visibility)
		}
		if was.IsArchived != is.IsArchived {
			change := Archived
			if was.IsArchived {
				change = Unarchived
			}
			add(is.AccountID, was.ID, change, "")
		}
	}
	list := make([]historyEntry, 0, len(order))
	for _, of := range order {
		list = append(list, *notes[of])
	}
	return list
}

// recordInstallationHistory records how an installation changed. A new installation isn't
// recorded, unless the account had another one.
func recordInstallationHistory(ctx context.Context, q *sqlcgen.Queries, accountID, gitHubID int64, before sqlcgen.GetInstallationStateRow, known bool, now int64) error {
	if !known {
		had, err := q.HadInstallation(ctx, accountID)
		if err != nil {
			return fmt.Errorf("db: look for installations: %w", err)
		}
		if !had {
			return nil
		}
		return recordHistory(ctx, q, now, historyEntry{account: accountID, change: Reinstalled})
	}
	is, err := q.GetInstallationState(ctx, gitHubID)
	if err != nil {
		return fmt.Errorf("db: read installation: %w", err)
	}
	for _, difference := range []struct {
		there  bool
		change Change
	}{
		{before.SuspendedAt == 0 && is.SuspendedAt > 0, Suspended},
		{before.SuspendedAt > 0 && is.SuspendedAt == 0, Unsuspended},
		{before.Permissions != is.Permissions, PermissionsChanged},
		{before.RepositorySelection != is.RepositorySelection, SelectionChanged},
	} {
		if !difference.there {
			continue
		}
		if err := recordHistory(ctx, q, now, historyEntry{account: accountID, change: difference.change}); err != nil {
			return err
		}
	}
	return nil
}
