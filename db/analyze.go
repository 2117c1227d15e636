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

// analyzeAfter refreshes the planner's statistics after a sync that added rows:
// with those of an empty table PostgreSQL takes half a second for a page that needs
// a millisecond. It costs the same however many rows are stored: SQLite looks at a
// thousand of each index, PostgreSQL at a sample, and both not at every sync.
func (d *DB) analyzeAfter(ctx context.Context, target SyncTarget, run sqlcgen.SyncRun) error {
	now, err := d.read.GetSyncTarget(ctx, target.RecordID)
	if err != nil {
		return fmt.Errorf("db: read sync target: %w", err)
	}
	before := target.repositories
	if run.Reading > 0 {
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
	conn, err := d.writer.Conn(ctx)
	if err != nil {
		return fmt.Errorf("db: analyze: %w", err)
	}
	defer conn.Close()
	statements := []string{"ANALYZE repositories", "ANALYZE access", "ANALYZE imports"}
	if d.dialect == sqlite {
		// https://sqlite.org/lang_analyze.html#approx
		statements = append([]string{"PRAGMA analysis_limit = 1000"}, statements...)
	}
	for _, statement := range statements {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("db: analyze: %w", err)
		}
	}
	return nil
}
