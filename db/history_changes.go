package db

import (
	"context"
	"fmt"

	"neptun/db/sqlcgen"
)

// tellSync tells what a sync brought a user and is about to take from them.
func tellSync(ctx context.Context, q *sqlcgen.Queries, target SyncTarget, run sqlcgen.SyncRun, removeUnseen bool, now int64) error {
	appeared := note{account: target.accountID, user: target.UserID, change: Added}
	var err error
	if appeared.count, err = q.CountUntoldAccess(ctx, target.RecordID); err != nil {
		return fmt.Errorf("db: count news: %w", err)
	}
	if appeared.count > 0 {
		ids, err := q.ListUntoldAccess(ctx, sqlcgen.ListUntoldAccessParams{RecordID: target.RecordID, Most: historyNames})
		if err != nil {
			return fmt.Errorf("db: list news: %w", err)
		}
		appeared.name(ids)
	}
	if err := q.SetTold(ctx, sqlcgen.SetToldParams{Mark: mark(run.ID, marksPerRun-1), ID: target.RecordID}); err != nil {
		return fmt.Errorf("db: note what is told: %w", err)
	}
	disappeared := note{account: target.accountID, user: target.UserID, change: AccessLost}
	if removeUnseen {
		before, since := mark(run.ID, 0), mark(run.ID, run.WholePass)
		if disappeared.count, err = q.CountUnseenAccess(ctx, sqlcgen.CountUnseenAccessParams{
			UserID: target.UserID, AccountID: target.accountID, Run: before, Since: since,
		}); err != nil {
			return fmt.Errorf("db: count unseen: %w", err)
		}
		ids, err := q.ListUnseenAccess(ctx, sqlcgen.ListUnseenAccessParams{
			UserID: target.UserID, AccountID: target.accountID, Run: before, Since: since, Most: historyNames,
		})
		if err != nil {
			return fmt.Errorf("db: list unseen: %w", err)
		}
		disappeared.name(ids)
	}
	for _, n := range []note{appeared, disappeared} {
		if n.count == 0 {
			continue
		}
		if err := tell(ctx, q, now, n); err != nil {
			return err
		}
	}
	return nil
}

// name has a note name the first of the repositories.
func (n *note) name(ids []int64) {
	n.formerly = map[int64]string{}
	for _, id := range ids[:min(len(ids), historyNames)] {
		n.formerly[id] = ""
	}
}

// repositoryNotes tell how repositories differ from what they were. They concern
// whoever sees one of them.
func repositoryNotes(before []sqlcgen.ListRepositoryChangesRow, after map[int64]repositoryRow) []note {
	type kind struct {
		account int64
		change  Change
	}
	var order []kind
	notes := map[kind]*note{}
	add := func(account, id int64, change Change, formerly string) {
		of := kind{account, change}
		if notes[of] == nil {
			order = append(order, of)
			notes[of] = &note{account: account, user: everybody, change: change, formerly: map[int64]string{}}
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
	list := make([]note, 0, len(order))
	for _, of := range order {
		list = append(list, *notes[of])
	}
	return list
}

// tellInstallation tells how an installation differs from what it was. One that
// nobody had seen before is nothing new, but for an account that had another.
func tellInstallation(ctx context.Context, q *sqlcgen.Queries, accountID, gitHubID int64, before sqlcgen.GetInstallationStateRow, known bool, now int64) error {
	if !known {
		had, err := q.HadInstallation(ctx, accountID)
		if err != nil {
			return fmt.Errorf("db: look for installations: %w", err)
		}
		if !had {
			return nil
		}
		return tell(ctx, q, now, note{account: accountID, change: Reinstalled})
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
		if err := tell(ctx, q, now, note{account: accountID, change: difference.change}); err != nil {
			return err
		}
	}
	return nil
}
