package db

import (
	"context"
	"fmt"
	"time"

	"neptun/db/sqlcgen"
)

const (
	// worthAnalyzing is how many new rows make it worth refreshing the statistics.
	worthAnalyzing = 50
	// analyzeEvery is the minimum interval between refreshes.
	analyzeEvery = 5 * time.Minute
)

// analyzeAfter refreshes PostgreSQL's statistics after a sync that added rows, but not
// after each one. Until autovacuum runs, the statistics are those of an empty table, and a
// page that needs a millisecond takes half a second.
//
// SQLite has no statistics. Without them it uses the index that a query's conditions name,
// however much others store; with those of a young database it would read whole tables
// when they grow.
func (d *DB) analyzeAfter(ctx context.Context, target SyncTarget, run sqlcgen.SyncRun) error {
	if d.dialect == sqlite {
		return nil
	}
	now, err := d.read.GetSyncTarget(ctx, target.RecordID)
	if err != nil {
		return fmt.Errorf("db: read sync target: %w", err)
	}
	before := target.repositories
	if run.Pass > 0 {
		before = run.KnownBefore // an earlier worker of this run may have added some
	}
	if now.RepositoryCount-before < worthAnalyzing {
		return nil
	}
	at := d.now()
	claimed, err := d.write.ClaimAnalysis(ctx, sqlcgen.ClaimAnalysisParams{Now: millis(at), Before: millis(at.Add(-analyzeEvery))})
	if err != nil {
		return fmt.Errorf("db: analyze: %w", err)
	}
	if claimed == 0 {
		return nil
	}
	for _, table := range []string{"repositories", "access", "imports"} {
		if _, err := d.writer.ExecContext(ctx, "ANALYZE "+table); err != nil {
			return fmt.Errorf("db: analyze: %w", err)
		}
	}
	return nil
}
