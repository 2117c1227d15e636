package db

import (
	"context"
	"fmt"
	"time"

	"neptun/db/sqlcgen"
)

const (
	// worthAnalyzing is how many new rows make statistics worth the time.
	worthAnalyzing = 50
	// analyzeEvery is how often statistics are refreshed at most.
	analyzeEvery = 5 * time.Minute
)

// analyzeAfter refreshes PostgreSQL's statistics after a sync that added rows, and
// not after each of them: with those of an empty table it takes half a second for a
// page that needs a millisecond, until autovacuum notices.
//
// SQLite has none. Without them it takes the index that a query's conditions name,
// however much others store; with those of a young database it reads whole tables
// once there are others in it.
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
	mine, err := d.write.ClaimAnalysis(ctx, sqlcgen.ClaimAnalysisParams{Now: millis(at), Before: millis(at.Add(-analyzeEvery))})
	if err != nil {
		return fmt.Errorf("db: analyze: %w", err)
	}
	if mine == 0 {
		return nil
	}
	for _, table := range []string{"repositories", "access", "imports"} {
		if _, err := d.writer.ExecContext(ctx, "ANALYZE "+table); err != nil {
			return fmt.Errorf("db: analyze: %w", err)
		}
	}
	return nil
}
