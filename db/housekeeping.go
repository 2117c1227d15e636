package db

import (
	"context"
	"fmt"
	"time"

	"neptun/db/sqlcgen"
)

// How long invisible data is kept.
const (
	keepHiddenImports   = 180 * 24 * time.Hour
	keepFinishedRuns    = 30 * 24 * time.Hour
	keepSettledRequests = 30 * 24 * time.Hour
	keepHistory         = 90 * 24 * time.Hour
	keepExpiredTokens   = 30 * 24 * time.Hour
	keepChanges         = 7 * 24 * time.Hour // longer than any sync waits
	// GitHub lists deliveries for some days. Those that it lists must still be recorded.
	keepDeliveries = 30 * 24 * time.Hour
)

// CleanUpDatabase is the periodic job that deletes expired data.
type CleanUpDatabase struct{}

// Kind implements jobs.Args.
func (CleanUpDatabase) Kind() string { return "clean_up" }

// CleanUp deletes expired data: sessions and tokens, old runs, imports hidden for half a
// year. It may run on several instances at once.
func (d *DB) CleanUp(ctx context.Context) error {
	now := d.now()
	for _, step := range []func() (int64, error){
		func() (int64, error) { return d.write.DeleteExpiredSessions(ctx, millis(now)) },
		func() (int64, error) { return d.write.DeleteExpiredAccessTokens(ctx, millis(now)) },
		func() (int64, error) { return d.write.DeleteExpiredAbandonedTokens(ctx, millis(now)) },
		func() (int64, error) { return d.write.DeleteOldAPITokens(ctx, millis(now.Add(-keepExpiredTokens))) },
		func() (int64, error) { return d.write.DeleteOldRuns(ctx, millis(now.Add(-keepFinishedRuns))) },
		func() (int64, error) {
			return d.write.DeleteOldInstallRequests(ctx, millis(now.Add(-keepSettledRequests)))
		},
		func() (int64, error) { return d.write.DeleteOldDeliveries(ctx, millis(now.Add(-keepDeliveries))) },
		func() (int64, error) { return d.write.DeleteOldActions(ctx, millis(now.Add(-keepHistory))) },
		func() (int64, error) { return d.write.DeleteOldActionImports(ctx, millis(now.Add(-undoFor))) },
		func() (int64, error) { return d.write.DeleteOldRemovedImports(ctx, millis(now.Add(-undoFor))) },
		func() (int64, error) { return d.write.DeleteOldBulkActions(ctx, millis(now.Add(-keepBulkActions))) },
		func() (int64, error) { return d.write.DeleteOldHistory(ctx, millis(now.Add(-keepHistory))) },
		func() (int64, error) { return d.write.DeleteOldChanges(ctx, millis(now.Add(-keepChanges))) },
		func() (int64, error) { return d.write.PurgeImports(ctx, millis(now.Add(-keepHiddenImports))) },
		func() (int64, error) {
			if d.auditRetention == 0 {
				return 0, nil
			}
			return d.write.DeleteOldAudit(ctx, millis(now.Add(-d.auditRetention)))
		},
		func() (int64, error) { return d.deleteUnusedRepositories(ctx) },
	} {
		if _, err := step(); err != nil {
			return fmt.Errorf("db: clean up: %w", err)
		}
	}
	return nil
}

// Each search for unused repositories reads this many at a time, this many times. The next
// search continues after them.
const (
	unusedBatch   = 1000
	unusedBatches = 10
)

// deleteUnusedRepositories deletes repositories that no user sees or has imported, some time
// after the last user lost access: deleted on GitHub, removed from the installation, or of an app that
// was uninstalled. It reads a bounded part of them, so that its cost doesn't grow with their
// number.
func (d *DB) deleteUnusedRepositories(ctx context.Context) (deleted int64, err error) {
	for range unusedBatches {
		uses, err := d.read.ListUses(ctx, sqlcgen.ListUsesParams{After: d.lookedForUnused.Load(), RowLimit: unusedBatch})
		if err != nil {
			return deleted, err
		}
		var unused []int64
		for _, repository := range uses {
			if !repository.Used {
				unused = append(unused, repository.ID)
			}
		}
		if len(unused) > 0 {
			n, err := d.write.DeleteUnusedRepositories(ctx, idsJSON(unused))
			if err != nil {
				return deleted, err
			}
			deleted += n
		}
		if len(uses) < unusedBatch {
			d.lookedForUnused.Store(0)
			break
		}
		d.lookedForUnused.Store(uses[len(uses)-1].ID)
	}
	return deleted, nil
}
