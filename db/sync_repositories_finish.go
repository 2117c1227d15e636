package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"neptun/db/sqlcgen"
)

// CountUnseenRepositories counts the repositories that the user still has through
// the record but that a finished run did not see.
func (d *DB) CountUnseenRepositories(ctx context.Context, target SyncTarget, run int64) (int64, error) {
	at, err := d.read.GetRun(ctx, run)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("db: read run: %w", err)
	}
	n, err := d.read.CountUnseenAccess(ctx, sqlcgen.CountUnseenAccessParams{
		UserID: target.UserID, AccountID: target.accountID, Generation: generation(run, 0), Since: generation(run, at.WholePass),
	})
	if err != nil {
		return 0, fmt.Errorf("db: count unseen: %w", err)
	}
	return n, nil
}

// FinishRepositoriesSync finishes a run that saw the whole list. With removeUnseen,
// the user loses access to repositories that none of its passes saw; their imports
// are hidden, not deleted. If another worker has already finished the run, nothing
// changes.
func (d *DB) FinishRepositoriesSync(ctx context.Context, target SyncTarget, run int64, removeUnseen bool) error {
	var ended sqlcgen.SyncRun
	err := d.fencedWriteTx(ctx, func(tx *sql.Tx, q *sqlcgen.Queries) (err error) {
		ended, err = q.GetRun(ctx, run)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("db: read run: %w", err)
		}
		now := millis(d.now())
		// First, since it locks the run against another worker.
		if finished, err := finishRun(ctx, q, run, runDone, "", now); err != nil || !finished {
			return err
		}
		if err := recordSyncHistory(ctx, q, target, ended, removeUnseen, now); err != nil {
			return err
		}
		if removeUnseen {
			if _, err := q.DeleteUnseenAccess(ctx, sqlcgen.DeleteUnseenAccessParams{
				UserID: target.UserID, AccountID: target.accountID, Generation: generation(run, 0), Since: generation(run, ended.WholePass),
			}); err != nil {
				return fmt.Errorf("db: remove access: %w", err)
			}
			if err := q.HideImportsOfAccount(ctx, sqlcgen.HideImportsOfAccountParams{Now: now, UserID: target.UserID, AccountID: target.accountID}); err != nil {
				return fmt.Errorf("db: hide imports: %w", err)
			}
		}
		if err := q.ShowImportsOfAccount(ctx, sqlcgen.ShowImportsOfAccountParams{UserID: target.UserID, AccountID: target.accountID}); err != nil {
			return fmt.Errorf("db: show imports: %w", err)
		}
		if _, err := importAutomatically(ctx, tx, q, target.accountID, target.UserID, everyRepository, now); err != nil {
			return err
		}
		if err := recount(ctx, q, target.accountID, target.UserID, now); err != nil {
			return err
		}
		if err := q.SetRecordSynced(ctx, sqlcgen.SetRecordSyncedParams{Now: now, ID: target.RecordID}); err != nil {
			return fmt.Errorf("db: record sync: %w", err)
		}
		// Pages that the list no longer has.
		latest := generation(run, ended.Pass)
		if err := q.DeletePagesBefore(ctx, sqlcgen.DeletePagesBeforeParams{RecordID: target.RecordID, Generation: latest}); err != nil {
			return fmt.Errorf("db: forget pages: %w", err)
		}
		return nil
	})
	if err != nil || ended.ID == 0 {
		return err
	}
	return d.analyzeAfter(ctx, target, ended)
}
